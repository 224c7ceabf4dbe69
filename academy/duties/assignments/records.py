"""What assignments keep about a person, for HR's page and the export."""

from typing import Any

from django.db.models import Prefetch
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from academy.doors import RecordTable, person_records
from academy.models import Assignment, Audience, User
from academy.person_record.columns import choice, column
from academy.person_record.coverage import RECORDER, leave_out

leave_out(RECORDER, "academy.Audience.created_by")
leave_out(
    "Which list of many people was gone through by a task, and how far; what it did stands in the journal.",
    "academy.AssignmentWork.requested_by",
)


def assignment_table(model: type[Assignment], person: User, *, label: Any, order: int) -> RecordTable:
    """The rows of one kind of assignment. ``leave_out_recorders`` names the rest of its fields once."""
    assignee = model.assignees()
    extension = assignee._meta.get_field("extensions").related_model
    rows = (
        assignee.objects.filter(person=person)
        .select_related(f"assignment__{model.target_field}", "assignment__audience", "assignment__created_by")
        .prefetch_related(Prefetch("extensions", extension.objects.order_by("pk")))
        .order_by("-since", "-pk")
    )
    return RecordTable(
        f"{model._meta.app_label}.{model.kind}_assignments",
        label,
        rows,
        (
            column("code", pgettext_lazy("identifier", "Code"), "assignment.target.code"),
            column("what", pgettext_lazy("assignment", "What"), "assignment.target"),
            column("audience", _("Audience"), "assignment.audience.name"),
            column("required", _("Required"), "assignment.required"),
            column("assigned_by", _("Assigned by"), "assignment.created_by.display_name"),
            column("since", _("Assigned since")),
            # As it was given: leave moves the day on which it is due, which stands among what is to be done.
            column("due_on", _("Due date when assigned")),
            column("extended_to", _("Extended to")),
            column("until", pgettext_lazy("assignment", "Assigned until"), "last_day"),
            choice("ended_because", _("Ended because")),
            choice("problem", _("Exception")),
        ),
        (f"{assignee._meta.label}.person", f"{extension._meta.label}.assignee"),
        section="duties",
        order=order,
        shown=("what", "audience", "required", "since", "due_on", "extended_to", "until", "ended_because"),
        day=lambda row: row.since,
        later=("extended_to", "until", "ended_because"),
    )


def leave_out_recorders(model: type[Assignment]) -> None:
    """Who made, withdrew or extended an assignment is told of those it concerns, by the journal."""
    extension = model.assignees()._meta.get_field("extensions").related_model
    leave_out(
        RECORDER,
        f"{model._meta.label}.created_by",
        f"{model._meta.label}.withdrawn_by",
        f"{extension._meta.label}.recorded_by",
    )


@person_records.register
def audience_tables(person: User) -> list[RecordTable]:
    return [
        RecordTable(
            "academy.audiences",
            _("Lists the person is on"),
            Audience.objects.filter(listed=person).select_related("branch"),
            (
                column("name", _("Audience")),
                column("branch", _("Branch"), "branch.local_name"),
                column("created_at", _("Recorded at")),
            ),
            ("academy.Audience.listed",),
        )
    ]
