"""What is assigned, and who is in an assignment, as listings."""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.db.models.query import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from wagtail import hooks
from wagtail.admin.ui.tables import Column, DateColumn, TitleColumn
from wagtail.admin.widgets.button import Button, HeaderButton

from academy.duties.assignments import ASSIGNMENT_KINDS
from academy.duties.assignments.access import (
    assignments_visible_to,
    audiences_visible_to,
    may_assign,
    may_change,
    may_read,
)
from academy.duties.assignments.listing import (
    STATES,
    AssigneeQuery,
    AssigneeRow,
    counts_of,
    lines_of,
    needs_of,
    overdue_rows,
)
from academy.duties.assignments.taking_back import take_back_refusal
from academy.duties.assignments.words import due_words
from academy.duties.duty import DutyState
from academy.models import Assignee, Assignment, AssignmentWork, Branch, Job, User
from academy.requests.signed_in import SignedInRequest
from academy.staff.access import people_visible_to
from academy.viewsets.assignment_filters import AssigneeFilterSet, AssignmentFilterSet
from academy.viewsets.base import Scope
from academy.viewsets.listing import RuleListing, TickColumn, page_of_person, person_columns
from academy.viewsets.scoped import scope_of


def reader_of(request: SignedInRequest) -> tuple[User, date]:
    viewer, today = scope_of(request)
    if not may_read(viewer, today):
        raise Http404
    return viewer, today


def model_or_404(kind: str) -> type[Assignment]:
    if kind not in ASSIGNMENT_KINDS:
        raise Http404
    return ASSIGNMENT_KINDS[kind]


def own_assignment(request: SignedInRequest, kind: str, pk: int, *, to_change: bool = False) -> Assignment:
    """An assignment the person may see, and, to change it, may act on."""
    viewer, today = reader_of(request)
    model = model_or_404(kind)
    related = ("audience__branch", "audience__level", "created_by", "withdrawn_by", model.target_field)
    found = get_object_or_404(assignments_visible_to(viewer, today, model).select_related(*related), pk=pk)
    if to_change and (found.withdrawn_at is not None or not may_change(viewer, found, today)):
        raise Http404
    return found


class _AssignmentListing(RuleListing):
    """What the two listings share: for whom they are, and the icon."""

    scope = Scope.BRANCH
    header_icon = "tasks"

    def viewed_by(self) -> tuple[User, date]:
        return reader_of(self.request)


@dataclass(frozen=True)
class AssignedRow:
    """An assignment with its due date in words, how many of the viewer's people are in it and how many have done it."""

    assignment: Assignment
    due: str
    people: int
    done: int

    @property
    def overdue(self) -> int:
        """As the listing counted them."""
        return int(vars(self.assignment)["overdue_count"])

    @property
    def share(self) -> str:
        return f"{self.done}/{self.people} · {100 * self.done / self.people:.1f}%" if self.people else "–"


class WithdrawnTitleColumn(TitleColumn):
    """The title of an assignment, with the word beside it where it is withdrawn."""

    cell_template_name = "academy/admin/assignments/title_cell.html"


