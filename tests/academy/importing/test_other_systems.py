"""Lists as other systems write them: their headings, their days, their titles and sums; what they leave open is asked."""

import os
from datetime import date
from pathlib import Path

import pytest
from django.utils.html import strip_tags

from academy.importing.columns import recognise
from academy.importing.faults import AmbiguousDay, CellFault
from academy.importing.kinds import FILE_KINDS
from academy.importing.reading import Source
from academy.importing.values import day, last_day
from academy.models import Employment, ImportRun, Posting, Role, User
from tests.academy.importing.files import BRANCHES, text_file, workbook
from tests.academy.importing.test_screens import CommittingClient, upload
from tests.academy.importing.test_staff import run
from tests.cast import bank, person, position

HANDED = Path(os.environ.get("ACADEMY_FIXTURES", "/nonexistent")) / "handed"
WORKDAY = """Employee ID,Legal First Name,Legal Last Name,Cost Center,Business Title,Primary Work Email,Original Hire Date
000301,Ann,Lee,BJ01,Client Manager,ann@bank.example,03/15/2024
000302,海燕,欧阳,BJ01,Client Manager,,03/04/2024
"""
MOODLE = """username,password,firstname,lastname,email,course1,suspended
000401,very-secret,Tom,Jones,tom@bank.example,math102,0
"""
ROSTER = [
    ["上海分行员工花名册", None, None, None, None],
    ["制表日期：2026-11-28", None, None, None, None],
    ["序号", "工号", "姓名", "机构代码", "职务名称"],
    [1, "000501", "甲九", "BJ01", "客户经理"],
    [2, "000502", "甲十", "BJ01", "客户经理"],
    ["小计", "=COUNTA(B4:B5)", None, None, None],
    ["上海分行员工花名册", None, None, None, None],
    ["序号", "工号", "姓名", "机构代码", "职务名称"],
    [3, "000503", "合计达", "BJ01", "客户经理"],
    ["合计：3人", None, None, None, None],
    ["制表人：张三", None, "审核人：李四", None, None],
]


def keys_of(folder, headings: str) -> list[str]:
    with Source(text_file(folder, headings + "\n")) as source:
        return recognise(source, FILE_KINDS["staff"].columns).keys


@pytest.mark.parametrize(
    ("headings", "keys"),
    [
        ("人员编码,姓名,部门编码,职务名称,到岗日期", "number name branch position posted"),
        ("职员代码,职员名称,部门代码,职位名称,入职日期", "number name branch position hired"),
        ("Employee ID,First Name,Last Name,Job Title", "number given family position"),
        ("username,firstname,lastname,email,profile_field_position", "number given family email position"),
        ("工号,姓,名,所属组织编码,任职开始日期", "number family given branch posted"),
        ("Person Number,Legal Name,Business Title,Manager's Employee ID", "number name position manager"),
    ],
)
def test_headings_of_other_systems_are_recognised(tmp_path, headings, keys):
    assert " ".join(keys_of(tmp_path, headings)) == keys


def test_the_order_of_day_and_month_is_never_guessed():
    assert day("03/15/2024") == day("15.03.2024") == day("3/15/2024 12:00 AM") == date(2024, 3, 15)
    assert day("15-Mar-2024") == day("March 15, 2024") == day("15 march 2024") == date(2024, 3, 15)
    assert day("03/04/2024", "day") == date(2024, 4, 3) and day("03-04-2024", "month") == date(2024, 3, 4)
    assert day("04/04/2024") == date(2024, 4, 4)
    assert last_day("31/12/9999") is None
    with pytest.raises(AmbiguousDay) as caught:
        day("03/04/2024")
    assert "2024-04-03" in caught.value.message and "2024-03-04" in caught.value.message
    with pytest.raises(CellFault) as caught:
        day("03/15/2024", "day")
    assert "2024-03-15" in caught.value.message
    for impossible in ("13/14/2024", "00/04/2024", "31/02/2024", "3/4/24", "31-Feb-2024"):
        with pytest.raises(CellFault):
            day(impossible)


@pytest.mark.django_db
@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_titles_sums_and_signatures_are_left_out_and_said(tmp_path, form, capsys):
    bank()
    if form == "xlsx":
        path = workbook(tmp_path, ROSTER)
    else:
        path = text_file(tmp_path, "\n".join(",".join("" if c is None else str(c) for c in row) for row in ROSTER))

    answer = run("import_staff", path, for_new=["hired=2024-05-06"])

    assert (answer["rows"], answer["created"], answer["errors"]) == (3, 3, [])
    assert set(Employment.objects.values_list("effective_from", flat=True)) == {date(2024, 5, 6)}
    assert sorted(User.objects.values_list("display_name", flat=True)) == ["合计达", "甲九", "甲十"]
    said = capsys.readouterr().err
    assert [number for number in range(12) if f"row {number} is left out" in said] == [1, 2, 6, 7, 8, 10, 11]


