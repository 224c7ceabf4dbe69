"""The import in the admin: what HR sees, corrects and confirms; whose it is; and what it costs."""

import io
import re

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from academy.calendar.clock import LEASE, end_lease, take_lease
from academy.importing import runs
from academy.importing.writing import LEASE_NAME
from academy.jobs.carrying import carry_out, resume_jobs
from academy.models import ImportRun, Job, Notice, Position, Posting, User
from tests.academy.importing.files import HEADINGS
from tests.academy.importing.screens import BAD, GOOD, CommittingClient, address, check, staff, upload
from tests.cast import person

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def client():
    return CommittingClient()


INDEX, RUN = 8, 11


def test_from_upload_to_result(client, hr):
    run = check(client, staff(GOOD, "000202,李四,SH01,柜员,,2020-01-01,000201,是"))

    assert run.state == ImportRun.State.CHECKED and not User.objects.filter(staff_number="000201").exists()
    page = client.get(address(run)).content.decode()
    assert "张三" in page and "李四" in page and "确认写入" in page

    client.post(address(run, "confirm/"), {"new_names": "1"})

    run.refresh_from_db()
    assert run.state == ImportRun.State.DONE and run.counts["new"] == 2
    assert Posting.objects.get(person__staff_number="000202").manager.staff_number == "000201"
    written = client.get(address(run)).content.decode()
    assert "已写入" in written and all(one in written for one in ("000201", "张三", "000202", "李四"))
    assert Notice.objects.filter(person=hr, kind="import_done").count() == 1
    assert "名单.csv" in client.get("/cms/imports/").content.decode()


def test_what_a_check_says_is_read_in_each_language(client, hr, branches):
    moved = person("000203", "王五", branches["SH01"])
    run = check(client, staff(BAD, f"{moved.staff_number},王五,BJ01,柜员,,2020-01-01,,是"))
    pages = {
        (language, tab): client.get(f"{address(run)}?tab={tab}", headers={"accept-language": language}).content.decode()
        for language in ("en", "zh-hans")
        for tab in ("error", "changed")
    }
    table = client.get(address(run, "errors.csv"), headers={"accept-language": "en"}).getvalue().decode("utf-8-sig")

    assert "There is no branch NO-SUCH." in pages["en", "error"] and "没有机构" not in pages["en", "error"]
    assert "没有机构 NO-SUCH" in pages["zh-hans", "error"] and "There is no branch" in table
    assert (
        "<strong>Branch</strong>" in pages["en", "changed"] and "<strong>机构</strong>" in pages["zh-hans", "changed"]
    )


def test_new_positions_are_named_with_the_nearest_and_must_be_confirmed(client, hr):
    Position.objects.create(code="corporate", name="公司客户经理", line="corporate")
    run = check(client, staff(GOOD.replace("柜员", "对公客户经理")))

    page = client.get(address(run)).content.decode()
    assert "对公客户经理" in page and "是否应为“公司客户经理”？" in page

    client.post(address(run, "confirm/"))
    run.refresh_from_db()
    assert run.state == ImportRun.State.CHECKED
    client.post(address(run, "confirm/"), {"new_names": "1"})
    assert Position.objects.filter(name="对公客户经理").exists()


