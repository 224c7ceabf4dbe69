"""禁考: proposed by one person, in force when another approves; refused starts say until when."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from academy.calendar.clock import local_day
from academy.decisions.four_eyes import propose, register_proposal
from academy.errors.refusals import RuleViolation
from academy.journal import record, register_action
from academy.models import Line, Proposal, User
from academy.notices.inbox import notify, register_notice
from quizzes.models import Ban

IMPOSED = register_action("quizzes.ban", gettext_lazy("Banned from exams"))
LIFTED = register_action("quizzes.lift_ban", gettext_lazy("Ban lifted"))

BANNED = register_notice(
    "quizzes.banned",
    title=gettext_lazy("You may not sit exams through %(until)s"),
    text=gettext_lazy("Reason: %(reason)s. Ask your HR training administrator if you object."),
    icon="warning",
    required=True,
)
FREE_AGAIN = register_notice(
    "quizzes.ban_lifted",
    title=gettext_lazy("You may sit exams again"),
    text=gettext_lazy("The ban was lifted. %(reason)s"),
    icon="tick",
    required=True,
)

LONGEST = timedelta(days=366 * 5)


def ban_refusal(*, since: date, until: date, line: str, today: date) -> str | None:
    """Why a ban may not have this span, or None. Pure."""
    if line and line not in Line.values:
        return _("This line is not known.")
    if until < since:
        return _("The last day is before the first.")
    if until < today:
        return _("The last day is past already.")
    if until - since > LONGEST:
        return _("A ban lasts five years at most.")
    return None


def propose_ban(
    *, people: Sequence[User], line: str, since: date, until: date, reason: str, actor: User, now: datetime
) -> Proposal:
    """Proposes one ban for each of the people. Raises ``RuleViolation``."""
    refusal = ban_refusal(since=since, until=until, line=line, today=local_day(now))
    if refusal:
        raise RuleViolation(refusal)
    facts = {"line": line, "since": since.isoformat(), "until": until.isoformat()}
    return propose(action=BAN, people=people, facts=facts, reason=reason, actor=actor, now=now)


def _impose(*, proposal: Proposal, actor: User, now: datetime) -> None:
    """Writes the bans; one that stands for the same days is not written twice."""
    since, until = date.fromisoformat(proposal.facts["since"]), date.fromisoformat(proposal.facts["until"])
    for person in proposal.people.all():
        ban, created = Ban.objects.get_or_create(
            person=person,
            line=proposal.facts["line"],
            effective_from=since,
            effective_until=until,
            withdrawn_at=None,
            defaults={
                "reason": proposal.reason,
                "recorded_at": now,
                "recorded_by": proposal.proposed_by,
                "proposal": proposal,
            },
        )
        if not created:
            continue
        record(
            IMPOSED,
            now=now,
            actor=actor,
            about=ban,
            person=person,
            reason=proposal.reason,
            after={"line": ban.line, "from": since, "until": until, "proposal": proposal.pk},
            fact=ban,
        )
        notify(
            person=person,
            kind=BANNED,
            event=f"ban:{ban.pk}",
            now=now,
            facts={"until": until.isoformat(), "reason": proposal.reason},
        )


def propose_lifting(*, ban: Ban, reason: str, actor: User, now: datetime) -> Proposal:
    """Proposes to end a ban early: yesterday is its last day then. Raises ``RuleViolation``."""
    refusal = lifting_refusal(ban=ban, today=local_day(now))
    if refusal:
        raise RuleViolation(refusal)
    return propose(action=LIFT, people=[ban.person], facts={"ban": ban.pk}, reason=reason, actor=actor, now=now)


def lifting_refusal(*, ban: Ban, today: date) -> str | None:
    """Why a ban cannot be lifted, or None. Pure."""
    if ban.withdrawn_at is not None or ban.effective_until is None or ban.effective_until < today:
        return _("This ban does not hold any more.")
    return None


@transaction.atomic
def _lift(*, proposal: Proposal, actor: User, now: datetime) -> None:
    """The row is withdrawn and a shorter one appended; a ban that had not begun leaves nothing behind."""
    ban = Ban.objects.select_for_update(of=("self",)).select_related("person").get(pk=proposal.facts["ban"])
    refusal = lifting_refusal(ban=ban, today=local_day(now))
    if refusal:
        raise RuleViolation(refusal)
    before, last = ban.effective_until, local_day(now) - timedelta(days=1)
    ban.withdrawn_at = now
    ban.save(update_fields=["withdrawn_at"])
    shorter = None
    if last >= ban.effective_from:
        shorter = Ban.objects.create(
            person=ban.person,
            line=ban.line,
            effective_from=ban.effective_from,
            effective_until=last,
            reason=ban.reason,
            proposal=ban.proposal,
            recorded_at=now,
            recorded_by=actor,
        )
    record(
        LIFTED,
        now=now,
        actor=actor,
        about=ban,
        person=ban.person,
        reason=proposal.reason,
        before={"until": before},
        after={"until": last},
        fact=ban,
        also=[shorter],
    )
    notify(
        person=ban.person,
        kind=FREE_AGAIN,
        event=f"ban:{ban.pk}",
        now=now,
        facts={"reason": proposal.reason},
    )


def line_label(line: str) -> Any:
    return Line(line).label if line else _("every line")


def _describe_ban(proposal: Proposal) -> list[tuple[Any, Any]]:
    facts = proposal.facts
    return [
        (_("Exams of"), line_label(facts["line"])),
        (pgettext("moment", "From"), facts["since"]),
        (_("Through"), facts["until"]),
    ]


def _describe_lifting(proposal: Proposal) -> list[tuple[Any, Any]]:
    ban = Ban.objects.get(pk=proposal.facts["ban"])
    return [
        (_("Exams of"), line_label(ban.line)),
        (_("Through"), ban.effective_until),
        (_("Reason for the ban"), ban.reason),
    ]


BAN = register_proposal(
    "quizzes.ban",
    label=gettext_lazy("Ban from exams"),
    carry_out=_impose,
    describe=_describe_ban,
    undone_by="quizzes.lift_ban",
)
LIFT = register_proposal(
    "quizzes.lift_ban",
    label=gettext_lazy("Lift a ban"),
    carry_out=_lift,
    describe=_describe_lifting,
    undone_by="quizzes.ban",
)
