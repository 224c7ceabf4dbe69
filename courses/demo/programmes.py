"""The programme of the demo's newcomers: begun with the post, a mentor named, the first tasks ticked."""

from datetime import date, datetime, timedelta

from academy.dates.due_dates import DueFrom, DueUnit
from academy.demo.assignments import assign, audience
from academy.demo.bank import moment
from academy.models import Position, Posting, User
from courses.models import Programme, ProgrammeAssignee, ProgrammeAssignment, ProgrammeStep
from courses.programmes.acts import name_mentor, newcomers_among, tick_task

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
    mentor = _colleague(row, [manager.pk, row.person_id], named_on, today)
    if mentor is None:
        return
    name_mentor(row=row, mentor=mentor, now=moment(named_on, 9), actor=manager)
    tasks = ProgrammeStep.objects.filter(programme=programme, does=ProgrammeStep.Does.TASK)
    for days, step in zip((5, 24, 52), tasks.filter(month__lte=2), strict=True):
        actor = manager if step.ticked_by == ProgrammeStep.Ticks.MANAGER else mentor
        tick_task(row=row, step=step, note="", now=moment(day + timedelta(days=days), 17), actor=actor)


def _colleague(row: ProgrammeAssignee, without: list[int], then: date, today: date) -> User | None:
    """Somebody of the same outlet who worked there then and does today, no newcomer, the longest-serving number first."""
    place = Posting.objects.current().effective(then).filter(person=row.person_id, primary=True).values("branch")
    posted = Posting.objects.current().effective(then).filter(branch__in=place).values("person")
    users = User.objects.employed(then).filter(pk__in=User.objects.employed(today).values("pk"), is_active=True)
    colleagues = list(users.filter(pk__in=posted).exclude(pk__in=without).order_by("staff_number"))
    newcomers = newcomers_among([colleague.pk for colleague in colleagues], then)
    return next((colleague for colleague in colleagues if colleague.pk not in newcomers), None)
