"""Assigned courses of the demo: done, late, due soon, put off, and one person on leave."""

from datetime import date, datetime, timedelta

from academy.dates.due_dates import DueFrom
from academy.demo.assignments import assign, audience
from academy.demo.bank import moment
from academy.duties.assignments.acts import extend_rows, rows_of_people
from academy.duties.assignments.evaluating import rows_of
from academy.models import Leave, Line, User
from courses.models import Course, CourseAssignment


def assign_courses(*, people: dict[str, User], today: date, now: datetime) -> None:
    """By HR of head office and of Shanghai."""
    office, shanghai = people["300001"], people["300002"]
    courses = {course.code: course for course in Course.objects.all()}
    managers = audience(
        name="北京分行公司条线", branch="BJ0000", actor=office, day=today - timedelta(days=60), line=Line.CORPORATE
    )
    complaints = assign(
        CourseAssignment,
        day=today - timedelta(days=24),
        actor=office,
        now=now,
        course=courses["complaint-handling"],
        audience=managers,
        due_from=DueFrom.FIXED,
        due_date=today + timedelta(days=6),
        note="消费者权益保护专项培训",
    )
    retail = audience(
        name="全行零售条线", branch="ZH0000", actor=office, day=today - timedelta(days=60), line=Line.RETAIL
    )
    etiquette = assign(
        CourseAssignment,
        day=today - timedelta(days=50),
        actor=office,
        now=now,
        course=courses["business-etiquette"],
        audience=retail,
        due_from=DueFrom.ASSIGNED,
        due_amount=45,
    )
    pudong = audience(name="浦东支行", branch="SHPD01", actor=shanghai, day=today - timedelta(days=20))
    assign(
        CourseAssignment,
        day=today - timedelta(days=12),
        actor=shanghai,
        now=now,
        course=courses["ageing-clients"],
        audience=pudong,
        required=False,
        due_from=DueFrom.NONE,
    )
    _exceptions(etiquette, complaints, office, today)


def _exceptions(late: CourseAssignment, soon: CourseAssignment, actor: User, today: date) -> None:
    """One who is late got more time, another is away."""
    rows = rows_of(late).filter(until=None, person__enrolments=None).order_by("person__staff_number")
    chosen = list(rows.values_list("person", flat=True)[:2])
    if len(chosen) < 2:
        return
    extend_rows(
        rows=rows_of_people(late, chosen[:1]),
        due_on=today + timedelta(days=21),
        reason="参加总行项目，经网点负责人同意",
        now=moment(today - timedelta(days=8), 16),
        actor=actor,
    )
    began = today - timedelta(days=30)
    Leave.objects.create(
        person_id=chosen[1],
        kind=Leave.Kind.MATERNITY,
        effective_from=began,
        effective_until=today + timedelta(days=98),
        recorded_at=moment(began),
        recorded_by=actor,
    )
