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

from academy.bilingual import in_every_language
from academy.calendar.clock import local_day
from academy.decisions.four_eyes import DECIDERS, propose, register_proposal
from academy.doors import consequences_of
from academy.errors.refusals import RuleViolation
from academy.journal import record, register_action
from academy.models import Proposal, User
from academy.notices.inbox import notify, register_notice
from academy.staff.access import answering_for
from quizzes.attempts import end_attempt
from quizzes.attempts.proof import result_fact
from quizzes.entry import grounds_to_sit, hall_for, last_entry
from quizzes.models import OPEN_STATES, Attempt, Candidate, SpecialResult

Kind = SpecialResult.Kind

RULED = register_action("quizzes.special_result", gettext_lazy("Special result recorded"))
TAKEN_BACK = register_action("quizzes.take_back_result", gettext_lazy("Special result taken back"))

# These take the mark of a paper away; a second person decides about that, and about giving it back.
ANNULLING = (Kind.IRREGULAR, Kind.VOID)

TOLD = register_notice(
    "quizzes.special_result",
    title=gettext_lazy("%(quiz)s: %(result)s"),
    text=gettext_lazy("Reason: %(reason)s. Ask your HR training administrator if you object."),
    icon="warning",
    required=True,
)
GIVEN_BACK = register_notice(
    "quizzes.result_taken_back",
    title=gettext_lazy("%(quiz)s: %(result)s does not hold any more"),
    text=gettext_lazy("It was taken back. Reason: %(reason)s"),
    icon="tick",
    required=True,
)
TO_DECIDE = register_notice(
    "quizzes.rests_on_void",
    title=gettext_lazy("%(name)s: a mark does not count any more"),
    text=gettext_lazy("What is based on it stays until you decide: %(count)s."),
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
        return _("Entry is still open: mark absent after it closes.")
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
        raise RuleViolation(_("Nobody decides about themselves."))
    refusal = seat_refusal(kind=kind, candidate=locked, standing=standing, now=now)
    if refusal:
        raise RuleViolation(refusal)
    hall = hall_for(locked.session.quiz, locked.person, local_day(now))
    grounds = grounds_to_sit(locked.session.quiz, locked.person, hall)
    result = SpecialResult.objects.create(
        kind=kind,
        person=locked.person,
        quiz=locked.session.quiz,
        candidate=locked,
        occasion=grounds[0].occasion if grounds else "",
        reason=reason.strip()[:500],
        recorded_at=now,
        recorded_by=actor,
    )
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
        kind=proposal.facts["kind"],
        person=attempt.learner,
        quiz=attempt.quiz,
        occasion=attempt.occasion,
        candidate=candidate,
        attempt=attempt,
        reason=proposal.reason,
        recorded_at=now,
        recorded_by=proposal.proposed_by,
    )
    Attempt.objects.filter(pk=attempt.pk).update(annulled_at=now)
    _journal(result, actor, now)
    found = consequences_of(Annulment(attempt))
    if not found:
        return
    for person in answering_for([attempt.learner], local_day(now), DECIDERS).exclude(pk=attempt.learner_id):
        notify(
            person=person,
            kind=TO_DECIDE,
            event=f"result:{result.pk}",
            now=now,
            facts={"name": attempt.learner.display_name, "count": len(found)},
            path=reverse("special_results:consequences", args=[result.pk]),
        )


def taking_back_refusal(*, result: SpecialResult, actor: User) -> str | None:
    """Why the person may not take this result back, or None. The screen shows it, the action raises it."""
    if result.withdrawn_at is not None:
        return _("This result is taken back already.")
    if result.person_id == actor.pk:
        return _("Nobody decides about themselves.")
    if waiting_taking_back(result) is not None:
        return _("This is proposed already and waits for a second person.")
    return None


def waiting_taking_back(result: SpecialResult) -> Proposal | None:
    """The proposal to take this result back that nobody has decided yet."""
    proposals = Proposal.objects.filter(action=TAKE_BACK, state=Proposal.State.WAITING, facts__result=result.pk)
    return proposals.select_related("proposed_by").first()


def propose_taking_back(*, result: SpecialResult, reason: str, actor: User, now: datetime) -> Proposal:
    """Proposes that the mark of a paper counts again: two people took it away. Raises ``RuleViolation``."""
    refusal = taking_back_refusal(result=result, actor=actor)
    if refusal:
        raise RuleViolation(refusal)
    facts = {"result": result.pk}
    return propose(action=TAKE_BACK, people=[result.person], facts=facts, reason=reason, actor=actor, now=now)


