"""What is done about somebody's programme: a mentor is named, a task is ticked or its tick taken back."""

from datetime import date, datetime

from django.db import transaction
from django.urls import reverse
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from academy.calendar.clock import local_day
from academy.duties.assignments.access import ASSIGNERS
from academy.errors.refusals import RuleViolation, refuse_numbers
from academy.journal import record, register_action
from academy.models import Notice, User
from academy.notices.inbox import notify, register_notice, take_notices_back
from academy.staff.access import may_see_record_of, people_visible_to, team_of
from courses.models import ProgrammeAssignee, ProgrammeStep, ProgrammeTick
from courses.programmes.mentors import MENTOR, mentor_refusal
from courses.programmes.stands import programmes_in

TICK = register_action("courses.tick_task", gettext_lazy("Task of a programme ticked"))
UNTICK = register_action("courses.untick_task", gettext_lazy("Tick of a task taken back"))

NAMED = register_notice(
    "courses.mentor_named",
    title=gettext_lazy("You are mentor of %(name)s"),
    text=gettext_lazy("Programme: %(programme)s. Its page says what to do, with whom and by when."),
    icon="users",
)
GIVEN = register_notice(
    "courses.mentor_given",
    title=gettext_lazy("Your mentor is %(name)s"),
    text=gettext_lazy("Programme: %(programme)s. Talk about the first weeks soon."),
    icon="users",
)

ENDED = register_notice(
    "courses.mentor_ended",
    title=gettext_lazy("%(name)s has another mentor now"),
    text=gettext_lazy(
        "Programme: %(programme)s. From now on %(next)s is the mentor; the mentor's tasks no longer wait for you."
    ),
    icon="users",
)


def may_name_mentor(user: User, row: ProgrammeAssignee, on: date) -> bool:
    """The line manager or deputy, and HR that assigns; nobody about themselves."""
    if user.pk == row.person_id:
        return False
    managed = team_of(user, on).filter(pk=row.person_id).exists()
    return managed or people_visible_to(user, on, ASSIGNERS).filter(pk=row.person_id).exists()


def may_read_programme(user: User, row: ProgrammeAssignee, on: date) -> bool:
    return user.pk == row.mentor_id or may_see_record_of(user, row.person, on)


def ticks_on(user: User, row: ProgrammeAssignee, on: date) -> set[str]:
    """Whose tasks the user may tick for this person: a manager those of an absent mentor, too."""
    if user.pk == row.person_id:
        return set()
    if team_of(user, on).filter(pk=row.person_id).exists():
        return {ProgrammeStep.Ticks.MANAGER, ProgrammeStep.Ticks.MENTOR}
    return {ProgrammeStep.Ticks.MENTOR} if user.pk == row.mentor_id else set()


def refuse_mentor(*, row: ProgrammeAssignee, mentor: User, today: date, actor: User) -> None:
    """Raises ``RuleViolation`` where it cannot be this person, or this actor does not say so."""
    if not may_name_mentor(actor, row, today):
        raise RuleViolation(_("Line manager or HR name the mentor."))
    if refusal := mentor_refusal(row.person, mentor, today):
        raise RuleViolation(refusal)


