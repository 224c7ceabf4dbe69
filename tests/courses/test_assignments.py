"""Assigned courses: who is in, by when, and what moves the date."""

from datetime import date, datetime, time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from academy.dates.due_dates import DueFrom, DueUnit, Problem
from academy.duties.assignments.acts import (
    create_assignment,
    extend_rows,
    rows_of_people,
    take_out,
    withdraw_assignment,
)
from academy.duties.assignments.evaluating import evaluate_assignment, rows_of
from academy.duties.assignments.forecasting import forecast, notices_of_letting_go
from academy.duties.assignments.listing import AssigneeQuery, counts_of
from academy.duties.assignments.works import WORK
from academy.duties.duty import DutyState, duties_of
from academy.duties.reminding import remind
from academy.errors.refusals import RuleViolation
from academy.jobs.carrying import ask, carry_out, resume_jobs
from academy.models import (
    Assignee,
    AssignmentWork,
    Audience,
    Employment,
    FormerStaffNumber,
    Job,
    JournalEntry,
    Leave,
    Notice,
    User,
)
from academy.staff.audiences import people_in, read_numbers
from academy.staff.people import end_employment, post_person
from courses.models import CourseAssignment
from courses.progress.learning import complete_course_if_ready, enrol
from tests.cast import bank, person, position
from tests.courses.factories import course_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]
TODAY = date(2026, 6, 1)


def at(day: date) -> datetime:
    return datetime.combine(day, time(9), tzinfo=timezone.get_default_timezone())


NOW, DUE = at(TODAY), TODAY + timedelta(days=30)


@pytest.fixture
def cast():
    branches = bank()
    hired = TODAY - timedelta(days=200)
    return {
        **branches,
        "beijing": person("100001", "欧阳文澜", branches["BJ01"], posted=hired),
        "other": person("100002", "谢长宁", branches["BJ01"], posted=hired),
        "shanghai": person("100099", "林一舟", branches["SH01"], posted=hired),
        "course": course_of("etiquette"),
    }


def assign(cast, **values) -> CourseAssignment:
    audience = Audience.objects.create(name="北京", branch=values.pop("branch", cast["BJ"]))
    fields = {"effective_from": TODAY, "due_from": DueFrom.FIXED, "due_date": DUE, **values}
    made = CourseAssignment(course=cast["course"], audience=audience, **fields)
    create_assignment(assignment=made, now=NOW, actor=None)
    evaluate_assignment(assignment=made, now=NOW)
    return made


def duty(who: User, on: date):
    found = [one for one in duties_of(people=[who.pk], on=on)[who.pk] if one.kind == "course"]
    return found[0] if found else None


def complete(who: User, course, day: date) -> None:
    enrolment = enrol(learner=who, course=course, now=at(day))
    for lesson in course.lessons.all():
        enrolment.lessons.create(lesson=lesson, opened_at=at(day), done_at=at(day))
    assert complete_course_if_ready(enrolment=enrolment, now=at(day))


def test_an_audience_is_asked_on_a_day(cast):
    rule = Audience(name="x", branch=cast["BJ"], line="retail", hired_from=TODAY - timedelta(days=200))
    post_person(
        person=cast["other"],
        branch=cast["SH01"],
        position=position("teller"),
        effective_from=TODAY,
        now=NOW,
        actor=None,
    )

    assert set(people_in(rule, TODAY)) == {cast["beijing"]}
    assert set(people_in(rule, TODAY - timedelta(days=1))) == {cast["beijing"], cast["other"]}
    rule.hired_from = TODAY
    assert not people_in(rule, TODAY).exists()
    assert people_in(Audience(name="x", branch=cast["HO"]), TODAY).count() == 3


