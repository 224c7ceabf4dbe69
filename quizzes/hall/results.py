"""缺考, 缓考, 违纪, 成绩作废: who may say so when, and what each does. The one place of these rules.

=========== ================= ============== =================
            what was sat      counts as used the mark counts
=========== ================= ============== =================
absent      nothing           yes            –
deferred    nothing           no             –
irregular   a paper or not    yes            no
void        a paper           yes            no
=========== ================= ============== =================

A mark that does not count any more undoes nothing that was certified: ``consequences_of(Annulment(attempt))`` says
what rests on it, HR is told, and a person decides.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from academy.access import answering_for
from academy.bilingual import in_every_language
from academy.clock import local_day
from academy.doors import consequences_of
from academy.errors import RuleViolation
from academy.four_eyes import DECIDERS, propose, register_proposal
from academy.journal import record, register_action
from academy.models import Proposal, User
from academy.notices import notify, register_notice
from quizzes.attempts import end_attempt
from quizzes.attempts.proof import result_fact
from quizzes.hall.sessions import grounds_to_sit, hall_for, last_entry
from quizzes.models import OPEN_STATES, Attempt, Candidate, SpecialResult

Kind = SpecialResult.Kind

RULED = register_action("quizzes.special_result", gettext_lazy("Special result recorded"))
TAKEN_BACK = register_action("quizzes.take_back_result", gettext_lazy("Special result taken back"))

# These take the mark away; a second person decides about them.
ANNULLING = (Kind.IRREGULAR, Kind.VOID)

TOLD = register_notice(
    "quizzes.special_result",
    title=gettext_lazy("%(quiz)s: %(result)s"),
    text=gettext_lazy("Reason: %(reason)s. Ask your HR training administrator if you object."),
    icon="warning",
    required=True,
)
TO_DECIDE = register_notice(
    "quizzes.rests_on_void",
    title=gettext_lazy("%(name)s: a mark does not count any more"),
    text=gettext_lazy("%(count)s things rest on it and stand until you decide."),
    icon="warning",
)


@dataclass(frozen=True)
class Annulment:
    """The change about which ``consequences_of`` is asked: this paper's mark stops counting."""

    attempt: Attempt


def seat_refusal(*, kind: str, candidate: Candidate, standing: SpecialResult | None, now: datetime) -> str | None:
    """Why a seat may not get this result, or None. Pure."""
    if kind not in (Kind.ABSENT, Kind.DEFERRED, Kind.IRREGULAR):
        return _("This result needs a paper.")
    if candidate.session.cancelled_at is not None:
        return _("This session is cancelled.")
    if candidate.attempt_id is not None:
        return _("This person has begun; it is about the paper now.")
    if standing is not None:
        return _("There is a result already: %(result)s. Take it back first.") % {"result": standing.get_kind_display()}
    if kind == Kind.ABSENT and now <= last_entry(candidate.session):
        return _("Entry is still open; nobody is absent before it closes.")
    return None


@transaction.atomic
def rule_seat(*, kind: str, candidate: Candidate, reason: str, actor: User, now: datetime) -> SpecialResult:
    """Absent, deferred, or sent away: about somebody who wrote nothing. Idempotent. Raises ``RuleViolation``."""
    locked = (
        Candidate.objects.select_for_update(of=("self",)).select_related("session__quiz", "person").get(pk=candidate.pk)
    )
    standing = locked.special_results.filter(withdrawn_at=None).first()
    if standing is not None and standing.kind == kind:
        return standing
    if not reason.strip():
        raise RuleViolation(_("A reason is needed."))
    if locked.person_id == actor.pk:
        raise RuleViolation(_("Nobody rules about themselves."))
    refusal = seat_refusal(kind=kind, candidate=locked, standing=standing, now=now)
    if refusal:
        raise RuleViolation(refusal)
    hall = hall_for(locked.session.quiz, locked.person, local_day(now))
    grounds = grounds_to_sit(locked.session.quiz, locked.person, hall)
    result = SpecialResult.objects.create(
        kind=kind, person=locked.person, quiz=locked.session.quiz, candidate=locked,
        occasion=grounds[0].occasion if grounds else "", reason=reason.strip()[:500],
        recorded_at=now, recorded_by=actor,
    )  # fmt: skip
    _journal(result, actor, now)
    return result


def paper_refusal(*, attempt: Attempt, standing: SpecialResult | None) -> str | None:
    """Why a paper's mark may not be taken away, or None. Pure."""
    if attempt.state == Attempt.State.NOT_STARTED:
        return _("This paper was never begun.")
    if standing is not None:
        return _("There is a result already: %(result)s. Take it back first.") % {"result": standing.get_kind_display()}
    return None


