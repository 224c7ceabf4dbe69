"""A plan carried out for all of its people or for none of them."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from academy.bilingual import in_every_language
from academy.errors.refusals import RuleViolation
from academy.journal import record, register_action
from academy.models import Proposal, User
from academy.notices.inbox import Telling, notify, notify_many, register_notice
from academy.staff.access import managers_of
from certificates.award.all_met import award_all_met
from certificates.award.candidates import note_ready
from certificates.deciding.acts import MAKERS
from certificates.deciding.cases import DecisionCase, cases_of
from certificates.deciding.making import Making
from certificates.deciding.plan import (
    ACCEPT,
    AWARD,
    END,
    EXTEND,
    LOWER,
    REVOKE,
    TAKE_BACK,
    WAIVE,
    DecisionPlan,
    act_label,
)
from certificates.deciding.words import sentence_of
from certificates.document.issuing import take_counters
from certificates.models import CertificationTrack, Decision

DECIDE = register_action("certificates.decide", _("Decided about a level"))
TOLD = register_notice(
    "certificates.decided",
    title=_("%(level)s: %(what)s"),
    text=_("%(words)s Reason: %(reason)s. Ask your HR training administrator if you object."),
    icon="award",
    required=True,
)
TAKEN = register_notice(
    "certificates.level_taken",
    title=_("%(name)s, %(level)s: %(what)s"),
    text=_("From %(day)s. What is missing now stands on the page of the person, who alone was told the reason."),
    icon="award",
)
# Of these the line manager hears, too: what somebody may do for clients is less from then on.
TAKING = (REVOKE, LOWER, END)
# After these something may be met that was missing.
MAY_COMPLETE = (WAIVE, ACCEPT, EXTEND)


@transaction.atomic
def carry_out(
    *, plan: DecisionPlan, people: Sequence[User], reason: str, proposal: Proposal | None, actor: User, now: datetime
) -> dict[int, str]:
    """Does it for each of the people who are not refused, and gives the refusals by the key of the person. Whoever wants
    all or nothing rolls back where there are any."""
    ordered = sorted(person.pk for person in people)
    # Of two decisions at once the second finds what the first wrote.
    locked = list(User.objects.select_for_update(no_key=True).filter(pk__in=ordered).order_by("pk"))
    take_counters(people=ordered, tracks=_tracks_issued(plan), now=now)
    making = Making(plan, reason, actor, now, proposal)
    before = cases_of(locked, plan.track, making.today)
    written: dict[int, list[Decision]] = {}
    refused: dict[int, str] = {}
    for person in locked:
        try:
            with transaction.atomic():
                written[person.pk] = MAKERS[plan.act](making, before[person.pk])
        except RuleViolation as refusal:
            refused[person.pk] = str(refusal.message)
    done = [user for user in locked if user.pk in written]
    if plan.act in MAY_COMPLETE:
        for person in done:
            award_all_met(person=person, now=now)
    elif done:
        # What a level rested on may stay: then a person decides whether it is given again.
        note_ready(people=done, now=now)
    after = cases_of(done, plan.track, making.today)
    for person in done:
        _journal(making, before[person.pk], after[person.pk], written[person.pk])
        _tell(making, written[person.pk][0])
    return refused


def _tracks_issued(plan: DecisionPlan) -> list[CertificationTrack]:
    """Of which documents may be issued: its own, the lower one, and where something may be completed each."""
    if plan.act in MAY_COMPLETE:
        return list(CertificationTrack.objects.filter(active=True).select_related("level"))
    if plan.act in (REVOKE, END):
        return []
    return [track for track in (plan.track, plan.lower) if track is not None]


def _journal(making: Making, before: DecisionCase, after: DecisionCase, written: list[Decision]) -> None:
    plan = making.plan
    said = {name: value for name, value in plan.facts().items() if value not in ("", None, [], False)}
    record(
        DECIDE,
        now=making.now,
        actor=making.actor,
        about=written[0],
        person=before.person,
        reason=making.reason,
        before=before.state,
        after={**after.state, "decided": said, "proposal": making.proposal.pk if making.proposal else None},
        fact=written[0],
        also=written[1:],
    )


def _tell(making: Making, decision: Decision) -> None:
    """The holder, in words. An award and its certificate are told by the certificate."""
    if making.plan.act == AWARD or decision.person.quiet_load_id is not None:
        return
    notify(
        person=decision.person,
        kind=TOLD,
        event=f"decision:{making.plan.act}:{decision.pk}",
        now=making.now,
        facts={
            "level": decision.track.level.names,
            "what": in_every_language(act_label(making.plan.act)),
            "words": in_every_language(lambda: sentence_of(decision, taken_back=making.plan.act == TAKE_BACK)),
            "reason": making.reason,
        },
        path=reverse("certificates:mine"),
    )
    if making.plan.act in TAKING:
        _tell_managers(making, decision)


def _tell_managers(making: Making, decision: Decision) -> None:
    """Whoever answers for the person, and who stands in: what ended and from when, and not why."""
    facts = {
        "name": decision.person.display_name,
        "level": decision.track.level.names,
        "what": in_every_language(act_label(making.plan.act)),
        "day": making.plan.on.isoformat(),
    }
    event, path = f"decision:{decision.pk}", reverse("certificates:team_person", args=[decision.person_id])
    told = [Telling(reader, event, facts, path) for reader in managers_of(decision.person, making.today)]
    notify_many(kind=TAKEN, tellings=told, now=making.now)