class AssignmentListing(_AssignmentListing):
    """What is assigned, one kind a tab."""

    name = "assignments"
    page_title = _("Assignments")
    search_words = _("Assignment or audience")
    filterset_class = AssignmentFilterSet
    results_template_name = "academy/admin/assignments/index_results.html"
    usual = ("audience", "due", "required", "people", "share", "overdue", "effective_from", "created_by")
    order = ("-pk",)

    @cached_property
    def every_column(self) -> list[Column]:
        kind = self.model.kind
        return [
            WithdrawnTitleColumn(
                "what",
                label=pgettext_lazy("assignment", "What"),
                accessor="assignment.target",
                get_url=lambda row: reverse("assignments:people", args=[kind, row.assignment.pk]),
            ),
            Column(
                "audience",
                label=_("Audience"),
                accessor=lambda row: row.assignment.audience.named_with_branch,
                sort_key="audience__name",
            ),
            Column("due", label=_("Due date"), accessor="due"),
            Column(
                "required",
                label=_("Required"),
                accessor=lambda row: _t("Required") if row.assignment.required else _t("Optional"),
                sort_key="required",
            ),
            Column("people", label=_("People"), accessor="people"),
            Column("share", label=_("Done"), accessor="share"),
            Column("overdue", label=_("Overdue"), accessor="overdue", sort_key="overdue_count"),
            DateColumn(
                "effective_from",
                label=pgettext_lazy("first day", "From"),
                accessor="assignment.effective_from",
                sort_key="effective_from",
            ),
            Column(
                "created_by",
                label=pgettext_lazy("actor", "By"),
                accessor=lambda row: row.assignment.created_by.display_name if row.assignment.created_by else "–",
                sort_key="created_by__name_key",
            ),
        ]

    @cached_property
    def model(self) -> type[Assignment]:
        return model_or_404(self.request.GET.get("kind") or next(iter(ASSIGNMENT_KINDS)))

    @property
    def ticks(self) -> TickColumn | None:
        if not may_assign(self.viewer, self.today):
            return None
        return TickColumn(
            "assignment",
            value=lambda row: "" if row.assignment.withdrawn_at else row.assignment.pk,
            name_of=lambda row: str(row.assignment.target),
        )

    @property
    def choices(self) -> dict[str, Any]:
        return {
            "kind": [(code, capfirst(str(kind._meta.verbose_name_plural))) for code, kind in ASSIGNMENT_KINDS.items()]
        }

    @property
    def nothing(self) -> QuerySet[Assignment]:
        return self.model._default_manager.none()

    @cached_property
    def question(self) -> dict[str, Any]:
        return {
            "kind": self.model.kind,
            "withdrawn": self.asked.get("withdrawn") == "1",
            "overdue": self.asked.get("overdue") == "1",
        }

    def answer(self) -> QuerySet[Assignment]:
        found = assignments_visible_to(self.viewer, self.today, self.model)
        if not self.question["withdrawn"]:
            found = found.filter(withdrawn_at=None)
        if self.search:
            target = self.model.target_field
            names = ("audience__name", *(f"{target}__{name}" for name in self.model.target_names))
            found = found.filter(reduce(or_, (Q(**{f"{name}__icontains": self.search}) for name in names)))
        found = found.annotate(overdue_count=self._overdue)
        if self.question["overdue"]:
            found = found.filter(overdue_count__gt=0)
        return found.select_related("audience__branch", "created_by", self.model.target_field)

    @cached_property
    def _overdue(self) -> Coalesce:
        """How many of the viewer's people in an assignment are overdue."""
        late = overdue_rows(self.model, people_visible_to(self.viewer, self.today), self.today)
        counted = late.filter(assignment=OuterRef("pk")).order_by().values("assignment").annotate(number=Count("pk"))
        return Coalesce(Subquery(counted.values("number")), 0)

    def rows_of(self, page: list[Any]) -> list[AssignedRow]:
        counts = self._counts(page)
        return [
            AssignedRow(assignment, due_words(assignment), *counts.get(assignment.pk, (0, 0))) for assignment in page
        ]

    def _counts(self, page: list[Assignment]) -> dict[int, tuple[int, int]]:
        """How many people are in each assignment of a page, of a withdrawn one those who were when it ended, and how many of
        them have done it. One query."""
        counted_in = Q(until=None) | Q(ended_because=Assignee.Ended.WITHDRAWN)
        people = self.model.assignees().objects.filter(counted_in, assignment__in=page)
        if not self.viewer.is_superuser:
            people = people.filter(person__in=people_visible_to(self.viewer, self.today).values("pk"))
        people = people.annotate(done_on=self.model.done_expression(self.today))
        counted = (
            people.order_by()
            .values("assignment")
            .annotate(count=Count("pk"), done=Count("pk", filter=Q(done_on__isnull=False)))
        )
        return {row["assignment"]: (row["count"], row["done"]) for row in counted}

    @cached_property
    def _new_buttons(self) -> list[Any]:
        if not may_assign(self.viewer, self.today):
            return []
        return [
            HeaderButton(
                _t("New: %(kind)s") % {"kind": model._meta.verbose_name},
                url=reverse("assignments:new", args=[kind]),
                icon_name="plus",
                priority=number,
            )
            for number, (kind, model) in enumerate(ASSIGNMENT_KINDS.items())
        ]

    @cached_property
    def header_buttons(self) -> list[Any]:
        """Two stand in the header, which has no room for more beside the search; the others in its menu."""
        return self._new_buttons[:2]

    @cached_property
    def header_more_buttons(self) -> list[Button]:
        count = audiences_visible_to(self.viewer, self.today).count()
        return [
            Button(f"{_t('Audiences')} · {count}", url=reverse("assignments:audiences"), icon_name="group"),
            *(Button(button.label, url=button.url, icon_name="plus") for button in self._new_buttons[2:]),
        ]

    def get_context_data(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(*args, **kwargs), "kind": self.model.kind}


class AssigneeStateColumn(Column):
    cell_template_name = "academy/admin/assignments/state_cell.html"


class AssigneeDueColumn(Column):
    cell_template_name = "academy/admin/assignments/due_cell.html"