def test_rows_with_errors_go_out_are_corrected_and_come_back(client, hr):
    run = check(client, staff(GOOD, BAD, "000203,,BJ01,柜员,,2021-13-01,,是"))

    page = client.get(address(run)).content.decode()
    # What is wrong, and whose row it is.
    assert page.count("NO-SUCH") >= 1 and re.search(r"<td[^>]*>000202</td>", page)
    client.post(address(run, "confirm/"), {"new_names": "1"})
    run.refresh_from_db()
    assert run.state == ImportRun.State.CHECKED and not User.objects.filter(staff_number="000201").exists()

    book = openpyxl.load_workbook(io.BytesIO(client.get(address(run, "errors.xlsx")).content))
    rows = [list(row) for row in book.active.iter_rows(values_only=True)]
    assert rows[0] == [*HEADINGS.split(","), "错误说明"]
    assert [row[0] for row in rows[1:]] == ["000202", "000203"] and "NO-SUCH" in rows[1][-1]
    rows[1][2], rows[2][1], rows[2][5] = "SH01", "王五", "2021-12-01"
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    corrected = io.BytesIO()
    book.save(corrected)
    client.post(address(run, "corrected/"), {"file": SimpleUploadedFile("again.xlsx", corrected.getvalue())})

    run.refresh_from_db()
    assert (run.state, run.part, run.counts["new"], run.counts["errors"]) == ("checked", 2, 3, 0)
    client.post(address(run, "confirm/"), {"new_names": "1"})
    assert set(User.objects.filter(staff_number__startswith="0002").values_list("display_name", flat=True)) == {
        "张三",
        "李四",
        "王五",
    }


def test_a_correction_that_is_wrong_again_is_sent_again(client, hr):
    run = check(client, staff(GOOD, BAD))
    client.post(
        address(run, "corrected/"),
        {"file": SimpleUploadedFile("a.csv", staff(BAD.replace("NO-SUCH", "ALSO-NOT")).encode())},
    )
    run.refresh_from_db()
    assert run.counts["errors"] == 1

    text = client.get(address(run, "errors.csv")).content.decode("utf-8-sig")
    client.post(
        address(run, "corrected/"), {"file": SimpleUploadedFile("b.csv", text.replace(",ALSO-NOT,", ",SH01,").encode())}
    )

    run.refresh_from_db()
    assert (run.part, run.counts["errors"], run.counts["new"]) == (3, 0, 2)


def test_a_correction_says_its_own_encoding_and_must_have_the_columns(client, hr):
    place = upload(client, staff(GOOD, BAD).encode("gb18030"))["Location"]
    client.post(place, {"encoding": "gb18030"})
    page = client.get(place).content.decode()
    chosen = re.findall(r'<select name="(column-\d+)".*?(?:<option value="([^"]*)" selected>|</select>)', page, re.S)
    client.post(place, dict(chosen))
    run = ImportRun.objects.get()

    client.post(address(run, "corrected/"), {"file": SimpleUploadedFile("a.csv", "姓名\n李四\n".encode())})
    run.refresh_from_db()
    assert (run.state, run.part) == ("checked", 1)
    client.post(
        address(run, "corrected/"),
        {"file": SimpleUploadedFile("a.csv", staff(BAD.replace("NO-SUCH", "SH01")).encode())},
    )

    run.refresh_from_db()
    assert (run.part, run.counts["errors"], run.counts["new"]) == (2, 0, 2)


def test_a_row_left_out_of_the_correction_is_left_out(client, hr):
    run = check(client, staff(GOOD, BAD))

    client.post(address(run, "corrected/"), {"file": SimpleUploadedFile("a.csv", (HEADINGS + "\n").encode())})

    run.refresh_from_db()
    assert (run.counts["errors"], run.counts["new"]) == (0, 1)


@pytest.mark.parametrize(
    ("kind", "text", "said"),
    [
        # What is wrong with the row follows from the others, or from what stands.
        ("branches", "机构代码,机构名称,上级机构代码,级别\nBJ-9,亚运村支行,NOPE99,支行\n", ["BJ-9", "亚运村支行"]),
        ("leave", "工号,姓名,类型,开始日期,结束日期\n000300,赵六,病假,2026-03-01,2026-02-01\n", ["000300", "赵六"]),
    ],
)
def test_a_row_with_a_fault_says_whose_it_is(client, hr, branches, kind, text, said):
    person("000300", "赵六", branches["BJ01"])

    page = client.get(address(check(client, text, kind))).content.decode()

    assert re.findall(r'<td class="academy-whole">(.*?)</td>', page) == said


def test_what_stands_in_a_column_of_passwords_is_not_shown(client, hr):
    place = upload(client, "工号,姓名,password,新密码\n000201,张三,verysecret,秘密123\n")["Location"]

    page = client.get(place).content.decode()

    assert "张三" in page and "verysecret" not in page and "秘密123" not in page


