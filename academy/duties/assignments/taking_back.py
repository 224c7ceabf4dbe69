"""The wrong assignment was withdrawn: for a day it stands again as it was, for everybody whom the withdrawal let go."""

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import batched

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from academy.duties.assignments.acts import NO_LONGER, event_of_end, facts_of
from academy.duties.assignments.evaluating import BATCH, evaluate_assignment, rows_of
from academy.errors.refusals import RuleViolation
from academy.journal import record, register_action
from academy.models import Assignee, Assignment, User
from academy.models.assignments import AssigneeRows
from academy.notices.inbox import Telling, notify_many, register_notice, take_notices_back

TAKE_BACK = register_action("academy.undo_withdrawal", _("Withdrawal of an assignment undone"))
TAKEN_BACK_FOR = timedelta(days=1)
STANDS_AGAIN = register_notice(
    "academy.assigned_again",
    title=_("Assigned after all: %(title)s"),
    text=_("It was withdrawn by mistake. What you had to do, and by when, is as before."),
    icon="clipboard-list",
)


def take_back_refusal(assignment: Assignment, now: datetime) -> str | None:
    """Why the withdrawal cannot be undone, or None."""
    if assignment.withdrawn_at is None:
        return str(_("This assignment is not withdrawn."))
    if now >= assignment.withdrawn_at + TAKEN_BACK_FOR:
        return str(_("A withdrawal can be undone for one day. Assign it again instead."))
    return None


def let_go_by_it(assignment: Assignment) -> AssigneeRows:
    """The rows that the withdrawal ended."""
    ended = {"ended_because": Assignee.Ended.WITHDRAWN, "ended_at": assignment.withdrawn_at}
    return rows_of(assignment).filter(**ended)


@transaction.atomic
def take_back_withdrawal(
    *,
    assignment: Assignment,
    now: datetime,
    actor: User | None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> int:
    """Its people are in it again, with the due dates that they had; who moved meanwhile follows at once. Who knew of the
    withdrawal is told. Returns how many people. Raises ``RuleViolation``."""
    locked = type(assignment)._default_manager.select_for_update(of=("self",)).get(pk=assignment.pk)
    refusal = take_back_refusal(locked, now)
    if refusal:
        raise RuleViolation(refusal)
    told_at, rows = locked.withdrawn_at, let_go_by_it(locked)
    assert told_at is not None
    before = {"people": rows.count(), "reason": locked.withdrawal_reason}
    titles = locked.titles_of(locked.target)
    waiting = list(rows.order_by("pk").values_list("pk", flat=True))
    done = 0
    for some in batched(waiting, BATCH):
        rows.model._default_manager.filter(pk__in=some).update(until=None, ended_because="", ended_at=None)
        events = [event_of_end(rows.model, row, told_at) for row in some]
        know = take_notices_back(kind=NO_LONGER, events=events, told_at=told_at)
        event = f"assignment:{rows.model._meta.label_lower}:{locked.pk}:{told_at.timestamp():.6f}"
        notify_many(kind=STANDS_AGAIN, tellings=[Telling(one, event, {"title": titles}) for one in know], now=now)
        done += len(some)
        progress(done, len(waiting))
    locked.withdrawn_at, locked.withdrawn_by, locked.withdrawal_reason = None, None, ""
    locked.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawal_reason"])
    record(TAKE_BACK, now=now, actor=actor, about=locked, before=before, after=facts_of(locked))
    evaluate_assignment(assignment=locked, now=now)
    return len(waiting)
