"""Postings, leave and new staff numbers as files."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from academy.importing.kinds.base import Context, Faults, Item
from academy.importing.kinds.leave import LeaveFile
from academy.importing.kinds.postings import PostingFile
from academy.importing.kinds.staff import StaffFile
from academy.models import FormerStaffNumber, JournalEntry, Leave, Posting, Role, User
from academy.staff.access import team_of
from academy.staff.roles import grant_role
from tests.academy.importing.files import STAFF
from tests.academy.importing.test_staff import faults, load, only, post_of, staff  # noqa: F401

pytestmark = [pytest.mark.django_db, pytest.mark.database]
POSTINGS = "工号,机构代码,岗位,任职类型,主岗,开始日期,结束日期,上级工号\n"
LEAVE = "工号,休假类型,开始日期,结束日期\n"


@pytest.fixture
def post(load):  # noqa: F811
    load(STAFF)
    return lambda text, **options: load(POSTINGS + text, "import_postings", **options)


@pytest.fixture
def leave(load):  # noqa: F811
    load(STAFF)
    return lambda text, **options: load(LEAVE + text, "import_leave", **options)


def spans(number: str) -> list[tuple]:
    rows = Posting.objects.current().filter(person__staff_number=number).order_by("effective_from", "pk")
    return [(row.branch.code, row.kind, row.primary, row.effective_from, row.effective_until) for row in rows]


def test_a_concurrent_post_and_a_secondment_stand_beside_the_primary_one(post):
    text = "000101,XJ,内训师,兼岗,否,2025-01-01,,000110\n000101,BJ,信息科技岗,借调,,2025年3月1日,2026/12/31,\n"

    assert post(text)["created"] == 2
    assert spans("000101") == [
        ("BJ-CY-001", "regular", True, date(2024, 2, 29), None),
        ("XJ", "concurrent", False, date(2025, 1, 1), None),
        ("BJ", "secondment", False, date(2025, 3, 1), date(2026, 12, 31)),
    ]
    assert only("000101") in team_of(only("000110"), timezone.localdate())
    assert post(text) == {"rows": 2, "created": 0, "updated": 0, "unchanged": 2, "errors": []}


def test_a_new_primary_post_ends_the_one_before(post):
    text = "000101,XJ,客户经理,正式,是,2026-01-01,至今,\n"

    assert post(text)["created"] == 1
    assert spans("000101") == [
        ("BJ-CY-001", "regular", True, date(2024, 2, 29), date(2025, 12, 31)),
        ("XJ", "regular", True, date(2026, 1, 1), None),
    ]
    assert post(text)["unchanged"] == 1


def test_a_correction_and_its_successor_in_one_file(post):
    text = "000101,XJ,客户经理,正式,是,2026-02-01,,\n000101,BJ-CY-001,柜员,正式,是,2024-02-29,2026-01-31,\n"

    answer = post(text)

    assert (answer["created"], answer["updated"], answer["errors"]) == (1, 1, [])
    assert [span[3:] for span in spans("000101")] == [
        (date(2024, 2, 29), date(2026, 1, 31)),
        (date(2026, 2, 1), None),
    ]
    assert post(text)["unchanged"] == 2


def test_posts_of_the_past_are_added_before(post):
    assert post("000101,XJ,柜员,正式,是,2019-01-01,2024-02-28,\n")["created"] == 1
    assert [span[3] for span in spans("000101")] == [date(2019, 1, 1), date(2024, 2, 29)]


FAULTY = {
    "000101,XJ,柜员,正式,是,2024-06-01,2025-01-01,": "开始日期",
    "000101,XJ,柜员,正式,是,2020-01-01,,": "开始日期",
    "000101,BJ-CY-001,柜员,兼岗,否,2025-01-01,2025-02-01,": "开始日期",
    "000999,XJ,柜员,正式,是,2020-01-01,,": "工号",
    "000101,NO-SUCH,柜员,正式,是,2026-01-01,,": "机构代码",
    "000101,XJ,,正式,是,2026-01-01,,": "岗位",
    "000101,XJ,柜员,正式,是,,,": "开始日期",
    "000101,XJ,柜员,正式,是,2026-02-01,2026-01-01,": "结束日期",
    "000101,XJ,柜员,临时,是,2026-01-01,,": "任职类型",
    "000101,XJ,柜员,正式,是,2026-01-01,,000101": "上级工号",
    "000101,XJ,柜员,正式,是,2026-01-01,,000999": "上级工号",
    "000101,XJ,=1+1,正式,是,2026-01-01,,": "岗位",
}


@pytest.mark.parametrize("row", FAULTY)
def test_what_is_wrong_with_a_posting(post, row):
    before = spans("000101")

    assert faults(post(row + "\n")) == {2: {FAULTY[row]}}
    assert spans("000101") == before


def test_postings_of_one_file_that_overlap(post):
    answer = post(
        "000101,XJ,柜员,正式,是,2010-01-01,2012-12-31,\n000101,BJ,柜员,正式,是,2012-12-31,2014-01-01,\n"
        "000101,XJ,柜员,正式,是,2010-01-01,2012-12-31,\n"
    )

    assert faults(answer) == {3: {"开始日期"}, 4: {"工号"}}


def test_leave_is_recorded_corrected_and_lets_a_deputy_act(leave):
    today = timezone.localdate()
    manager, deputy = only("000110"), only("000102")
    grant_role(
        person=deputy,
        role=Role.LINE_MANAGER,
        branch=post_of("000110").branch,
        now=timezone.now(),
        actor=None,
        deputy_for=manager,
    )
    assert not team_of(deputy, today).exists()

    assert leave(f"000110,产假,{today},{today + timedelta(days=90)}\n")["created"] == 1
    assert only("000101") in team_of(deputy, today)

    assert leave(f"000110,产假,{today},{today + timedelta(days=120)}\n")["updated"] == 1
    assert Leave.objects.current().get().effective_until == today + timedelta(days=120)
    assert leave(f"000110,产假,{today},{today + timedelta(days=120)}\n")["unchanged"] == 1
    assert JournalEntry.objects.filter(action="academy.leave", person=manager).count() == 2


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("000110,散步,2026-01-01,", "休假类型"),
        ("000110,产假,2026-01-01,2025-01-01", "结束日期"),
        ("000999,产假,2026-01-01,", "工号"),
        ("000110,产假,2026-13-01,", "开始日期"),
        ("000110,,2026-01-01,", "休假类型"),
    ],
)
def test_what_is_wrong_with_a_leave(leave, row, column):
    assert faults(leave(row + "\n")) == {2: {column}} and not Leave.objects.exists()


def test_leaves_do_not_overlap(leave):
    leave("000110,产假,2026-01-01,2026-06-30\n")

    assert faults(leave("000110,病假,2026-06-30,2026-08-01\n")) == {2: {"开始日期"}}
    assert leave("000110,病假,2026-07-01,2026-08-01\n")["created"] == 1


def test_numbers_change_and_may_change_hands(load):  # noqa: F811
    load(STAFF)
    first, second = only("000101"), only("000102")
    text = "原工号,新工号\n000101,000102\n000102,000101\n000110,A0000110\n"

    assert load(text, "renumber_staff")["updated"] == 3

    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.staff_number, second.staff_number) == ("000102", "000101")
    assert set(FormerStaffNumber.objects.values_list("number", "person__display_name")) == {
        ("000101", "欧阳文澜"),
        ("000102", "㐂𠮷"),
        ("000110", "陈静"),
    }
    assert load(text, "renumber_staff") == {"rows": 3, "created": 0, "updated": 0, "unchanged": 3, "errors": []}
    assert JournalEntry.objects.filter(action="academy.renumber").count() == 3
    assert faults(load(staff("000110,陈静,BJ,主管,,2010-08-16,,是"))) == {2: {"工号"}}


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("000999,B1", "原工号"),
        ("000101,000110", "新工号"),
        ("000101,", "新工号"),
        (",B1", "原工号"),
        ("000101,张三", "新工号"),
    ],
)
def test_what_is_wrong_with_a_new_number(load, row, column):  # noqa: F811
    load(STAFF)

    assert faults(load(f"原工号,新工号\n{row}\n", "renumber_staff")) == {2: {column}}
    assert User.objects.filter(staff_number="000101").exists() and not FormerStaffNumber.objects.exists()


def test_nobody_records_posts_or_leave_of_their_own(leave):
    hr = only("000110")
    text = {"number": "000110", "kind": Leave.Kind.ILLNESS, "since": date(2026, 1, 1), "until": date(2026, 6, 30)}
    faults_of = {}
    for actor in (hr, only("000101"), None):
        found = Faults(LeaveFile.columns)
        context = Context(now=timezone.now(), today=timezone.localdate(), actor=actor)
        LeaveFile(context).compare([Item(1, 2, dict(text))], found)
        faults_of[actor] = [fault.message for fault in found.found]

    assert faults_of == {hr: ["不能对本人作出处理。"], only("000101"): [], None: []}
    # What stands already is no change.
    leave("000110,病假,2026-01-01,2026-06-30\n")
    unchanged = Faults(LeaveFile.columns)
    LeaveFile(Context(now=timezone.now(), today=timezone.localdate(), actor=hr)).compare([Item(1, 2, text)], unchanged)
    assert unchanged.found == []


def said(file_kind, actor: User, **values) -> list[str]:
    """What a file of one row, imported by ``actor``, is refused for."""
    file = file_kind(Context(now=timezone.now(), today=timezone.localdate(), actor=actor))
    found = Faults(file_kind.columns)
    item = Item(1, 2, values)
    file.note(item, found)
    file.compare([item], found)
    return [fault.message for fault in found.found]


def test_a_deputy_brings_no_leave_of_whom_they_deputise_for(load):  # noqa: F811
    load(STAFF)
    deputy, away = only("000102"), only("000110")
    branch = post_of("000110").branch
    grant_role(person=deputy, role=Role.HR, branch=branch, now=timezone.now(), actor=None, deputy_for=away)
    row = {"number": "000110", "kind": Leave.Kind.ILLNESS, "since": timezone.localdate(), "until": None}

    assert said(LeaveFile, deputy, **row) == ["您是该员工的代理人，其休假须由其他人员登记。"]
    assert said(LeaveFile, only("000101"), **row) == []


def test_nobody_brings_people_under_themselves_by_a_file(load):  # noqa: F811
    load(STAFF)
    today = timezone.localdate()
    post = {"number": "000101", "branch": "XJ", "position": "客户经理", "since": today, "until": None}
    row = {"number": "000101", "name": "欧阳文澜", "branch": "BJ-CY-001", "position": "柜员"}
    refusal = "不能将本人或本人所代理的人员登记为他人的直属上级，须由其他人员登记。"
    taker, boss, third = only("000102"), only("000110"), only("000101")

    for kind, values in ((PostingFile, post), (StaffFile, row)):
        assert said(kind, taker, **values, manager="000102") == [refusal]
        assert said(kind, boss, **values, manager="000102") == []
        # Whose line manager they are already stays so.
        assert said(kind, boss, **values, manager="000110") == []
    beside = {**post, "primary": False}
    assert said(PostingFile, taker, **beside, manager="000102") == [refusal]
    new = {"number": "000555", "name": "新人", "branch": "XJ", "position": "柜员", "hired": today}
    assert said(StaffFile, taker, **new, manager="000102") == [refusal]
    branch = post_of("000110").branch
    grant_role(person=third, role=Role.LINE_MANAGER, branch=branch, now=timezone.now(), actor=None, deputy_for=boss)
    assert said(StaffFile, third, **new, manager="000110") == [refusal]