def test_who_moves_drops_out_and_enters_with_history(cast):
    made = assign(cast)
    assert set(rows_of(made).values_list("person", "until")) == {(cast["beijing"].pk, None), (cast["other"].pk, None)}

    later = TODAY + timedelta(days=10)
    for who, branch in ((cast["beijing"], "SH01"), (cast["shanghai"], "BJ01")):
        post_person(
            person=who, branch=cast[branch], position=position(), effective_from=later, now=at(later), actor=None
        )
    end_employment(person=cast["other"], last_day=later - timedelta(days=1), now=at(later), actor=None, reason="x")
    evaluate_assignment(assignment=made, now=at(later))
    evaluate_assignment(assignment=made, now=at(later))

    rows = {row.person_id: row for row in rows_of(made)}
    assert len(rows) == 3
    gone = rows[cast["beijing"].pk]
    assert (gone.until, gone.ended_because) == (later - timedelta(days=1), Assignee.Ended.MOVED)
    assert rows[cast["other"].pk].ended_because == Assignee.Ended.LEFT
    assert (rows[cast["shanghai"].pk].since, rows[cast["shanghai"].pk].until) == (later, None)
    assert duty(cast["beijing"], later) is None
    # The past stands.
    assert duty(cast["beijing"], later - timedelta(days=1)).due_on == DUE


def test_a_relative_date_follows_its_event_and_waits_for_one_that_is_missing(cast):
    Employment.objects.filter(person=cast["other"]).update(effective_from=TODAY - timedelta(days=5))
    made = assign(cast, due_from=DueFrom.HIRED, due_amount=1, due_unit=DueUnit.MONTHS, due_date=None)
    rows = {row.person_id: row for row in rows_of(made)}
    # Hired long ago: the date is past, so the days that the course needs are given.
    assert (rows[cast["beijing"].pk].due_on, rows[cast["beijing"].pk].problem) == (TODAY + timedelta(7), Problem.SHORT)
    assert (rows[cast["other"].pk].due_on, rows[cast["other"].pk].problem) == (date(2026, 6, 27), "")

    first = course_of("first")
    after = assign(
        cast, due_from=DueFrom.COMPLETED, due_amount=14, due_date=None, after_course=first, branch=cast["SH"]
    )
    row = rows_of(after).get()
    assert (row.due_on, row.problem) == (None, Problem.UNKNOWN)
    complete(cast["shanghai"], first, TODAY + timedelta(days=3))
    row.refresh_from_db()
    assert (row.due_on, row.problem) == (TODAY + timedelta(days=17), "")


def test_leave_moves_the_date_and_stops_lateness(cast):
    assign(cast)
    who, late = cast["beijing"], DUE + timedelta(days=1)
    assert duty(who, DUE).state_on(DUE) == DutyState.SOON
    assert duty(who, late).state_on(late) == DutyState.OVERDUE

    leave = Leave.objects.create(person=who, kind="maternity", effective_from=DUE - timedelta(days=9))
    assert duty(who, late).state_on(late) == DutyState.PAUSED
    leave.effective_until = DUE + timedelta(days=90)
    leave.save()
    back = leave.effective_until + timedelta(days=1)
    found = duty(who, back)
    # Ten days of the month were left: they are left on coming back.
    assert (found.due_on, found.state_on(back)) == (leave.effective_until + timedelta(days=10), DutyState.SOON)
    assert found.facts["leave_days"] == 100


def test_extend_take_out_and_withdraw_leave_a_trace(cast):
    made = assign(cast)
    one, hr = rows_of_people(made, [cast["beijing"].pk]), cast["shanghai"]
    with pytest.raises(RuleViolation):
        extend_rows(rows=one, due_on=DUE + timedelta(days=5), reason=" ", now=NOW, actor=hr)
    # An earlier day is no extension; done and dateless people have nothing to extend.
    assert extend_rows(rows=one, due_on=TODAY + timedelta(days=1), reason="x", now=NOW, actor=hr) == 0
    later = at(TODAY + timedelta(days=1))
    assert extend_rows(rows=one, due_on=None, days=20, reason="出差", now=later, actor=hr) == 1
    # The same act again, as after a killed worker.
    assert extend_rows(rows=one, due_on=None, days=20, reason="出差", now=later, actor=hr) == 0
    assert duty(cast["beijing"], DUE).due_on == DUE + timedelta(days=20)
    assert duty(cast["beijing"], TODAY).due_on == DUE
    assert one.get().due_on == DUE
    entry = JournalEntry.objects.get(action="academy.extend_assignment")
    assert (entry.person, entry.actor, entry.payload["reason"]) == (cast["beijing"], hr, "出差")

    assert take_out(rows=rows_of_people(made, [cast["other"].pk]), reason="豁免", now=NOW, actor=hr) == 1
    evaluate_assignment(assignment=made, now=at(TODAY + timedelta(days=2)))
    assert rows_of(made).get(person=cast["other"]).ended_because == Assignee.Ended.TAKEN_OUT

    withdraw_assignment(assignment=made, reason="重复", now=at(DUE), actor=hr)
    assert duty(cast["beijing"], DUE) is None
    evaluate_assignment(assignment=made, now=at(DUE))
    assert not rows_of(made).filter(until=None).exists()
    with pytest.raises(RuleViolation):
        withdraw_assignment(assignment=made, reason="重复", now=at(DUE), actor=hr)


