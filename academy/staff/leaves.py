"""The leave of many people, as the pure rules of ``academy.dates.leave_effects`` take it."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.db.models.query import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from academy.calendar.clock import local_day
from academy.errors.refusals import RuleViolation
from academy.journal import record, register_action
from academy.models import Leave, User
from academy.requests.kept.presence import none_of
from academy.requests.prepared import PreparedQuery
from academy.staff.access import leave_refusal

ON_LEAVE = register_action("academy.leave", gettext_lazy("Leave recorded"))
WITHDRAWN = register_action("academy.withdraw_leave", gettext_lazy("Leave withdrawn"))


def _spans(people: Collection[int], known: datetime | None = None) -> QuerySet[Leave, tuple[int, date, date | None]]:
    rows = Leave.objects.known(known).filter(person__in=people)
    return rows.values_list("person", "effective_from", "effective_until")


AWAY = PreparedQuery(_spans)


def leaves_of(
    people: Collection[int], known: datetime | None = None
) -> defaultdict[int, list[tuple[date, date | None]]]:
    """First and last day of each leave, by person; nothing for one who never was away. One query."""
    if none_of(Leave, people):
        return by_person([])
    return by_person(AWAY.rows(people=people) if known is None else _spans(people, known))


def by_person(
    rows: Iterable[tuple[int, date, date | None]],
) -> defaultdict[int, list[tuple[date, date | None]]]:
    """The rows of ``AWAY``. Pure."""
    found: defaultdict[int, list[tuple[date, date | None]]] = defaultdict(list)
    for person, first, last in rows:
        found[person].append((first, last))
    return found


@transaction.atomic
def record_leave(*, person: User, kind: str, first: date, last: date | None, now: datetime, actor: User) -> Leave:
    """One leave of one person; without a last day it stands open.

    Raises ``RuleViolation`` where another overlaps it, and for an actor who deputises for the person.
    """
    _check_actor(person, actor, now)
    leave = _appended(person=person, kind=kind, first=first, last=last, now=now, actor=actor)
    record(ON_LEAVE, now=now, actor=actor, about=leave, person=person, after=_said(leave))
    return leave


@transaction.atomic
def correct_leave(
    *, leave: Leave, kind: str, first: date, last: date | None, reason: str, now: datetime, actor: User
) -> Leave:
    """What stood is withdrawn and the right one appended, as a file does: it ends sooner or later, or was another.

    Raises ``RuleViolation`` as ``record_leave``, where nothing changes, and where somebody corrected it meanwhile.
    """
    standing = _withdrawn(leave, actor, now)
    if (standing.kind, standing.effective_from, standing.effective_until) == (kind, first, last):
        raise RuleViolation(_("Nothing of this leave is changed."))
    right = _appended(person=standing.person, kind=kind, first=first, last=last, now=now, actor=actor)
    before, after = _said(standing), _said(right)
    record(ON_LEAVE, now=now, actor=actor, about=right, person=right.person, reason=reason, before=before, after=after)
    return right


@transaction.atomic
def withdraw_leave(*, leave: Leave, reason: str, now: datetime, actor: User) -> None:
    """There was no such leave: from now on it is not known. Raises ``RuleViolation`` as ``correct_leave``."""
    standing = _withdrawn(leave, actor, now)
    record(
        WITHDRAWN, now=now, actor=actor, about=standing, person=standing.person, reason=reason, before=_said(standing)
    )


def _check_actor(person: User, actor: User, now: datetime) -> None:
    # Two leaves entered at once would each see no other.
    User.objects.select_for_update(no_key=True).get(pk=person.pk)
    if refusal := leave_refusal(actor, person, local_day(now)):
        raise RuleViolation(refusal)


def _withdrawn(leave: Leave, actor: User, now: datetime) -> Leave:
    _check_actor(leave.person, actor, now)
    standing = Leave.objects.current().filter(pk=leave.pk).select_related("person").first()
    if standing is None:
        raise RuleViolation(_("This leave was corrected meanwhile."))
    standing.withdrawn_at = now
    standing.save(update_fields=["withdrawn_at"])
    return standing


def _appended(*, person: User, kind: str, first: date, last: date | None, now: datetime, actor: User) -> Leave:
    if last is not None and last < first:
        raise RuleViolation(_("The last day is before the first."))
    overlapping = (
        Leave.objects.current().filter(person=person).filter(Q(effective_until=None) | Q(effective_until__gte=first))
    )
    if last is not None:
        overlapping = overlapping.filter(effective_from__lte=last)
    if overlapping.exists():
        raise RuleViolation(_("Another leave covers some of these days already."))
    return Leave.objects.create(
        person=person, kind=kind, effective_from=first, effective_until=last, recorded_at=now, recorded_by=actor
    )


def _said(leave: Leave) -> dict[str, Any]:
    return {"kind": leave.kind, "from": leave.effective_from, "until": leave.effective_until}
