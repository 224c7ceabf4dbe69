"""The staff file: what is wrong with each row, what is written, and that a second time changes nothing."""

import json
import os
from datetime import date, timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from academy.calendar.clock import take_lease
from academy.importing.writing import LEASE_NAME
from academy.models import Branch, Employment, FormerStaffNumber, JournalEntry, Position, Posting, User
from academy.staff.people import post_person
from tests.academy.importing.files import BRANCHES, HEADINGS, STAFF, text_file, workbook

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def run(command: str, path: Path, **options) -> dict:
    out = StringIO()
    try:
        call_command(command, str(path), json=True, stdout=out, **options)
    except SystemExit as end:
        assert end.code == 1
    return json.loads(out.getvalue())


@pytest.fixture
def load(tmp_path):
    def load(text: str, command: str = "import_staff", **options) -> dict:
        return run(command, text_file(tmp_path, text), **options)

    load(BRANCHES, "import_branches")
    return load


def faults(answer: dict) -> dict[int, set[str]]:
    found: dict[int, set[str]] = {}
    for error in answer["errors"]:
        assert error["message"]
        found.setdefault(error["row"], set()).add(error["column"])
    return found


def only(number: str) -> User:
    return User.objects.get(staff_number=number)


def post_of(number: str) -> Posting:
    return Posting.objects.current().get(person__staff_number=number, primary=True, effective_until=None)


def staff(*rows: str, headings: str = HEADINGS) -> str:
    return "\n".join([headings, *rows]) + "\n"


def test_people_employments_and_postings_are_written(load):
    answer = load(STAFF)

    assert answer == {"rows": 3, "created": 3, "updated": 0, "unchanged": 0, "errors": []}
    person, post = only("000101"), post_of("000101")
    assert (person.display_name, person.email, person.has_usable_password(), person.is_active) == (
        "欧阳文澜",
        "ouyang@bank.example",
        False,
        True,
    )
    assert (post.branch.code, post.position.name, post.manager.staff_number) == ("BJ-CY-001", "柜员", "000110")
    assert post.effective_from == person.employments.get().effective_from == date(2024, 2, 29)
    assert only("000102").display_name == "㐂𠮷" and only("000102").employments.get().effective_from == date(
        2023, 12, 1
    )
    assert Position.objects.filter(name="客户经理").exists()
    assert JournalEntry.objects.filter(action="academy.import").first().payload["after"]["new"] == 3
    # Whoever asks the journal about one of them finds who brought them in.
    assert JournalEntry.objects.get(action="academy.hire", person=person).payload["after"]["from"] == "2024-02-29"


@pytest.mark.parametrize("dry", [True, False])
def test_the_same_file_again_changes_nothing(load, dry):
    load(STAFF)
    before = list(Posting.objects.order_by("pk").values()), list(Employment.objects.order_by("pk").values())

    answer = load(STAFF, dry_run=dry)

    assert answer == {"rows": 3, "created": 0, "updated": 0, "unchanged": 3, "errors": []}
    assert before == (list(Posting.objects.order_by("pk").values()), list(Employment.objects.order_by("pk").values()))
    assert JournalEntry.objects.filter(action="academy.import").count() == 2  # the branches, and the staff once


def test_a_dry_run_says_what_would_be_and_writes_nothing(load):
    answer = load(STAFF, dry_run=True)

    assert answer["created"] == 3 and not User.objects.exists() and not Position.objects.exists()


ROWS_WITH_FAULTS = {
    "000201,张三,NO-SUCH,柜员,,2020-01-01,,是": "机构代码",
    "000201,张三,BJ,柜员,,2021-13-01,,是": "入职日期",
    "000201,张三,BJ,柜员,,2020-01-01,000201,是": "上级工号",
    "000201,张三,BJ,柜员,,2020-01-01,000999,是": "上级工号",
    "000110,张三,BJ,柜员,,2020-01-01,,是": "工号",
    ",张三,BJ,柜员,,2020-01-01,,是": "工号",
    "000201,=1+1,BJ,柜员,,2020-01-01,,是": "姓名",
    "000201,,BJ,柜员,,2020-01-01,,是": "姓名",
    "000201,张三,,柜员,,2020-01-01,,是": "机构代码",
    "000201,张三,BJ,,,2020-01-01,,是": "岗位",
    "000201,张三,BJ,柜员,not-an-address,2020-01-01,,是": "邮箱",
    "000201,张三,BJ,柜员,chenjing@bank.example,2020-01-01,,是": "邮箱",
    "000201,张三,BJ,柜员,,,,是": "入职日期",
    "000201,张三,BJ,柜员,,2999-01-01,,是": "入职日期",
    "000201,张三,BJ,柜员,,2020-01-01,,maybe": "在职",
    "0002 01,张三,BJ,柜员,,2020-01-01,,是": "工号",
    "000201,张三,BJ,柜员,,2020-01-01,,是,more": "工号",
}


