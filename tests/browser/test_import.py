"""HR in a real browser: branches and staff from files, the faulty rows out and in again, the result in the people's list."""

import openpyxl
import pytest

from academy.models import ImportRun, Posting, Role, User
from tests.academy.importing.files import BRANCHES, HEADINGS, STAFF, text_file
from tests.cast import bank, person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, serialized_rollback=True)]


@pytest.mark.parametrize(("language", "width"), [("zh-hans", 1280), ("en", 360)])
def test_from_two_files_to_the_people_of_a_branch(walk, tmp_path, language, width):
    person("300001", "苏映雪", bank()["HO"], roles=[Role.HR], language=language)
    hr = walk(width=width, height=1000)
    page = hr.page
    hr.sign_in("300001", then="/cms/imports/")
    hr.check("imports", "main")

    # Branches: upload, columns, check, confirm.
    _send(page, "branches", text_file(tmp_path, BRANCHES.replace("HQ", "HO"), "branches.csv"))
    hr.check("columns", "main")
    page.click("main form button[type=submit] >> nth=0")
    page.click("form[action$='/confirm/'] button")
    page.wait_for_selector("text=SHA-256")
    hr.check("result", "main")
    assert ImportRun.objects.get(kind="branches").state == ImportRun.State.DONE

    # Staff: two rows are wrong, go out as a workbook, are corrected there and sent again.
    page.goto(hr.url + "/cms/imports/")
    wrong = (
        STAFF.replace("HQ", "HO")
        + "000120,Aygül Tursun,NO-SUCH,主管,,2012-05-01,,是\n000121,,BJ,柜员,,2021-13-01,,是\n"
    )
    _send(page, "staff", text_file(tmp_path, wrong, "staff.csv", "utf-16"))
    page.click("main form button[type=submit] >> nth=0")
    page.wait_for_selector("text=NO-SUCH")
    hr.check("dry run with errors", "main")
    assert not User.objects.filter(staff_number="000101").exists()
    with page.expect_download() as download:
        page.click("a[href$='errors.xlsx']")
    corrected = tmp_path / "corrected.xlsx"
    download.value.save_as(corrected)
    book = openpyxl.load_workbook(corrected)
    sheet = book.active
    assert [cell.value for cell in sheet[1]][: len(HEADINGS.split(","))] == HEADINGS.split(",")
    assert sheet["A2"].value == "000120" and "NO-SUCH" in sheet["I2"].value
    sheet["C2"], sheet["B3"], sheet["F3"] = "XJ-UR-002", "张三", "2021-12-01"
    book.save(corrected)
    page.set_input_files("[name=file]", str(corrected))
    page.click("form[action$='/corrected/'] button")
    page.wait_for_selector("form[action$='/confirm/'] button")
    hr.check("dry run", "main")
    page.check("[name=new_names]")
    page.click("form[action$='/confirm/'] button")
    page.wait_for_selector("text=SHA-256")

    # The same answer in the list of people and on the person's page.
    page.goto(hr.url + "/cms/users/?q=000120")
    page.click("text=Aygül Tursun")
    page.wait_for_selector("text=天山网点 >> nth=0")
    assert Posting.objects.get(person__staff_number="000102").manager.staff_number == "000110"
    assert User.objects.get(staff_number="000121").display_name == "张三"
    assert hr.found == []


def _send(page, kind: str, path) -> None:
    page.click(f"a[href$='/imports/new/{kind}/']")
    page.set_input_files("[name=file]", str(path))
    page.click("main form button[type=submit] >> nth=0")
    page.wait_for_selector("select[name=column-0]")