def test_columns_of_unknown_names_are_mapped_by_hand_and_kept_for_the_next_file(client, hr):
    text = "编码甲,姓名,机构代码,岗位,入职日期,血型\n000201,张三,BJ01,柜员,2020-01-01,A\n"
    first = upload(client, text)["Location"]
    refused = client.post(first, {"column-1": "name"})
    assert refused.status_code == 200 and "文件缺少以下列" in refused.content.decode()

    client.post(
        first,
        {"column-0": "number", "column-1": "name", "column-2": "branch", "column-3": "position", "column-4": "hired"},
    )

    assert ImportRun.objects.get().counts["new"] == 1
    second = client.get(upload(client, text)["Location"]).content.decode()
    assert re.search(r'name="column-0".*?<option value="number" selected>', second, re.S)
    assert re.search(r'name="column-5".*?<option value="">', second, re.S)


def test_an_encoding_is_chosen_on_the_page(client, hr):
    place = upload(client, staff(GOOD).encode("gb18030"))["Location"]

    page = client.get(place).content.decode()
    # There is one that fits, and so nothing to choose.
    assert "按 gb18030 编码读取文件" in page and "<select" not in page
    client.post(place, {"encoding": "gb18030"})

    assert "张三" in client.get(place).content.decode()


def test_what_is_no_list_is_refused_with_its_reason(client, hr):
    response = upload(client, b"\xd0\xcf\x11\xe0old", name="list.xls")

    assert response.status_code == 200 and "XLSX" in response.content.decode()
    assert not ImportRun.objects.exists()


def test_two_people_at_once_the_second_is_told(client, hr):
    run = check(client, staff(GOOD))
    assert take_lease(LEASE_NAME, now=timezone.now())

    client.post(address(run, "confirm/"), {"new_names": "1"})

    run.refresh_from_db()
    # It waits for its turn, with no hand of anybody.
    assert run.state == ImportRun.State.WRITING and "另一项导入" in run.job.problem
    assert not User.objects.filter(staff_number="000201").exists()
    end_lease(LEASE_NAME, now=timezone.now())
    Job.objects.update(next_try_at=timezone.now(), woken_at=timezone.now())
    carry_out(job_id=run.job_id)
    run.refresh_from_db()
    assert run.state == ImportRun.State.DONE

    other = ImportRun.objects.create(
        kind="staff", file_name="other.csv", size=1, digest="x", started_by=hr, state="writing"
    )
    late = ImportRun(state="checked", counts={"new": 1})
    assert "other.csv" in str(runs.confirm_refusal(late)) and other.started_by.display_name in str(
        runs.confirm_refusal(late)
    )


def test_what_was_imported_since_the_check_leads_to_a_new_check(client, hr):
    run = check(client, staff(GOOD))
    ImportRun.objects.create(
        kind="staff", file_name="other.csv", size=1, digest="x", started_by=hr, state="done", finished_at=timezone.now()
    )

    client.post(address(run, "confirm/"), {"new_names": "1"})
    run.refresh_from_db()
    assert run.state == ImportRun.State.CHECKED
    client.post(address(run, "confirm/"), {"new_names": "1"})

    run.refresh_from_db()
    assert run.state == ImportRun.State.DONE


