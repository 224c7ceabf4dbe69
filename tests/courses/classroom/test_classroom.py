"""Classroom sessions: who comes, who was there, and whose hours count."""

import re
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from academy.calendar.clock import local_day
from academy.errors.refusals import RuleViolation
from academy.models import JournalEntry, Leave, Notice, Role
from courses.classroom.closing import Seen, close_session, correct_attendance, enter_scores, recognition_of, score_of
from courses.classroom.places import give_up, invite, sign_up
from courses.classroom.sessions import arrange_session, session_refusal
from courses.classroom.sign_in import code_is_right, code_of, sign_in, sign_in_typed, window_refusal
from courses.models import Attendance, Attendee, ClassSession, HourEntry
from tests.cast import bank, person

START = datetime(2026, 11, 23, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


def unsaved(**values) -> ClassSession:
    given = {
        "title": "反洗钱案例研讨",
        "starts_at": START,
        "ends_at": START + timedelta(hours=3),
        "hours": Decimal(4),
        "place": "总行 301",
        "lecturer": "沈知远",
        "seats": 2,
        "category": "compliance",
    }
    return ClassSession(**{**given, **values})


@pytest.mark.parametrize(
    ("seen", "scored", "found"),
    [
        (Seen(None), False, "absent"),
        (Seen(None, score=Decimal(90)), True, "absent"),
        (Seen(START), False, "yes"),
        (Seen(START, late=True), False, "late"),
        (Seen(START, left_early_at=START), False, "left_early"),
        (Seen(START), True, "no_score"),
        (Seen(START, score=Decimal("59.9")), True, "below"),
        (Seen(START, score=Decimal(60)), True, "yes"),
    ],
)
def test_hours_need_a_sign_in_to_the_end_and_where_asked_a_score(seen, scored, found):
    assert recognition_of(seen, scored=scored, pass_score=Decimal(60)) == found


def test_the_code_is_of_this_session_and_of_just_now_only():
    session, other = unsaved(), unsaved()
    code = code_of(session, START)

    assert len(code) == 6 and code.isdigit()
    assert code_is_right(session, f" {code} ", START + 3 * MINUTE)
    assert not code_is_right(session, code, START + 5 * MINUTE)
    assert not code_is_right(session, code, START + DAY)
    assert not code_is_right(other, code, START)
    assert not code_is_right(session, "", START) and not code_is_right(session, "１２３４５６", START)


def test_signing_in_is_open_from_half_an_hour_before_until_the_late_limit():
    session = unsaved(late_minutes=15)

    assert window_refusal(session, START - 31 * MINUTE) and window_refusal(session, START - DAY)
    assert window_refusal(session, START - 30 * MINUTE) is None
    assert window_refusal(session, START + 15 * MINUTE) is None
    assert window_refusal(session, START + 16 * MINUTE)


def test_what_a_session_and_a_score_cannot_be():
    closed = unsaved(closed_at=START)

    assert session_refusal(before=None, after=unsaved(ends_at=START), seated=0)
    assert session_refusal(before=None, after=unsaved(ends_at=START + timedelta(days=60)), seated=0)
    assert session_refusal(before=closed, after=unsaved(), seated=0)
    assert session_refusal(before=unsaved(), after=unsaved(seats=1), seated=2)
    assert session_refusal(before=unsaved(), after=unsaved(), seated=2) is None
    assert (score_of(" 85.5分 "), score_of("")) == (Decimal("85.5"), None)
    for wrong in ("101", "-1", "NaN", "8.55", "八十"):
        with pytest.raises(ValueError, match=r"."):
            score_of(wrong)


@pytest.fixture
def branches():
    return bank()


@pytest.fixture
def organiser(branches):
    return person("300001", "苏映雪", branches["BJ"], roles=[Role.BRANCH_ADMINISTRATOR])


@pytest.fixture
def people(branches):
    names = ["欧阳文澜", "陈静", "李慕白", "周行云"]
    return [person(f"10000{number}", name, branches["BJ01"]) for number, name in enumerate(names, 1)]


@pytest.fixture
def session(branches, organiser):
    made = unsaved(branch=branches["BJ"], open_to_all=True, scored=True)
    return arrange_session(session=made, actor=organiser, now=START - 5 * DAY)


def numbers(people, *more) -> str:
    return "\n".join([*(one.staff_number for one in people), *more])


def told(one) -> list[str]:
    return list(Notice.objects.filter(person=one).order_by("pk").values_list("kind", flat=True))


@pytest.mark.django_db
@pytest.mark.database
def test_a_seat_that_would_not_come_back_is_given_up_after_a_question(session, people, client):
    client.force_login(people[0])
    ClassSession.objects.update(starts_at=timezone.now() + DAY, ends_at=timezone.now() + DAY + MINUTE)
    for one in people[:2]:
        sign_up(session=session, person=one, now=timezone.now())
    own = session.get_absolute_url()

    asked = client.post(own, {"do": "give_up"}).text
    assert "再次报名只能列入候补" in asked and session.attendees.get(person=people[0]).standing == "seated"
    client.post(own, {"do": "give_up", "sure": "1"})
    assert session.attendees.get(person=people[0]).standing == "given_up"


@pytest.mark.django_db
@pytest.mark.database
def test_seats_go_round_and_a_list_is_taken_whole_or_not_at_all(session, organiser, people, branches):
    stranger = person("900001", "外人", branches["SH01"])
    before = START - 2 * DAY

    wrong = invite(session=session, text=numbers(people[:1], "900001", "100001"), actor=organiser, now=before)
    assert [(error.line, error.text) for error in wrong.errors] == [(2, "900001"), (3, "100001")]
    assert session.attendees.count() == 0
    invite(session=session, text=numbers(people[:2]), actor=organiser, now=before)
    waiting = sign_up(session=session, person=people[2], now=before)
    assert waiting.standing == "waiting"
    with pytest.raises(RuleViolation):
        sign_up(session=session, person=stranger, now=before)
    # The seat that comes free goes to who waits, who hears of it.
    give_up(attendee=session.attendees.get(person=people[0]), actor=people[0], now=before + MINUTE)
    assert session.attendees.get(person=people[2]).standing == "seated"
    assert told(people[2]) == ["courses.class_seated"] and told(people[1]) == ["courses.class_invited"]
    # Nobody is expected any more by a notice of a seat that was given up.
    assert told(people[0]) == []
    with pytest.raises(RuleViolation):
        give_up(attendee=session.attendees.get(person=people[1]), actor=people[1], now=START)
    # More seats, another room: who waits moves up, all hear of it.
    assert sign_up(session=session, person=people[3], now=before).standing == "waiting"
    session.seats, session.place = 3, "总行 302"
    arrange_session(session=session, actor=organiser, now=before + 2 * MINUTE)
    assert session.attendees.get(person=people[3]).standing == "seated"
    assert "courses.class_moved" in told(people[1])


@pytest.mark.django_db
@pytest.mark.database
def test_who_waits_reads_the_place_in_the_queue_and_leaves_a_list_not_a_seat(session, people, client, organiser):
    ClassSession.objects.update(starts_at=timezone.now() + DAY, ends_at=timezone.now() + DAY + MINUTE)
    for one in people[:4]:
        sign_up(session=session, person=one, now=timezone.now())
    own = session.get_absolute_url()
    client.force_login(people[3])

    shown = client.get(own).text
    assert "排第 2 位" in shown and "退出候补" in shown and "取消参加" not in shown
    assert "取消参加" not in client.post(own, {"do": "give_up"}).text
    assert "已退出候补" in client.post(own, {"do": "give_up", "sure": "1"}, follow=True).text
    # Who is taken out by somebody else hears of it.
    session.refresh_from_db()
    give_up(attendee=session.attendees.get(person=people[2]), actor=organiser, now=timezone.now(), reason="名额已满")
    assert told(people[2]) == ["courses.class_taken_out"]


@pytest.mark.django_db
@pytest.mark.database
def test_hours_are_entered_once_on_closing_and_corrected_beside(session, organiser, people):
    invite(session=session, text=numbers(people[:2]), actor=organiser, now=START - DAY)
    on_time = START - 5 * MINUTE

    for code in (code_of(session, on_time - DAY), "000000"):
        with pytest.raises(RuleViolation):
            sign_in(session=session, person=people[0], code=code, now=on_time)
    # Who is not on the list is not let in where walk-ins are not, but the organiser may.
    with pytest.raises(RuleViolation):
        sign_in(session=session, person=people[2], code=code_of(session, on_time), now=on_time)
    first = sign_in(session=session, person=people[0], code=code_of(session, on_time), now=on_time)
    again = sign_in(session=session, person=people[0], code=code_of(session, on_time), now=on_time + MINUTE)
    assert (again.pk, again.signed_in_at) == (first.pk, on_time)
    sign_in_typed(session=session, text=numbers(people[1:3]), actor=organiser, now=START + 30 * MINUTE)
    assert session.attendees.get(person=people[2]).origin == "walk_in"

    with pytest.raises(RuleViolation):
        close_session(session=session, actor=organiser, now=START + MINUTE)
    over = session.ends_at + MINUTE
    bad = enter_scores(session=session, text="100001 60\n100002 abc\n100009 70", actor=organiser, now=over)
    assert [error.line for error in bad.errors] == [2, 3] and not session.attendees.exclude(score=None)
    assert not enter_scores(session=session, text="100001,60\n100002\t59.9", actor=organiser, now=over).errors

    assert close_session(session=session, actor=organiser, now=over) == 1
    assert close_session(session=session, actor=organiser, now=over + DAY) == 1
    entry = HourEntry.objects.get()
    assert (entry.person, entry.hours, entry.category, entry.effective_until) == (
        people[0],
        4,
        "compliance",
        date(2026, 11, 23),
    )
    assert dict(Attendance.objects.values_list("person__staff_number", "recognition")) == {
        "100001": "yes",
        "100002": "below",
        "100003": "no_score",
    }
    below = Attendance.objects.get(person=people[1])
    right = Seen(below.signed_in_at, score=Decimal(80), how="typed")
    correct_attendance(attendance=below, seen=right, reason="误录", actor=organiser, now=over + DAY)
    with pytest.raises(RuleViolation):
        correct_attendance(attendance=below, seen=right, reason="误录", actor=organiser, now=over + DAY)
    yes = Attendance.objects.current().get(person=people[0])
    correct_attendance(attendance=yes, seen=Seen(None), reason="代签", actor=organiser, now=over + DAY)
    assert [hour_entry.person for hour_entry in HourEntry.objects.current()] == [people[1]]
    assert HourEntry.objects.count() == 2 and Attendance.objects.count() == 5
    assert JournalEntry.objects.filter(action="courses.correct_attendance").count() == 2


@pytest.mark.django_db
@pytest.mark.database
def test_who_waits_stands_in_the_order_of_the_queue(session, organiser, people, client):
    now = timezone.now()
    ClassSession.objects.filter(pk=session.pk).update(seats=1, starts_at=now + DAY, ends_at=now + DAY + 60 * MINUTE)
    session.refresh_from_db()
    for place, person_there in enumerate((people[2], people[1], people[0])):
        invite(session=session, text=numbers([person_there]), actor=organiser, now=now + place * MINUTE)
    client.force_login(organiser)
    page = re.sub(r"\s+", " ", client.get(f"/cms/class_sessions/{session.pk}/").content.decode())
    first, second = (page.index(f"<td>{one.staff_number}</td>") for one in (people[1], people[0]))
    assert first < page.index("排队第 1 位") < second < page.index("排队第 2 位")


@pytest.mark.django_db
@pytest.mark.database
def test_screens_of_both_sides_and_what_outsiders_find(session, organiser, people, branches, client):
    now = timezone.now()
    ClassSession.objects.filter(pk=session.pk).update(starts_at=now + 10 * MINUTE, ends_at=now + 70 * MINUTE, seats=9)
    session.refresh_from_db()
    page = f"/cms/class_sessions/{session.pk}/"
    client.force_login(organiser)
    assert client.get("/cms/class_sessions/").status_code == 200
    costs = []
    for group in (people[:1], people[1:3]):
        client.post(page, {"do": "invite", "numbers": numbers(group), "sure": "1"})
        client.get(page)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(page).status_code == 200
        costs.append(len(captured))
    assert costs[0] == costs[1] <= 25
    assert "999999" in client.post(page, {"do": "sign_in", "numbers": "999999"}).content.decode()
    assert client.get(f"{page}print/").content.decode().count("<td>10000") == 3
    screen = client.get(f"{page}code/")
    # The minute may turn between the screen and the next line.
    code = "".join(re.search(r"(\d{3}) (\d{3})", screen.content.decode()).groups())
    assert code_is_right(session, code, timezone.now()) and "data:image/png" in screen.content.decode()
    assert client.post(page, {"do": "mark", "attendee": "99999999", "state": "late"}).status_code == 404
    assert client.post(page, {"do": "nothing"}).status_code == 404

    client.force_login(people[0])
    assert "反洗钱案例研讨" in client.get("/my/todo/").content.decode()
    own, signing = session.get_absolute_url(), f"{session.get_absolute_url()}sign-in/"
    assert client.get(own).status_code == client.get("/classes/").status_code == 200
    assert client.get(f"{signing}?code={code}").status_code == 200
    assert Attendee.objects.get(person=people[0]).signed_in_at is None
    client.post(signing, {"code": code})
    assert Attendee.objects.get(person=people[0]).signed_in_how == "code"
    assert client.post(own, {"do": "give_up"}).status_code == 302
    assert Attendee.objects.get(person=people[0]).standing == "seated"
    # From another branch nothing of it is to be seen, in the admin as little as outside.
    stranger = person("300009", "外人", branches["SH"], roles=[Role.BRANCH_ADMINISTRATOR, Role.TRAINER])
    client.force_login(stranger)
    for address in (page, f"{page}code/", f"{page}print/", f"/cms/class_sessions/edit/{session.pk}/", own, signing):
        assert client.get(address).status_code == 404, address
    assert client.post(page, {"do": "cancel", "reason": "x"}).status_code == 404
    assert "反洗钱案例研讨" not in client.get("/cms/class_sessions/").content.decode()
    # A second person reviews what the first one closed.
    ClassSession.objects.filter(pk=session.pk).update(starts_at=now - 90 * MINUTE, ends_at=now - MINUTE)
    client.force_login(organiser)
    client.post(page, {"do": "close"})
    client.post(page, {"do": "review"})
    assert ClassSession.objects.get().closed_by == organiser and ClassSession.objects.get().reviewed_by is None
    second = person("300002", "程砚秋", branches["HO"], roles=[Role.HR])
    client.force_login(second)
    attendance = Attendance.objects.get(person=people[0])
    correction = f"/cms/class_sessions/attendance/{attendance.pk}/"
    assert client.get(correction).status_code == 200
    client.post(correction, {"state": "present", "score": "77", "reason": "补录成绩"})
    client.post(page, {"do": "review"})
    assert HourEntry.objects.get().person == people[0] and ClassSession.objects.get().reviewed_by == second
    client.force_login(stranger)
    assert client.post(correction, {"state": "absent", "reason": "x"}).status_code == 404


@pytest.mark.django_db
@pytest.mark.database
def test_nobody_is_invited_on_leave_and_of_what_is_over_nobody_is_said_to_be_told(session, organiser, people, client):
    day = local_day(session.starts_at)
    Leave.objects.create(person=people[0], kind="sick", effective_from=day, effective_until=day)

    refused = invite(session=session, text=numbers(people[:2]), actor=organiser, now=START - DAY)
    assert [(error.line, "当日休假" in error.message) for error in refused.errors] == [(1, True)]
    assert not session.attendees.exists()

    ClassSession.objects.update(starts_at=timezone.now() - DAY, ends_at=timezone.now() - DAY + MINUTE)
    client.force_login(organiser)
    page = f"/cms/class_sessions/{session.pk}/"
    said = client.post(page, {"do": "invite", "numbers": numbers(people[1:3])}, follow=True).text
    assert "已加入 2 人。" in said and not Notice.objects.exists()
    client.post(page, {"do": "sign_in", "numbers": numbers(people[1:2])})
    # Signed in on another day than that of the class: the list for signing says which.
    assert f"{timezone.localdate().isoformat()} " in client.get(f"{page}print/").text