@pytest.mark.parametrize("row", ROWS_WITH_FAULTS)
def test_what_is_wrong_is_an_error_of_its_own_row_and_nothing_is_written(load, row):
    answer = load(STAFF + row + "\n")

    assert faults(answer) == {5: {ROWS_WITH_FAULTS[row]}}
    assert (answer["rows"], answer["created"]) == (4, 0) and not User.objects.exists()


def test_a_formula_in_a_workbook_is_an_error_and_one_beside_the_point_is_not(load, tmp_path):
    rows = [HEADINGS.split(","), ["000101", "=B1", "BJ", "柜员", None, "2020-01-01", None, "是"]]
    assert faults(run("import_staff", workbook(tmp_path, rows))) == {2: {"姓名"}}

    rows = [
        ["序号", *HEADINGS.split(",")],
        ["=ROW()-1", "000101", "张三", "BJ", "柜员", None, (45292, "yyyy/m/d"), None, "是"],
    ]
    assert run("import_staff", workbook(tmp_path, rows))["created"] == 1
    assert only("000101").employments.get().effective_from == date(2024, 1, 1)


def test_leading_zeros_survive_and_lost_ones_are_noticed(load, tmp_path):
    rows = [HEADINGS.split(","), [(101, "000000"), "张三", "BJ", "柜员", None, 45292, None, True]]
    assert run("import_staff", workbook(tmp_path, rows))["created"] == 1
    assert only("000101").employments.get().effective_from == date(2024, 1, 1)

    lost = run("import_staff", workbook(tmp_path, [rows[0], [101, *rows[1][1:]]]))

    assert faults(lost) == {2: {"工号"}} and User.objects.count() == 1


def test_line_managers_in_a_circle_are_errors_of_every_row_in_it(load):
    answer = load(
        staff(
            "1,甲,BJ,柜员,,2020-01-01,2,是",
            "2,乙,BJ,柜员,,2020-01-01,3,是",
            "3,丙,BJ,柜员,,2020-01-01,1,是",
            "4,丁,BJ,柜员,,2020-01-01,1,是",
        )
    )

    assert faults(answer) == {2: {"上级工号"}, 3: {"上级工号"}, 4: {"上级工号"}}


def test_a_circle_through_people_who_are_not_in_the_file_is_found(load):
    load(staff("1,甲,BJ,柜员,,2020-01-01,2,是", "2,乙,BJ,柜员,,2020-01-01,3,是", "3,丙,BJ,柜员,,2020-01-01,,是"))

    assert faults(load(staff("3,丙,BJ,柜员,,2020-01-01,1,是"))) == {2: {"上级工号"}}


def test_a_move_is_appended_and_the_past_stays(load):
    load(STAFF)
    today = timezone.localdate()

    answer = load(STAFF.replace("000102,㐂𠮷,BJ-CY-001", "000102,㐂𠮷,XJ-UR-002"))

    assert (answer["updated"], answer["unchanged"]) == (1, 2)
    spans = Posting.objects.current().filter(person=only("000102")).order_by("effective_from")
    assert [(span.branch.code, span.effective_from, span.effective_until) for span in spans] == [
        ("BJ-CY-001", date(2023, 12, 1), today - timedelta(days=1)),
        ("XJ-UR-002", today, None),
    ]
    assert Posting.objects.filter(person=only("000102"), withdrawn_at__isnull=False).count() == 1
    entry = JournalEntry.objects.get(action="academy.post", person=only("000102"))
    assert (entry.payload["before"]["branch"], entry.payload["after"]["branch"]) == ("BJ-CY-001", "XJ-UR-002")


def test_a_new_manager_does_not_restart_the_clock_of_the_post(load):
    load(STAFF)

    load(STAFF.replace("2023/12/1,000110", "2023/12/1,000101"))

    post = post_of("000102")
    assert (post.manager.staff_number, post.effective_from, post.post_began) == (
        "000101",
        timezone.localdate(),
        date(2023, 12, 1),
    )


