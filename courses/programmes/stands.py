"""Where people stand in their programmes on a day: rows, plans, duties. A fixed number of queries, however many people."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import OuterRef, Prefetch, Q, Subquery
from django.db.models.query import QuerySet

from academy.dates.remind_days import REMIND_DAYS
from academy.duties.assignments.duties import Stand, stands_of
from academy.duties.duty import Duty
from academy.models import User
from academy.requests.kept.presence import none_of
from courses.models import CourseQuiz, Enrolment, Programme, ProgrammeAssignee, ProgrammeAssignment, ProgrammeStep
from courses.models.programmes import days_of_proof
from courses.programmes.plan import DONE, LATE, NOW, MonthlyPlan, Planned, begun_on, plan_of

Does = ProgrammeStep.Does


@dataclass(frozen=True)
class OwnProgramme:
    """One programme of one person: the row of the assignment, with its mentor, and the plan."""

    row: ProgrammeAssignee
    plan: MonthlyPlan
    paused: bool
    # Courses the person has begun, by code, of those that place a dialogue of the programme.
    joined: frozenset[str] = frozenset()

    def path_to(self, step: ProgrammeStep) -> str:
        """Where the person does it: a dialogue itself once its course is begun, before that the course."""
        if step.does == Does.DIALOGUE and step.quiz is not None and getattr(step, "placed_in", None) in self.joined:
            return step.quiz.get_absolute_url()
        return step.get_absolute_url()

    @property
    def mentored(self) -> bool:
        """A mentor is named who is still here."""
        return _mentored(self.row)

    @property
    def lacks_mentor(self) -> bool:
        """Tasks with the mentor are to go, and there is none: naming one comes before every other task."""
        return not self.mentored and any(
            planned.step.ticked_by == ProgrammeStep.Ticks.MENTOR
            for planned in self.plan.steps
            if planned.step.does == Does.TASK and planned.state != DONE
        )

    @property
    def first_task(self) -> Planned | None:
        """The task that is ticked next."""
        return next(
            (planned for planned in self.plan.steps if planned.step.does == Does.TASK and planned.state != DONE), None
        )

    @property
    def programme(self) -> Programme:
        found: Programme = self.row.assignment.programme
        return found

    @property
    def person(self) -> User:
        return self.row.person


def programmes_of(people: Collection[int], on: date) -> list[OwnProgramme]:
    """The programmes that people are in on a day. One query where there is none."""
    if none_of(ProgrammeAssignee, people):
        return []
    return programmes_in(ProgrammeAssignee.objects.filter(person__in=people), on)


def programmes_in(rows: QuerySet[ProgrammeAssignee], on: date) -> list[OwnProgramme]:
    """The same of some rows; of those that are over on the day none."""
    placements = CourseQuiz.objects.filter(quiz=OuterRef("quiz")).order_by("pk").values("course__code")[:1]
    steps = ProgrammeStep.objects.select_related("course", "quiz", "practice").annotate(placed_in=Subquery(placements))
    assignments = ProgrammeAssignment.objects.select_related("programme", "created_by").prefetch_related(
        Prefetch("programme__steps", steps)
    )
    found = list(
        rows.filter(since__lte=on)
        .filter(Q(until=None) | Q(until__gte=on))
        .select_related("person", "mentor")
        .prefetch_related(Prefetch("assignment", assignments), "extensions")
        .order_by("since", "pk")
    )
    if not found:
        return []
    stands = stands_of(ProgrammeAssignment, found, on)
    joined = _joined(found)
    asked = {step.pk: step for row in found for step in row.assignment.programme.steps.all()}
    done = days_of_proof({row.person_id for row in found}, list(asked.values()), on)
    return [_own(row, stands[row.pk], done, joined, on) for row in found]


def _joined(rows: Collection[ProgrammeAssignee]) -> set[tuple[int, str]]:
    """(person, course) of the courses begun that place a dialogue of a programme: there it can be opened. No query where
    no programme asks for one."""
    codes = {
        step.placed_in
        for row in rows
        for step in row.assignment.programme.steps.all()
        if step.does == Does.DIALOGUE and step.placed_in
    }
    if not codes:
        return set()
    begun = Enrolment.objects.filter(learner__in={row.person_id for row in rows}, course__code__in=codes)
    return set(begun.values_list("learner", "course__code"))


def _own(
    row: ProgrammeAssignee, stand: Stand, done: dict[tuple[int, int], date], joined: set[tuple[int, str]], on: date
) -> OwnProgramme:
    programme = row.assignment.programme
    begins = begun_on(last=stand.due_on, since=row.since, months=programme.months)
    steps = list(programme.steps.all())
    mine = {step.pk: done[row.person_id, step.pk] for step in steps if (row.person_id, step.pk) in done}
    tasks = {step.pk for step in steps if step.does == Does.TASK and step.ticked_by == ProgrammeStep.Ticks.MENTOR}
    waiting = set() if _mentored(row) else tasks
    plan = plan_of(steps, begins=begins, months=programme.months, done=mine, on=on, waiting=waiting)
    mine_joined = frozenset(code for person, code in joined if person == row.person_id)
    return OwnProgramme(row, plan, stand.paused, mine_joined)


def _mentored(row: ProgrammeAssignee) -> bool:
    return row.mentor is not None and row.mentor.is_active


def programme_duties(people: Collection[int], on: date) -> list[Duty]:
    """What the months that have begun ask of the person; tasks at work are asked of who ticks them."""
    return [
        _duty(own, planned)
        for own in programmes_of(people, on)
        for planned in own.plan.steps
        if planned.step.does != Does.TASK and planned.begins <= on
    ]


def _duty(own: OwnProgramme, planned: Any) -> Duty:
    """A course of a programme is a duty of that course, so that home, list and team show one."""
    step, assignment = planned.step, own.row.assignment
    by = assignment.created_by
    facts = {"programme": own.programme.pk, "step": step.pk, "assigned_by": by.display_name if by else ""}
    course = step.does == Does.COURSE
    return Duty(
        person_id=own.row.person_id,
        kind="course" if course else "programme",
        key=f"programme:{own.row.pk}:{step.pk}",
        title=step.titles,
        path=own.path_to(step),
        since=planned.begins,
        due_on=planned.due_on,
        done_on=planned.done_on,
        required=assignment.required,
        paused=own.paused and planned.done_on is None,
        remind_days=REMIND_DAYS,
        subject=f"{step.does}:{step.target_key}",
        facts={**facts, "target": step.course_id} if course else facts,
    )


@dataclass(frozen=True)
class TaskToTick:
    """A task at work of one person that waits for mentor or manager."""

    person_id: int
    step: ProgrammeStep
    due_on: date
    late: bool


def tasks_to_tick(found: Collection[OwnProgramme], *, by: str = "") -> list[TaskToTick]:
    """Tasks of the months that have begun and are not ticked, the longest due first; none where a mentor has to be named
    first. ``by``: of mentors or managers only."""
    tasks = [
        TaskToTick(own.row.person_id, planned.step, planned.due_on, planned.state == LATE)
        for own in found
        if not own.paused and not own.lacks_mentor
        for planned in own.plan.steps
        if planned.step.does == Does.TASK and planned.state in (LATE, NOW) and by in ("", planned.step.ticked_by)
    ]
    return sorted(tasks, key=lambda task: (task.due_on, task.person_id, task.step.pk))