def test_a_killed_write_goes_on_where_it_stopped(client, hr, monkeypatch):
    monkeypatch.setattr("academy.importing.checking.CHUNK", 1)
    run = check(client, staff(*[f"0003{n:02},甲,BJ01,柜员,,2020-01-01,,是" for n in range(5)]))
    calls = []
    from academy.importing.kinds.staff import StaffFile

    original = StaffFile.write

    def killed(self, step, items):
        calls.append(step)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return original(self, step, items)

    monkeypatch.setattr("academy.importing.writing.chunks", lambda items: ([item] for item in items))
    monkeypatch.setattr(StaffFile, "write", killed)
    with pytest.raises(KeyboardInterrupt):
        client.post(address(run, "confirm/"), {"new_names": "1"})
    run.refresh_from_db()
    assert run.state == ImportRun.State.WRITING and User.objects.filter(staff_number__startswith="0003").count() == 1

    monkeypatch.setattr(StaffFile, "write", original)
    # As a worker leaves it that had no time to give its work back.
    Job.objects.update(state="running", holder="gone", leased_until=timezone.now() + LEASE / 2)
    assert resume_jobs(now=timezone.now()) == 0
    Job.objects.update(leased_until=timezone.now())
    assert resume_jobs(now=timezone.now()) == 1
    carry_out(job_id=run.job_id)

    run.refresh_from_db()
    assert run.state == ImportRun.State.DONE
    assert Posting.objects.filter(person__staff_number__startswith="0003").count() == 5


def test_many_leavers_are_asked_back(client, hr, branches):
    for number in range(25):
        person(f"0009{number:02}", "谢长宁", branches["BJ01"])
    run = check(client, staff("300001,苏映雪,HO,零售客户经理,,,,是"), complete="on")
    assert run.counts["left"] == 25

    client.post(address(run, "confirm/"), {"new_names": "1"})
    run.refresh_from_db()
    assert run.state == ImportRun.State.CHECKED
    client.post(address(run, "confirm/"), {"leavers": "25", "new_names": "1"})

    run.refresh_from_db()
    assert run.state == ImportRun.State.DONE
    assert not Posting.objects.current().filter(person__staff_number__startswith="0009", effective_until=None).exists()


def test_a_complete_file_names_whoever_imports_it(client, hr):
    run = check(client, staff(GOOD), complete="on")

    assert run.counts["errors"] == 1 and run.counts["left"] == 0


def test_given_up_and_templates(client, hr):
    run = check(client, staff(GOOD))
    folder = runs.folder_of(run)
    assert folder.exists()

    client.post(address(run, "cancel/"))

    run.refresh_from_db()
    assert run.state == ImportRun.State.CANCELLED and not folder.exists()
    page = client.get(address(run)).content.decode()
    assert "已放弃" in page and "已完成" not in page
    for kind in runs.kinds_for(hr, timezone.localdate()):
        book = openpyxl.load_workbook(io.BytesIO(client.get(f"/cms/imports/template/{kind.code}.xlsx").content))
        assert book.active["A1"].value == kind.columns[0].headings[0]
        assert book.active["A2"].value.startswith("示例")
    User.objects.filter(pk=hr.pk).update(language="en")
    english = client.get("/cms/imports/template/staff.xlsx").content
    headings = [cell.value for cell in openpyxl.load_workbook(io.BytesIO(english)).active[1]]
    assert headings[:4] == ["Staff number", "Name", "Branch code", "Position"]
    assert all(str(heading).isascii() for heading in headings)
    ImportRun.objects.all().delete()
    kept = ImportRun.objects.get(uuid=upload(client, english, name="staff.xlsx")["Location"].split("/")[-2])
    assert kept.state == ImportRun.State.COLUMNS
    assert client.get("/cms/imports/new/no-such/").status_code == 404


def cost(client, place: str) -> int:
    assert client.get(place).status_code == 200
    with CaptureQueriesContext(
        connection,
    ) as captured:
        client.get(place)
    return len(captured)


def test_the_screens_cost_the_same_for_one_row_and_for_three(client, hr):
    found = []
    for count in (1, 3):
        ImportRun.objects.all().delete()
        run = check(client, staff(*[f"0003{n:02},甲,BJ01,柜员,,2020-01-01,,是" for n in range(count)]))
        for number in range(count - 1):
            ImportRun.objects.create(
                kind="staff", file_name=f"{number}.csv", size=1, digest="x", started_by=hr, state="done"
            )
        found.append((cost(client, "/cms/imports/"), cost(client, address(run))))

    assert found == [(INDEX, RUN), (INDEX, RUN)]