def test_changes_are_in_force_from_the_day_that_is_asked(load):
    load(STAFF)

    load(STAFF.replace("BJ-CY-001,客户经理", "BJ,客户经理"), effective="2026-03-01")

    assert post_of("000102").effective_from == date(2026, 3, 1)
    assert faults(load(STAFF, effective="2026-02-01")) == {3: {"机构代码"}}


def test_the_first_day_in_post_is_taken_from_its_column(load):
    headings = HEADINGS + ",任现岗日期"
    row = "1,甲,BJ,柜员,,2015-01-01,,是,{}"
    load(staff(row.format("2022年3月1日"), headings=headings))
    assert post_of("1").effective_from == date(2022, 3, 1)

    assert load(staff(row.format("2022-03-01"), headings=headings))["unchanged"] == 1
    assert load(staff(row.format("2023-05-01"), headings=headings))["updated"] == 1
    assert post_of("1").post_began == date(2023, 5, 1)
    assert load(staff(row.format("2023-05-01"), headings=headings))["unchanged"] == 1
    assert faults(load(staff(row.format("2014-01-01"), headings=headings))) == {2: {"任现岗日期"}}


def test_leavers_end_their_employment_and_come_back_with_a_new_one(load):
    load(STAFF)
    left = STAFF.replace("000110,是\n000110", "000110,否\n000110")

    assert load(left)["updated"] == 1
    person, today = only("000102"), timezone.localdate()
    assert person.employments.current().get().effective_until == today
    assert not Posting.objects.current().filter(person=person, effective_until=None).exists()
    assert load(left) == {"rows": 3, "created": 0, "updated": 0, "unchanged": 3, "errors": []}
    assert User.objects.count() == 3

    Employment.objects.current().filter(person=person).update(effective_until=today - timedelta(days=30))
    Posting.objects.current().filter(person=person).update(effective_until=today - timedelta(days=30))
    User.objects.filter(pk=person.pk).update(is_active=False, password="md5$old")
    assert load(STAFF)["updated"] == 1

    person = only("000102")
    jobs = list(person.employments.current().order_by("effective_from"))
    assert person.is_active and not person.has_usable_password()
    assert [(job.effective_from, job.effective_until) for job in jobs] == [
        (date(2023, 12, 1), today - timedelta(days=30)),
        (today, None),
    ]
    assert load(STAFF)["unchanged"] == 3


def test_a_last_day_that_is_past_closes_the_account(load):
    load(STAFF)
    headings = HEADINGS + ",离职日期"
    row = "000102,㐂𠮷,BJ-CY-001,客户经理,,2023/12/1,000110,{},{}"

    answer = load(staff(row.format("否", "2026-06-30"), headings=headings))

    person = only("000102")
    assert answer["updated"] == 1 and not person.is_active
    assert person.employments.current().get().effective_until == date(2026, 6, 30)
    assert load(staff(row.format("否", "2026-06-30"), headings=headings))["unchanged"] == 1
    assert load(staff(row.format("否", "2026-07-31"), headings=headings))["updated"] == 1
    assert person.employments.current().get().effective_until == date(2026, 7, 31)
    assert faults(load(staff(row.format("是", "2026-06-30"), headings=headings))) == {2: {"离职日期"}}


def test_one_who_left_before_the_academy_opened_stands_in_the_books(load):
    answer = load(staff("1,甲,BJ,柜员,,2010-01-01,,否"))

    assert answer["created"] == 1
    assert only("1").employments.get().effective_until == timezone.localdate()
    assert load(staff("1,甲,BJ,柜员,,2010-01-01,,否"))["unchanged"] == 1


def test_only_a_complete_file_says_that_others_left(load):
    load(STAFF)
    shorter = "\n".join(line for line in STAFF.splitlines() if not line.startswith("000102")) + "\n"

    assert load(shorter)["updated"] == 0
    assert load(shorter, complete=True, dry_run=True)["updated"] == 1
    assert load(shorter, complete=True)["updated"] == 1
    assert only("000102").employments.current().get().effective_until == timezone.localdate()


