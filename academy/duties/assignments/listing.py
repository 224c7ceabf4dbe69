"""The people of an assignment as a listing shows them: the database chooses by state what the pure rule would."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Case, CharField, Count, Exists, F, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.db.models.query import QuerySet
from django.utils.translation import gettext_lazy as _

from academy.duties.assignments.duties import Stand, stands_of, state_of
from academy.duties.assignments.evaluating import rows_of
from academy.duties.duty import SOON, DutyState
from academy.models import Assignee, Assignment, Leave, Posting
from academy.models.assignments import AssigneeRows
from academy.staff.finding import named_by

ENDED = "ended"
STATES: dict[str, Any] = {
    DutyState.OVERDUE.value: DutyState.OVERDUE.label,
    DutyState.SOON.value: DutyState.SOON.label,
    DutyState.OPEN.value: DutyState.OPEN.label,
    DutyState.PAUSED.value: DutyState.PAUSED.label,
    DutyState.DONE.value: DutyState.DONE.label,
    ENDED: _("No longer assigned"),
}


def overdue_rows(model: type[Assignment], people: QuerySet, on: date) -> AssigneeRows:
    """Of a kind of assignments the rows of these people that are overdue on a day, ended and withdrawn ones left out."""
    rows = model.assignees()._default_manager.filter(person__in=people.values("pk"), until=None)
    # A later date never makes a row overdue before its first one.
    rows = rows.filter(due_on__lt=on)
    rows = rows.filter(assignment__withdrawn_at=None)
    return with_state(rows, model(), on).filter(state=DutyState.OVERDUE.value)


def with_state(rows: AssigneeRows, assignment: Assignment, on: date) -> AssigneeRows:
    """Rows with ``state`` on a day. People with a leave during the time are few: their dates are reckoned by the rule."""
    extension = rows.model._meta.get_field("extensions").related_model
    newest = extension.objects.filter(assignee=OuterRef("pk"), recorded_on__lte=on).order_by("-pk").values("due_on")[:1]
    away = Leave.objects.current().effective(on).filter(person=OuterRef("person"))
    rows = rows.annotate(done_on=type(assignment).done_expression(on), due_now=Coalesce(Subquery(newest), F("due_on")))
    going = Q(until=None) | Q(until__gte=on)
    moved = _moved_by_leave(rows.filter(going), assignment, on)
    return rows.annotate(
        state=Case(
            When(~going, then=Value(ENDED)),
            When(done_on__isnull=False, then=Value(DutyState.DONE.value)),
            When(Exists(away), then=Value(DutyState.PAUSED.value)),
            *(When(pk__in=chosen, then=Value(state)) for state, chosen in moved.items()),
            When(due_now__lt=on, then=Value(DutyState.OVERDUE.value)),
            When(due_now__lte=on + SOON, then=Value(DutyState.SOON.value)),
            default=Value(DutyState.OPEN.value),
            output_field=CharField(),
        )
    )


def _moved_by_leave(rows: AssigneeRows, assignment: Assignment, on: date) -> dict[str, list[int]]:
    """By state, the open rows whose date some leave moved."""
    leave = Leave.objects.current().filter(person=OuterRef("person"), effective_from__lte=OuterRef("due_now"))
    leave = leave.filter(Q(effective_until=None) | Q(effective_until__gte=OuterRef("since")))
    touched = list(
        rows.filter(Exists(leave), done_on=None, due_now__isnull=False)
        .select_related(*needs_of(assignment))
        .prefetch_related("extensions")
    )
    if not touched:
        return {}
    found: dict[str, list[int]] = {}
    for pk, stand in stands_of(type(assignment), touched, on).items():
        found.setdefault(state_of(stand, on).value, []).append(pk)
    return found


def needs_of(assignment: Assignment) -> tuple[str, ...]:
    return (f"assignment__{assignment.target_field}", *assignment.done_needs)


def counts_of(rows: AssigneeRows) -> dict[str, int]:
    """How many rows are in each state. One query."""
    found = dict(rows.order_by().values_list("state").annotate(count=Count("pk")))
    return {state: found.get(state, 0) for state in STATES}


def open_exceptions(rows: AssigneeRows, model: type[Assignment], on: date) -> AssigneeRows:
    """Of rows of a kind of assignments those with a date that is too near or unknown, neither ended nor done on a day."""
    rows = rows.exclude(problem="").filter(Q(until=None) | Q(until__gte=on))
    return rows.alias(finished_on=model.done_expression(on)).filter(finished_on=None)


@dataclass(frozen=True)
class AssigneeQuery:
    """What a listing is asked: a state, a part of the bank by its path, an exception, words in name or number."""

    state: str = ""
    branch: str = ""
    problem: str = ""
    search: str = ""

    @classmethod
    def from_details(cls, details: dict[str, Any]) -> "AssigneeQuery":
        return cls(**{name: details.get(name, "") for name in ("state", "branch", "problem", "search")})

    def rows(self, assignment: Assignment, visible: QuerySet, on: date) -> AssigneeRows:
        """The rows that fit, of people the reader may see."""
        found = self.rows_of_all_states(assignment, visible, on)
        return found.filter(state=self.state) if self.state else found

    def rows_of_all_states(self, assignment: Assignment, visible: QuerySet, on: date) -> AssigneeRows:
        found = rows_of(assignment).filter(person__in=visible.values("pk"))
        if self.branch:
            here = Posting.objects.current().effective(on).filter(branch__path__startswith=self.branch)
            found = found.filter(person__in=here.values("person"))
        if self.problem:
            # An exception is of somebody who has it before them still.
            found = open_exceptions(found, type(assignment), on).filter(problem=self.problem)
        for word in self.search.split():
            found = found.filter(named_by(word, "person"))
        return with_state(found, assignment, on)


@dataclass(frozen=True)
class AssigneeRow:
    """One row of a listing."""

    row: Assignee
    stand: Stand
    state: str
    posting: Posting | None

    @property
    def label(self) -> Any:
        return STATES[self.state]

    @property
    def exception(self) -> str:
        """What hinders it, as ``open_exceptions``: nothing where it is done, nor where it is asked no more."""
        return (
            str(self.row.get_problem_display())
            if self.row.problem and self.state not in (ENDED, DutyState.DONE.value)
            else ""
        )


def lines_of(assignment: Assignment, rows: Collection[Assignee], on: date) -> list[AssigneeRow]:
    """Rows that have ``state``, extensions and person, with their dates and today's post. Three queries."""
    rows = list(rows)
    stands = stands_of(type(assignment), rows, on) if rows else {}
    posts = Posting.objects.current().effective(on).filter(person__in={row.person_id for row in rows}, primary=True)
    post_of = {post.person_id: post for post in posts.select_related("branch", "position")}
    return [AssigneeRow(row, stands[row.pk], row.state, post_of.get(row.person_id)) for row in rows]