class AssigneeListing(_AssignmentListing):
    """Who is in an assignment, in which state, by when; the viewer's people only."""

    name = "assignments"
    place = "people"
    above = ("assignments:index", _("Assignments"))
    search_kwarg = "search"
    search_words = _("Name or staff number")
    filterset_class = AssigneeFilterSet
    template_name = "academy/admin/assignments/people.html"
    results_template_name = "academy/admin/assignments/people_results.html"
    usual = ("staff_number", "branch", "state", "due", "done", "since", "problem")
    order = ("person__staff_number", "pk")
    model = Assignee

    def setup(self, request: SignedInRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.assignment = own_assignment(request, self.kwargs["kind"], self.kwargs["pk"])
        if request.GET.get("state") and request.GET["state"] not in STATES:
            raise Http404

    @cached_property
    def page_title(self) -> str:
        return str(self.assignment.target)

    @cached_property
    def every_column(self) -> list[Column]:
        return [
            *person_columns(
                name="row.person.display_name",
                number="row.person.staff_number",
                sorted_by="person__",
                leads_to=lambda line: page_of_person(line.row.person_id),
            ),
            Column("branch", label=_("Branch"), accessor=lambda line: line.posting.branch if line.posting else "–"),
            Column(
                "position", label=_("Position"), accessor=lambda line: line.posting.position if line.posting else "–"
            ),
            AssigneeStateColumn("state", label=_("State"), accessor="label", sort_key="state"),
            AssigneeDueColumn("due", label=_("Due date"), accessor="stand.due_on", sort_key="due_now"),
            DateColumn("done", label=_("Done on"), accessor="stand.done_on", sort_key="done_on"),
            DateColumn("since", label=_("Assigned since"), accessor="row.since", sort_key="since"),
            Column(
                "problem",
                label=_("Exception"),
                accessor=lambda line: line.exception or "–",
            ),
        ]

    @property
    def _overdue_acts(self) -> list[tuple[str, str]]:
        """What upper floors offer where somebody is overdue: words and address."""
        found = hooks.get_hooks("academy_overdue_acts")
        return [act for function in found for act in function(self.request, self.assignment)]

    @cached_property
    def changes(self) -> bool:
        return self.assignment.withdrawn_at is None and may_change(self.viewer, self.assignment, self.today)

    @property
    def ticks(self) -> TickColumn | None:
        if not self.changes:
            return None
        return TickColumn(
            "person",
            value=lambda line: "" if line.row.until or line.state == "done" else line.row.person.staff_number,
            name_of=lambda line: line.row.person.display_name,
        )

    @property
    def nothing(self) -> QuerySet[Assignee]:
        return self.assignment.people.none()

    @cached_property
    def question(self) -> AssigneeQuery:
        branch: Branch | None = self.asked.get("branch")
        return AssigneeQuery(
            state=self.asked.get("state") or "",
            branch=branch.path if branch else "",
            problem=self.asked.get("problem") or "",
            search=self.search,
        )

    @cached_property
    def of_all_states(self) -> QuerySet[Any]:
        return self.question.rows_of_all_states(self.assignment, people_visible_to(self.viewer, self.today), self.today)

    def answer(self) -> QuerySet[Assignee]:
        found = self.of_all_states
        if self.question.state:
            found = found.filter(state=self.question.state)
        return found.select_related("person", *needs_of(self.assignment)).prefetch_related("extensions")

    def rows_of(self, page: list[Any]) -> list[AssigneeRow]:
        self.lines = lines_of(self.assignment, page, self.today)
        return self.lines

    def get_context_data(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(*args, **kwargs)
        readable = context["question"] is not None
        counts = counts_of(self.of_all_states) if readable else Counter()
        others = self.request.GET.copy()
        for name in ("state", self.page_kwarg, "_w_filter_fragment"):
            others.pop(name, None)
        assignment = self.assignment
        works = AssignmentWork.objects.filter(kind=assignment.kind, assignment_id=assignment.pk)
        going = works.filter(job__state__in=Job.GOING).exclude(act=AssignmentWork.Act.SHEET)
        return {
            **context,
            "assignment": assignment,
            "due": due_words(assignment),
            "lines": self.lines,
            "state": self.question.state if readable else "",
            "others": others.urlencode(),
            "tabs": [(code, label, counts[code]) for code, label in STATES.items()],
            "all": sum(counts.values()),
            "changes": self.changes,
            "overdue_acts": self._overdue_acts if self.changes and counts[DutyState.OVERDUE.value] else [],
            "assign_again": assignment.withdrawn_at is not None and may_change(self.viewer, assignment, self.today),
            "take_back": take_back_refusal(assignment, timezone.now()) is None,
            "going": going.select_related("requested_by", "job").first(),
            "today": self.today,
        }
