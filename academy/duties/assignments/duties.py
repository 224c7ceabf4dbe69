"""The duties that assignments give, and the due date of a row with what extensions and leave add to it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from django.db.models import Prefetch, Q

from academy.dates.leave_effects import Leaves, due_after_leave, is_on_leave
from academy.duties.duty import Duty, DutyState
from academy.models import Assignee, Assignment
from academy.requests.kept.presence import none_of
from academy.staff.leaves import leaves_of


@dataclass(frozen=True)
class Stand:
    """Where one row stands on a day. ``due_on`` holds extensions and leave; ``extension`` is the newest."""

    due_on: date | None
    done_on: date | None
    paused: bool
    extended: bool
    moved_days: int
    extension: Any = None


def stand_of(row: Assignee, *, done_on: date | None, leaves: Leaves, on: date) -> Stand:
    """Pure but for the prefetched extensions. After an extension only later leave counts: HR knew of the earlier."""
    newest = next((extension for extension in reversed(row.extensions.all()) if extension.recorded_on <= on), None)
    base = newest.due_on if newest else row.due_on
    since = newest.recorded_on if newest else row.since
    spans = list(leaves)
    due = due_after_leave(due_on=base, since=since, leaves=spans, on=on) if base else None
    return Stand(
        due_on=due,
        done_on=done_on,
        paused=done_on is None and is_on_leave(spans, on),
        extended=newest is not None,
        moved_days=(due - base).days if due and base else 0,
        extension=newest,
    )


def state_of(stand: Stand, on: date) -> DutyState:
    """The same words as a duty's."""
    return Duty(0, "", "", {}, "", on, due_on=stand.due_on, done_on=stand.done_on, paused=stand.paused).state_on(on)


def stands_of(model: type[Assignment], rows: Collection[Assignee], on: date) -> dict[int, Stand]:
    """By row. Two queries beside the rows, which come with their extensions prefetched."""
    done = model.done_days(rows, on)
    leaves = leaves_of({row.person_id for row in rows})
    return {
        row.pk: stand_of(row, done_on=done.get(row.pk), leaves=leaves.get(row.person_id, ()), on=on) for row in rows
    }


def duties_from(model: type[Assignment], people: Collection[int], on: date) -> list[Duty]:
    """The duties that one kind of assignment gives to people on a day. Five queries; one where there is none.

    Of two assignments of the same thing to the same person the more pressing one is the duty: required before
    optional, the earlier due date before the later.
    """
    if none_of(model.assignees(), people):
        return []
    needs = [need.removeprefix("assignment__") for need in model.done_needs]
    assignments = model._default_manager.select_related(model.target_field, "created_by", *needs)
    extensions = model.assignees()._meta.get_field("extensions").related_model._default_manager
    rows = list(
        model.assignees()
        .objects.filter(person__in=people, since__lte=on)
        .filter(Q(until=None) | Q(until__gte=on))
        # Thousands of people share one assignment: it is read once and not with each of them.
        .prefetch_related(
            Prefetch("assignment", queryset=assignments),
            Prefetch("extensions", queryset=extensions.select_related("recorded_by")),
        )
    )
    if not rows:
        return []
    stands = stands_of(model, rows, on)
    rows.sort(key=lambda row: (not row.assignment.required, stands[row.pk].due_on or date.max, row.pk))
    found: dict[tuple[int, int], Duty] = {}
    said: dict[int, Said] = {}
    for row in rows:
        target = row.assignment.target_id
        if target not in said:
            one = row.assignment.target
            said[target] = Said(
                model.titles_of(one), model.path_of(one), model.reminder_days_of(one), model.subject_of(one)
            )
        if (row.person_id, target) not in found:
            found[row.person_id, target] = _duty(model, row, stands[row.pk], said[target])
    return list(found.values())


class Said(NamedTuple):
    """What holds of a target for everybody who is assigned it."""

    title: dict[str, str]
    path: str
    remind_days: tuple[int, ...]
    subject: str


def _duty(model: type[Assignment], row: Assignee, stand: Stand, said: Said) -> Duty:
    assignment: Assignment = row.assignment
    by = assignment.created_by
    return Duty(
        person_id=row.person_id,
        kind=model.kind,
        key=f"assignment:{row.pk}",
        title=said.title,
        path=said.path,
        since=row.since,
        due_on=stand.due_on,
        done_on=stand.done_on,
        required=assignment.required,
        paused=stand.paused,
        remind_days=said.remind_days,
        subject=said.subject,
        facts={
            "assignment": assignment.pk,
            "target": assignment.target_id,
            "assigned_by": by.display_name if by else "",
            "extended": stand.extended,
            "leave_days": stand.moved_days,
            **(_more_time(stand.extension) if stand.extension else {}),
        },
    )


def _more_time(extension: Any) -> dict[str, Any]:
    """Who gave it, until when and why, as the learner reads it beside the duty."""
    by = extension.recorded_by
    return {
        "extended_to": extension.due_on,
        "extended_by": by.display_name if by else "",
        "extension_reason": extension.reason,
    }