@transaction.atomic
def name_mentor(*, row: ProgrammeAssignee, mentor: User, now: datetime, actor: User) -> None:
    """Who was the mentor before is told, too. Raises ``RuleViolation`` where it cannot be this person."""
    refuse_mentor(row=row, mentor=mentor, today=local_day(now), actor=actor)
    before = row.mentor
    if before is not None and before.pk == mentor.pk:
        return
    row.mentor = mentor
    row.save(update_fields=["mentor"])
    said = {"mentor": before.staff_number if before else ""}, {"mentor": mentor.staff_number}
    record(MENTOR, now=now, actor=actor, about=row, person=row.person, before=said[0], after=said[1])
    programme, path = row.assignment.programme.names, reverse("courses:programme_of", args=[row.person_id])
    event = f"mentor:{row.pk}:{mentor.pk}:{now.isoformat()}"
    if before is not None:
        # What says the former mentor's name and was not read yet would be wrong by now.
        told = Notice.objects.filter(kind=GIVEN, person=row.person, event__startswith=f"mentor:{row.pk}:{before.pk}:")
        for earlier in list(told):
            take_notices_back(kind=GIVEN, events=[earlier.event], told_at=earlier.created_at)
    facts = {"name": row.person.display_name, "programme": programme}
    notify(person=mentor, kind=NAMED, event=event, now=now, facts=facts, path=path)
    facts = {"name": mentor.display_name, "programme": programme}
    notify(person=row.person, kind=GIVEN, event=event, now=now, facts=facts, path=reverse("courses:programme"))
    if before is not None:
        facts = {"name": row.person.display_name, "next": mentor.display_name, "programme": programme}
        notify(person=before, kind=ENDED, event=event, now=now, facts=facts, path=reverse("courses:mentees"))


@transaction.atomic
def tick_task(*, row: ProgrammeAssignee, step: ProgrammeStep, note: str, now: datetime, actor: User) -> ProgrammeTick:
    """Idempotent. Raises ``RuleViolation`` of who may not, of a task whose month has not begun, of any task before a mentor
    is named where the programme has tasks with one, and of numbers of people in the note."""
    if step.does != ProgrammeStep.Does.TASK or step.programme_id != row.assignment.programme_id:
        raise RuleViolation(_("This step is done in what it leads to; nobody ticks it."))
    if step.ticked_by not in ticks_on(actor, row, local_day(now)):
        raise RuleViolation(_("This task is ticked by somebody else."))
    ProgrammeAssignee.objects.select_for_update(of=("self",)).get(pk=row.pk)
    standing = ProgrammeTick.objects.filter(person=row.person_id, step=step, withdrawn_at=None).first()
    if standing is not None:
        return standing
    _check_begun(row, step, local_day(now))
    refuse_numbers(note)
    # Taken back today by mistake and ticked again, it keeps its day.
    undone = ProgrammeTick.objects.filter(person=row.person_id, step=step).order_by("-withdrawn_at").first()
    by_mistake = undone is not None and undone.withdrawn_at and local_day(undone.withdrawn_at) == local_day(now)
    tick = ProgrammeTick.objects.create(
        person=row.person,
        step=step,
        said=step.titles,
        done_on=undone.done_on if undone is not None and by_mistake else local_day(now),
        ticked_by=actor,
        note=note.strip()[:300],
        recorded_at=now,
    )
    record(TICK, now=now, actor=actor, about=tick, person=row.person, reason=tick.note, after={"task": step.name})
    return tick


def _check_begun(row: ProgrammeAssignee, step: ProgrammeStep, today: date) -> None:
    """What nobody could have done yet proves nothing: the page offers it from its month on and with a mentor, and so does
    this."""
    own = programmes_in(ProgrammeAssignee.objects.filter(pk=row.pk), today)
    begins = [planned.begins for programme in own for planned in programme.plan.steps if planned.step.pk == step.pk]
    if not begins:
        raise RuleViolation(_("The person is not in this programme today."))
    if own[0].lacks_mentor:
        raise RuleViolation(_("Name the mentor first: this programme has tasks with one."))
    if begins[0] > today:
        raise RuleViolation(_("Its month begins on %(day)s.") % {"day": formats.date_format(begins[0])})


@transaction.atomic
def untick_task(*, row: ProgrammeAssignee, step: ProgrammeStep, now: datetime, actor: User) -> None:
    """Raises ``RuleViolation`` where there is no tick that this user may take back."""
    tick = ProgrammeTick.objects.select_for_update().filter(person=row.person_id, step=step, withdrawn_at=None).first()
    if tick is None or step.ticked_by not in ticks_on(actor, row, local_day(now)):
        raise RuleViolation(_("There is no tick that you can take back."))
    tick.withdrawn_at = now
    tick.save(update_fields=["withdrawn_at"])
    record(UNTICK, now=now, actor=actor, about=tick, person=row.person, before={"task": step.name})
