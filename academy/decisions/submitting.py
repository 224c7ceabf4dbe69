"""Handing in drafts as one: published at once where one person is enough and may, else decided by a second person, as one."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Model
from django.utils.translation import gettext as _
from wagtail.models import Revision

from academy.calendar.clock import local_day
from academy.decisions.objects import PUBLISH, Act, act_refusal
from academy.decisions.publishing import hand_in, in_order, is_asked, problems_of
from academy.errors.refusals import RuleViolation
from academy.models import Proposal, User

# A thing as it is stored and the revision of it that is handed in.
type Draft = tuple[Any, Revision]


@transaction.atomic
def submit(
    *, drafts: Sequence[Draft], reason: str, actor: User, now: datetime, whole: Model | None = None
) -> Proposal | None:
    """Publishes the drafts or hands them in, all of them or none. Returns the proposal, None where none was needed.

    Whoever may not publish needs a second person, whatever it counts for. Raises ``RuleViolation``.
    """
    if not drafts:
        raise RuleViolation(_("Nothing here has changed since it was published."))
    if needs_another(drafts=drafts, actor=actor, now=now):
        return hand_in(drafts=drafts, reason=reason, actor=actor, now=now, whole=whole)
    problems = problems_of(drafts)
    if problems:
        raise RuleViolation(" ".join(problems))
    for _thing, revision in in_order(drafts):
        revision.publish(user=actor, skip_permission_checks=True)
    return None


def needs_another(*, drafts: Sequence[Draft], actor: User, now: datetime) -> bool:
    """Whether handing these in waits for a second person, or publishes them at once: to be said before it is done."""
    return any(_needs_another(draft, actor, now) for draft in drafts)


def _needs_another(draft: Draft, actor: User, now: datetime) -> bool:
    thing, revision = draft
    act = Act(revision.as_object(), PUBLISH)
    may_not = act_refusal(person=actor, act=act, on=local_day(now), as_second=False)
    return bool(may_not) or is_asked(thing=thing, revision=revision, actor=actor, now=now)