def heard(*people):
    """The minutes after an assignment: who is not on leave is told of it."""
    remind(people=[one.pk for one in people], now=NOW, today=TODAY)


def test_who_never_heard_of_an_assignment_hears_not_of_its_end(cast):
    """On leave nobody is told that something is assigned; taken back meanwhile, it is no news either."""
    Leave.objects.create(person=cast["other"], kind="maternity", effective_from=TODAY)
    for end in ("withdraw", "take out"):
        made, hr = assign(cast), cast["shanghai"]
        heard(cast["beijing"], cast["other"])
        Notice.objects.filter(kind="academy.assigned_no_longer").delete()
        later = NOW + timedelta(hours=1)
        ahead = notices_of_letting_go(rows=rows_of(made).filter(until=None), now=later)
        if end == "withdraw":
            withdraw_assignment(assignment=made, reason="重复", now=later, actor=hr)
        else:
            take_out(rows=rows_of(made), reason="豁免", now=later, actor=hr)
        told = Notice.objects.filter(kind="academy.assigned_no_longer")
        assert [notice.person for notice in told] == [cast["beijing"]] and ahead.count == 1


def test_what_was_assigned_and_cancelled_on_one_day_is_off_at_once_and_people_hear_of_it(cast):
    """Whose duty it was hears of it; not who has done it, nor of whom another assignment asks the same."""
    made, hr = assign(cast), cast["shanghai"]
    heard(cast["beijing"], cast["other"])
    complete(cast["other"], cast["course"], TODAY)
    assert duty(cast["beijing"], TODAY) is not None
    withdraw_assignment(assignment=made, reason="重复", now=NOW, actor=hr)

    assert duty(cast["beijing"], TODAY) is None
    rows = AssigneeQuery().rows(made, User.objects.all(), TODAY)
    assert {state for state, count in counts_of(rows).items() if count} == {"ended"}
    assert {row.last_day for row in rows} == {TODAY}
    told = Notice.objects.filter(kind="academy.assigned_no_longer")
    assert [notice.person for notice in told] == [cast["beijing"]]

    first, second = assign(cast), assign(cast)
    heard(cast["beijing"])
    withdraw_assignment(assignment=first, reason="重复", now=NOW, actor=hr)
    assert told.all().count() == 1 and duty(cast["beijing"], TODAY) is not None
    take_out(rows=rows_of_people(second, [cast["beijing"].pk]), reason="豁免", now=NOW, actor=hr)
    assert told.all().count() == 2 and duty(cast["beijing"], TODAY) is None


def test_work_that_a_killed_worker_left_is_taken_up_once(cast):
    audience = Audience.objects.create(name="北京", branch=cast["BJ"])
    made = CourseAssignment(course=cast["course"], audience=audience, effective_from=TODAY, due_from=DueFrom.NONE)
    create_assignment(assignment=made, now=NOW, actor=None)
    job = ask(kind=WORK, asked_by=None, now=NOW)
    AssignmentWork.objects.create(kind="course", assignment_id=made.pk, act="evaluate", requested_at=NOW, job=job)
    Job.objects.update(state="running", holder="gone", leased_until=timezone.now())

    assert resume_jobs(now=timezone.now()) == 1 and carry_out(job_id=job.pk) == "done"
    job.refresh_from_db()
    assert (job.result, rows_of(made).count()) == ({"people": 2}, 2)
    assert resume_jobs(now=timezone.now() + timedelta(days=2)) == 0


