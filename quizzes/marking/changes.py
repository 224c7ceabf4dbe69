"""A mark changed after the result was known: with a reason, by two people, and journalled."""

from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from academy.bilingual import pick
from academy.decisions.four_eyes import propose, register_proposal
from academy.errors.refusals import RuleViolation
from academy.journal import record, register_action
from academy.models import Proposal, User
from academy.notices.inbox import notify, register_notice
from quizzes.attempts.following_up import follow_up
from quizzes.attempts.proof import result_fact
from quizzes.attempts.saving import place_of
from quizzes.attempts.settling import result_of_answers
from quizzes.grading.marks import stored_share
from quizzes.models import Answer, Attempt

CHANGE = register_action("quizzes.change_mark", gettext_lazy("Mark changed after release"))
CHANGED = register_notice(
    "quizzes.mark_changed",
    title=gettext_lazy("A mark in %(quiz)s was changed"),
    text=gettext_lazy("Question %(slot)s: from %(before)s to %(after)s. %(reason)s"),
    icon="edit",
    required=True,
)


def change_refusal(*, answer: Answer, mark: Decimal) -> str | None:
    """Why this mark cannot be given, or None."""
    if answer.attempt.state != Attempt.State.FINISHED or answer.mark is None:
        return _("Only the mark of a finished paper can be changed.")
    if not 0 <= mark <= Decimal(place_of(answer.attempt, answer.slot)["mark"]):
        return _("The mark lies between 0 and the marks of the question.")
    if mark == answer.mark:
        return _("This is the mark already.")
    return None


def propose_change(*, answer: Answer, mark: Decimal, reason: str, actor: User, now: datetime) -> Proposal:
    """Proposes another mark; where no second person is demanded it holds at once. Raises ``RuleViolation``."""
    refusal = change_refusal(answer=answer, mark=mark)
    if refusal:
        raise RuleViolation(refusal)
    return propose(
        action=ACTION,
        people=[answer.attempt.learner],
        facts={
            "answer": answer.pk,
            "quiz": answer.attempt.quiz.titles or answer.attempt.quiz.code,
            "number": answer.attempt.number,
            "slot": answer.slot,
            "before": _plain(answer.mark),
            "after": _plain(mark),
        },
        reason=reason,
        actor=actor,
        now=now,
    )


def _carry_out(*, proposal: Proposal, actor: User, now: datetime) -> None:
    facts = proposal.facts
    found = Answer.objects.get(pk=facts["answer"])
    attempt = Attempt.objects.select_for_update(of=("self",)).select_related("quiz", "learner").get(pk=found.attempt_id)
    answer = Answer.objects.get(pk=found.pk)
    answer.attempt = attempt
    if _plain(answer.mark) != facts["before"]:
        raise RuleViolation(_("The mark was changed meanwhile. Propose it again."))
    mark = Decimal(facts["after"])
    refusal = change_refusal(answer=answer, mark=mark)
    if refusal:
        raise RuleViolation(refusal)
    answer.mark = mark
    answer.fraction = stored_share(Fraction(mark) / Fraction(place_of(attempt, answer.slot)["mark"]))
    answer.save(update_fields=["mark", "fraction"])
    before = result_of(attempt)
    recompute(attempt)
    record(
        CHANGE,
        now=now,
        actor=actor,
        about=attempt,
        person=attempt.learner,
        reason=proposal.reason,
        before={"slot": answer.slot, "answer_mark": facts["before"], **before},
        after={"answer_mark": facts["after"], **result_of(attempt)},
        fact=result_fact(attempt),
    )
    if attempt.is_released:
        notify(
            person=attempt.learner,
            kind=CHANGED,
            event=f"mark_changed:{proposal.pk}",
            now=now,
            facts={
                "quiz": facts["quiz"],
                "slot": answer.slot,
                "before": facts["before"],
                "after": facts["after"],
                "reason": proposal.reason,
            },
            path=attempt.get_absolute_url(),
        )
    transaction.on_commit(lambda: follow_up(attempt=attempt, now=now))


def recompute(attempt: Attempt) -> None:
    """The result out of the answers' shares; what follows from it has to follow anew. The row is locked already."""
    attempt.mark, attempt.passed = result_of_answers(attempt, list(attempt.answers.all()))
    attempt.followed_up_at = None
    attempt.save(update_fields=["mark", "passed", "followed_up_at", "paper"])


def result_of(attempt: Attempt) -> dict[str, Any]:
    return {"mark": _plain(attempt.mark), "passed": attempt.passed}


def _plain(mark: Decimal | None) -> str:
    return "" if mark is None else f"{mark.normalize():f}"


def _describe(proposal: Proposal) -> list[tuple[Any, Any]]:
    facts = proposal.facts
    quiz = facts["quiz"]
    title = pick(quiz, get_language() or settings.LANGUAGE_CODE) if isinstance(quiz, dict) else quiz
    return [
        (_("Quiz"), f"{title} · {_('Attempt %(number)s') % {'number': facts['number']}}"),
        (_("Question"), facts["slot"]),
        (_("Mark now"), facts["before"]),
        (_("New mark"), facts["after"]),
    ]


ACTION = register_proposal(
    "quizzes.change_mark",
    label=gettext_lazy("Change a mark"),
    carry_out=_carry_out,
    describe=_describe,
    undone_by="quizzes.change_mark",
)