def _give_back(*, proposal: Proposal, actor: User, now: datetime) -> None:
    locked = SpecialResult.objects.select_for_update(of=("self",)).get(pk=proposal.facts["result"])
    if locked.withdrawn_at is not None:
        raise RuleViolation(_("This result is taken back already."))
    _withdraw(locked, proposal.reason, actor, now)


@transaction.atomic
def take_back(*, result: SpecialResult, reason: str, actor: User, now: datetime) -> SpecialResult:
    """The result of a seat was wrong: as one person recorded it, one withdraws it, and it stays in the record.
    Idempotent. Raises ``RuleViolation``."""
    locked = SpecialResult.objects.select_for_update(of=("self",)).get(pk=result.pk)
    if locked.withdrawn_at is not None:
        return locked
    if locked.attempt_id is not None:
        raise RuleViolation(_("Two people took this mark away. Propose that it counts again."))
    refusal = taking_back_refusal(result=locked, actor=actor)
    if refusal:
        raise RuleViolation(refusal)
    if not reason.strip():
        raise RuleViolation(_("A reason is needed."))
    _withdraw(locked, reason.strip()[:500], actor, now)
    return locked


def _withdraw(result: SpecialResult, reason: str, actor: User, now: datetime) -> None:
    """The row is locked already."""
    result.withdrawn_at = now
    result.save(update_fields=["withdrawn_at"])
    if result.attempt_id is not None:
        # What should have followed from the mark follows now: the clock finds the paper again.
        Attempt.objects.filter(pk=result.attempt_id).update(annulled_at=None, followed_up_at=None)
    record(
        TAKEN_BACK,
        now=now,
        actor=actor,
        about=result,
        person=result.person,
        reason=reason,
        before={"kind": result.kind, "reason": result.reason},
        after={"kind": None},
        fact=result,
        also=[result_fact(result.attempt)],
    )
    _tell(result, GIVEN_BACK, reason, now)


def _journal(result: SpecialResult, actor: User, now: datetime) -> None:
    record(
        RULED,
        now=now,
        actor=actor,
        about=result,
        person=result.person,
        reason=result.reason,
        before={"kind": None},
        after={"kind": result.kind, "quiz": result.quiz.code, "attempt": result.attempt_id},
        fact=result,
        also=[result_fact(result.attempt)],
    )
    _tell(result, TOLD, result.reason, now)


def _tell(result: SpecialResult, kind: str, reason: str, now: datetime) -> None:
    notify(
        person=result.person,
        kind=kind,
        event=f"result:{result.pk}",
        now=now,
        facts={
            "quiz": result.quiz.titles or {"zh-hans": result.quiz.code},
            "result": in_every_language(Kind(result.kind).label),
            "reason": reason,
        },
    )


def _describe(proposal: Proposal) -> list[tuple[Any, Any]]:
    attempt = Attempt.objects.select_related("quiz").get(pk=proposal.facts["attempt"])
    lines = [
        (_("Result"), Kind(proposal.facts["kind"]).label),
        (_("Exam"), attempt.quiz),
        (_("Paper of"), attempt.started_at),
    ]
    return [*lines, *((_("Based on it"), consequence.text) for consequence in consequences_of(Annulment(attempt)))]


def _describe_giving_back(proposal: Proposal) -> list[tuple[Any, Any]]:
    result = SpecialResult.objects.select_related("attempt__quiz").get(pk=proposal.facts["result"])
    lines: list[tuple[Any, Any]] = [
        (_("Result"), result.get_kind_display()),
        (_("Reason for it"), result.reason),
        (_("Recorded by"), result.recorded_by or "–"),
        (_("Exam"), result.quiz),
    ]
    if result.attempt is not None:
        lines.append((_("Paper of"), result.attempt.started_at))
    return lines


ANNUL = register_proposal(
    "quizzes.annul",
    label=gettext_lazy("Take a mark away"),
    carry_out=_annul,
    describe=_describe,
    undone_by="quizzes.give_mark_back",
)
TAKE_BACK = register_proposal(
    "quizzes.give_mark_back",
    label=gettext_lazy("Let a mark count again"),
    carry_out=_give_back,
    describe=_describe_giving_back,
    undone_by="quizzes.annul",
)