@pytest.mark.django_db
@pytest.mark.skipif(not HANDED.is_dir(), reason="ACADEMY_FIXTURES names no folder with handed files")
@pytest.mark.parametrize("name", ["workday.csv", "yonyou.csv", "roster.csv"])
def test_the_handed_lists_come_in(tmp_path, name):
    run("import_branches", text_file(tmp_path, BRANCHES))

    answer = run("import_staff", HANDED / name, for_new=["hired=2024-05-06"])

    assert answer["errors"] == [] and answer["created"] == answer["rows"] > 0
    assert Posting.objects.count() == answer["rows"]
    if name == "workday.csv":
        assert (User.objects.get().display_name, Employment.objects.get().effective_from) == (
            "Ann Lee",
            date(2024, 3, 15),
        )


@pytest.fixture
def client():
    return CommittingClient()


@pytest.fixture
def hr(client):
    branches = bank()
    position()
    found = person("300001", "苏映雪", branches["HO"], roles=[Role.HR])
    client.force_login(found)
    return found


def recognised(page: str) -> dict[str, str]:
    """What the form of the columns would send as it stands."""
    import re

    chosen = re.findall(r'<select name="(column-\d+)".*?</select>', page, re.S)
    blocks = dict(re.findall(r'<select name="(column-\d+)"(.*?)</select>', page, re.S))
    found = {name: re.search(r'value="([^"]*)" selected', blocks[name]) for name in chosen}
    return {name: match[1] if match else "" for name, match in found.items()}


@pytest.mark.django_db
@pytest.mark.database
def test_the_order_of_day_and_month_is_asked_once_for_the_file(client, hr):
    address = upload(client, WORKDAY)["Location"]
    page = client.get(address).content.decode()

    unsaid = client.post(address, recognised(page))
    said = client.post(address, {**recognised(page), "day_order": "month"})
    import_run = ImportRun.objects.get()
    client.post(f"{address}confirm/", {"quiet": "1", "new_names": "1"})

    assert "文件中写有“03/04/2024”：哪个在前？" in page
    assert (unsaid.status_code, said.status_code) == (200, 302)
    assert (import_run.counts["errors"], import_run.counts["new"]) == (0, 2)
    hired = Employment.objects.filter(person__staff_number__startswith="0003").order_by("person__staff_number")
    assert [(job.person.display_name, str(job.effective_from)) for job in hired] == [
        ("Ann Lee", "2024-03-15"),
        ("欧阳海燕", "2024-03-04"),
    ]


@pytest.mark.django_db
@pytest.mark.database
def test_what_a_list_has_no_column_for_is_asked_and_holds_for_new_people_only(client, hr):
    address = upload(client, MOODLE + "300001,x,Ying,Xue,,a,0\n")["Location"]
    page = client.get(address).content.decode()
    asked = {**recognised(page), "branch": "SH01", "position": position().code, "hired": "2026-11-02"}

    nowhere = client.post(address, {**asked, "branch": "NO-SUCH"}).content.decode()
    client.post(address, asked)
    import_run = ImportRun.objects.get()
    dry = client.get(address).content.decode()
    client.post(f"{address}confirm/", {"quiet": "1", "new_names": "1", "renamed_all": "1"})

    assert "没有机构 NO-SUCH" in nowhere and "very-secret" not in dry
    assert (import_run.counts["errors"], import_run.counts["new"], import_run.counts["changed"]) == (0, 1, 1)
    tom = Posting.objects.get(person__staff_number="000401")
    assert (tom.person.display_name, tom.branch.code, str(tom.effective_from)) == ("Tom Jones", "SH01", "2026-11-02")
    assert hr.postings.get().branch.code == "HO"


@pytest.mark.django_db
@pytest.mark.database
def test_an_error_says_what_to_write_and_a_left_out_row_is_shown(client, hr):
    text = "\n".join(",".join("" if c is None else str(c) for c in row) for row in ROSTER[:5])
    address = upload(client, text.replace("甲十", "") + "\n合计,2,,,\n")["Location"]
    client.post(address, recognised(client.get(address).content.decode()))

    wrong = client.get(f"{address}?tab=error").content.decode()
    left_out = strip_tags(client.get(f"{address}?tab=left_out").text)

    assert "此处为空，请填写：姓名。" in wrong and "未读入：" in wrong
    assert "合计 · 2" in left_out and "制表日期：2026-11-28" in left_out