def test_the_forecast_names_every_exception(cast):
    assign(cast, branch=cast["SH"])
    complete(cast["beijing"], cast["course"], TODAY - timedelta(days=9))
    Leave.objects.create(person=cast["other"], kind="illness", effective_from=TODAY)
    wanted = CourseAssignment(
        course=cast["course"],
        audience=Audience(name="x", branch=cast["HO"]),
        effective_from=TODAY,
        due_from=DueFrom.FIXED,
        due_date=TODAY + timedelta(days=2),
    )

    found = forecast(assignment=wanted, today=TODAY)

    names = {code: [one.staff_number for one in group.people] for code, group in found.exceptions.items()}
    assert found.everybody.count == 3
    assert names == {
        "done": ["100001"],
        # Whose date moves by the leave has not the day of the others.
        "short": ["100099"],
        "unknown": [],
        "duplicate": ["100099"],
        "away": ["100002"],
    }


def test_a_pasted_list_is_hostile_until_read(cast):
    FormerStaffNumber.objects.create(number="7", person=cast["shanghai"], until=TODAY)
    gone = person("100003", "万俟清", cast["BJ01"], posted=TODAY - timedelta(days=99))
    end_employment(person=gone, last_day=TODAY - timedelta(days=9), now=NOW, actor=None, reason="x")
    text = "１００００１\t欧阳文澜\n100002, 100001；7\r\n=cmd|'/c calc'!A1\n<script>\x00\n\n100003\n" + "9" * 5000

    pasted = read_numbers(text, visible=User.objects.all(), on=TODAY)

    assert {one.staff_number for one in pasted.people} == {"100001", "100002", "100099"}
    assert [(line, number[:5]) for line, number, _why in pasted.faults] == [
        (2, "10000"),
        (3, "=cmd|"),
        (3, "calc'"),
        (4, "<scri"),
        (6, "10000"),
        (7, "99999"),
    ]
    assert max(len(number) for _line, number, _why in pasted.faults) == 40
    only_beijing = User.objects.filter(pk=cast["beijing"].pk)
    assert read_numbers("100099", visible=only_beijing, on=TODAY).people == []
    with pytest.raises(RuleViolation):
        read_numbers("1 " * 20_001, visible=User.objects.all(), on=TODAY)


def test_duties_cost_the_same_for_one_and_for_three(cast):
    found = []
    for branch in ("SH", "HO"):
        made = assign(cast, branch=cast[branch])
        people = list(rows_of(made).values_list("person", flat=True))
        extend_rows(rows=rows_of(made), due_on=DUE + timedelta(days=9), reason="x", now=NOW, actor=None)
        with CaptureQueriesContext(connection) as captured:
            assert len(duties_of(people=people, on=TODAY)) in (1, 3)
        found.append(sum("courses_" in one["sql"] or "academy_leave" in one["sql"] for one in captured))

    assert found == [7, 7]


def test_the_learner_reads_who_gave_more_time_until_when_and_why(cast, client):
    made = CourseAssignment(
        course=cast["course"],
        audience=Audience.objects.create(name="北京", branch=cast["BJ"]),
        effective_from=timezone.localdate() - timedelta(days=5),
        due_from=DueFrom.FIXED,
        due_date=timezone.localdate() + timedelta(days=30),
    )
    create_assignment(assignment=made, now=timezone.now(), actor=None)
    evaluate_assignment(assignment=made, now=timezone.now())
    until = timezone.localdate() + timedelta(days=50)
    hr = person("300001", "苏映雪", cast["HO"])
    extend_rows(rows=rows_of(made), due_on=until, reason="出差支援", now=timezone.now(), actor=hr)
    client.force_login(cast["beijing"])

    for place in ("/", reverse("todo"), duty(cast["beijing"], timezone.localdate()).path):
        page = client.get(place, follow=True).text
        assert "苏映雪已延期至" in page and "：出差支援" in page, place