def test_columns_that_are_not_in_the_file_change_nothing(load):
    load(STAFF)

    answer = load("工号,邮箱\n000101,new@bank.example\n000102,\n")

    assert (answer["updated"], answer["unchanged"]) == (1, 1)
    assert only("000101").email == "new@bank.example" and post_of("000101").manager is not None


def test_addresses_may_change_hands_within_a_file(load):
    load(STAFF)

    answer = load("工号,邮箱\n000101,chenjing@bank.example\n000110,OUYANG@bank.example\n")

    assert answer["updated"] == 2 and answer["errors"] == []
    assert (only("000101").email, only("000110").email) == ("chenjing@bank.example", "ouyang@bank.example")


def test_an_address_of_one_who_is_not_in_the_file_is_taken(load):
    load(STAFF)

    assert faults(load("工号,邮箱\n000101,chenjing@bank.example\n")) == {2: {"邮箱"}}


def test_a_renamed_person_is_journalled(load):
    load(STAFF)

    load(STAFF.replace("陈静", "陈靖"))

    entry = JournalEntry.objects.get(action="academy.rename")
    assert (entry.payload["before"], entry.payload["after"]) == ({"name": "陈静"}, {"name": "陈靖"})
    assert only("000110").name_key == "chen陈 jing靖"


def test_old_staff_numbers_are_not_given_to_somebody_new(load):
    load(STAFF)
    FormerStaffNumber.objects.create(number="A7", person=only("000101"), until=date(2026, 1, 1))

    answer = load(staff("A7,甲,BJ,柜员,,2020-01-01,,是"))

    assert faults(answer) == {2: {"工号"}} and "000101" in answer["errors"][0]["message"]


def test_a_later_posting_by_hand_is_not_overwritten(load):
    load(STAFF)
    post_person(
        person=only("000102"),
        branch=Branch.objects.get(code="XJ"),
        position=Position.objects.first(),
        effective_from=timezone.localdate() + timedelta(days=10),
        now=timezone.now(),
        actor=None,
    )

    assert faults(load(STAFF)) == {3: {"机构代码"}}


def test_missing_columns_files_that_are_none_and_languages(load, tmp_path):
    assert faults(load("姓名,机构代码\n张三,BJ\n")) == {1: {"工号"}}
    assert load("工号\n")["rows"] == 0
    path = text_file(tmp_path, STAFF, encoding="gb18030")
    assert "gb18030" in run("import_staff", path)["errors"][0]["message"]
    assert run("import_staff", path, encoding="gb18030")["created"] == 3
    with pytest.raises(CommandError):
        call_command("import_staff", str(tmp_path / "absent.csv"))


def test_two_imports_at_once_are_refused(load):
    assert take_lease(LEASE_NAME, now=timezone.now())

    with pytest.raises(CommandError):
        load(STAFF)

    assert not User.objects.exists()


def test_queries_do_not_grow_with_the_rows(load):
    found = []
    for count in (1, 300):
        rows = [f"{count}{n},甲,BJ,柜员,m{count}{n}@bank.example,2020-01-01,,是" for n in range(count)]
        with CaptureQueriesContext(
            connection,
        ) as captured:
            load(staff(*rows))
        found.append(len([one for one in captured if "SAVEPOINT" not in one["sql"]]))
    # A new position is written once.
    assert found[1] <= found[0]


FIXTURES = Path(os.environ.get("ACADEMY_FIXTURES", "/nonexistent")) / "staff"


@pytest.mark.skipif(not FIXTURES.is_dir(), reason="ACADEMY_FIXTURES names no folder with staff files")
@pytest.mark.parametrize("name", ["staff_utf8.csv", "staff_utf8_bom.csv", "staff_utf16.csv", "staff_gb18030.csv"])
def test_the_fixture_row_by_row(name, tmp_path):
    assert run("import_branches", FIXTURES / "branches_utf8.csv")["created"] == 9
    assert run("import_branches", FIXTURES / "branches_utf8.csv")["unchanged"] == 9
    if "gb18030" in name:
        assert run("import_staff", FIXTURES / name)["errors"][0]["row"] == 0

    answer = run("import_staff", FIXTURES / name, encoding="gb18030" if "gb18030" in name else "")

    assert answer["rows"] == 13 and not User.objects.exists()
    assert faults(answer) == {
        6: {"入职日期"},
        7: {"姓名"},
        8: {"工号"},
        10: {"机构代码", "邮箱"},
        11: {"工号"},
        12: {"岗位", "上级工号"},
    }