def propose_annulment(*, kind: str, attempt: Attempt, reason: str, actor: User, now: datetime) -> Proposal:
    """Proposes 违纪 or 成绩作废 for a paper. Raises ``RuleViolation``."""
    if kind not in ANNULLING:
        raise RuleViolation(_("This result is for a seat."))
    refusal = paper_refusal(attempt=attempt, standing=attempt.special_results.filter(withdrawn_at=None).first())
    if refusal:
        raise RuleViolation(refusal)
    facts = {"kind": kind, "attempt": attempt.pk}
    return propose(action=ANNUL, people=[attempt.learner], facts=facts, reason=reason, actor=actor, now=now)


def _annul(*, proposal: Proposal, actor: User, now: datetime) -> None:
    attempt = (
        Attempt.objects.select_for_update(of=("self",))
        .select_related("quiz", "learner")
        .get(pk=proposal.facts["attempt"])
    )
    standing = attempt.special_results.filter(withdrawn_at=None).first()
    refusal = paper_refusal(attempt=attempt, standing=standing)
    if refusal:
        raise RuleViolation(refusal)
    if attempt.state in OPEN_STATES:
        end_attempt(attempt=attempt, now=now)
    candidate = Candidate.objects.filter(attempt=attempt).first()
    result = SpecialResult.objects.create(
        kind=proposal.facts["kind"], person=attempt.learner, quiz=attempt.quiz, occasion=attempt.occasion,
        candidate=candidate, attempt=attempt, reason=proposal.reason, recorded_at=now,
        recorded_by=proposal.proposed_by,
    )  # fmt: skip
    Attempt.objects.filter(pk=attempt.pk).update(annulled_at=now)
    _journal(result, actor, now)
    found = consequences_of(Annulment(attempt))
    if not found:
        return
    for person in answering_for([attempt.learner], local_day(now), DECIDERS).exclude(pk=attempt.learner_id):
        notify(
            person=person, kind=TO_DECIDE, event=f"result:{result.pk}", now=now,
            facts={"name": attempt.learner.display_name, "count": len(found)},
            path=reverse("special_results:consequences", args=[result.pk]),
        )  # fmt: skip


@transaction.atomic
def take_back(*, result: SpecialResult, reason: str, actor: User, now: datetime) -> SpecialResult:
    """A result was wrong: it is withdrawn and stays in the record. Idempotent. Raises ``RuleViolation``."""
    locked = SpecialResult.objects.select_for_update(of=("self",)).get(pk=result.pk)
    if locked.withdrawn_at is not None:
        return locked
    if locked.person_id == actor.pk:
        raise RuleViolation(_("Nobody rules about themselves."))
    if not reason.strip():
        raise RuleViolation(_("A reason is needed."))
    locked.withdrawn_at = now
    locked.save(update_fields=["withdrawn_at"])
    if locked.attempt_id is not None:
        # What should have followed from the mark follows now: the clock finds the paper again.
        Attempt.objects.filter(pk=locked.attempt_id).update(annulled_at=None, followed_up_at=None)
    record(
        TAKEN_BACK, now=now, actor=actor, about=locked, person=locked.person, reason=reason.strip(),
        before={"kind": locked.kind, "reason": locked.reason}, after={"kind": None},
        fact=result_fact(locked.attempt),
    )  # fmt: skip
    return locked


def _journal(result: SpecialResult, actor: User, now: datetime) -> None:
    record(
        RULED, now=now, actor=actor, about=result, person=result.person, reason=result.reason,
        before={"kind": None},
        after={"kind": result.kind, "quiz": result.quiz.code, "attempt": result.attempt_id},
        fact=result_fact(result.attempt),
    )  # fmt: skip
    notify(
        person=result.person, kind=TOLD, event=f"result:{result.pk}", now=now,
        facts={
            "quiz": result.quiz.titles or {"zh-hans": result.quiz.code},
            "result": in_every_language(Kind(result.kind).label),
            "reason": result.reason,
        },
    )  # fmt: skip


def _describe(proposal: Proposal) -> list[tuple[Any, Any]]:
    attempt = Attempt.objects.select_related("quiz").get(pk=proposal.facts["attempt"])
    lines = [
        (_("Result"), Kind(proposal.facts["kind"]).label),
        (_("Exam"), attempt.quiz),
        (_("Paper of"), attempt.started_at),
    ]
    return [*lines, *((_("Rests on it"), one.text) for one in consequences_of(Annulment(attempt)))]


ANNUL = register_proposal("quizzes.annul", label=gettext_lazy("Take a mark away"), carry_out=_annul, describe=_describe)
