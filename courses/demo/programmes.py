"""The programme of the demo's newcomers: begun with the post, a mentor named, the first tasks ticked."""

from datetime import date, datetime, timedelta

from academy.dates.due_dates import DueFrom, DueUnit
from academy.demo.assignments import assign, audience
from academy.demo.bank import moment
from academy.models import Position, User
from courses.models import Programme, ProgrammeAssignee, ProgrammeAssignment, ProgrammeStep
from courses.programmes.acts import name_mentor, tick_task
from courses.programmes.mentors import mentor_refusal, possible_mentors

NEWCOMER, MANAGER = "100001", "400001"


def assign_programme(*, people: dict[str, User], today: date, now: datetime) -> None:
    """To client managers who came within the last year."""
    programme = Programme.objects.filter(code="first-18-months").first()
    if programme is None:
        return
    office, day = people["300001"], today - timedelta(days=88)
    newcomers = audience(
        name="一年内入职的公司客户经理",
        branch="ZH0000",
        actor=office,
        day=day,
        position=Position.objects.get(code="client-manager-corporate"),
        hired_from=today - timedelta(days=365),
    )
    assign(
        ProgrammeAssignment,
        day=day,
        actor=office,
        now=now,
        programme=programme,
        audience=newcomers,
        due_from=DueFrom.POSTED,
        due_amount=18,
        due_unit=DueUnit.MONTHS,
    )
    row = ProgrammeAssignee.objects.filter(person=people[NEWCOMER], until=None).select_related("assignment").first()
    if row is None:
        return
    manager, named_on = people[MANAGER], day + timedelta(days=2)
    mentor = _mentor(row.person, manager, named_on, today)
    if mentor is None:
        return
    name_mentor(row=row, mentor=mentor, now=moment(named_on, 9), actor=manager)
    tasks = ProgrammeStep.objects.filter(programme=programme, does=ProgrammeStep.Does.TASK)
    for days, step in zip((5, 24, 52), tasks.filter(month__lte=2), strict=True):
        actor = manager if step.ticked_by == ProgrammeStep.Ticks.MANAGER else mentor
        tick_task(row=row, step=step, note="", now=moment(day + timedelta(days=days), 17), actor=actor)


def _mentor(person: User, manager: User, then: date, today: date) -> User | None:
    """Somebody who could be named then and works here today, not the manager; the longest-serving number first."""
    here = set(User.objects.employed(today).values_list("pk", flat=True)) - {manager.pk}
    able = possible_mentors(person, then)
    return next((one for one in able if one.pk in here and mentor_refusal(person, one, then) is None), None)
