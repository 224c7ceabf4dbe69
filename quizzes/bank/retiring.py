"""Questions that may go: why, what would take their place, and the word of a trainer that one stays for now."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Count, Max, Sum
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from academy.errors.refusals import RuleViolation
from academy.journal import record, register_action
from academy.models import User
from quizzes.models import KeptQuestion, Question, Quiz, RetireReasons, VersionStatistics
from quizzes.pools.wear import WORN_OUT, worn_questions
from quizzes.statistics.keeping import reckon_changed
from quizzes.statistics.worn import AnswerSet, RetireCode, RetireReason, is_new_evidence, reasons_of_answers

KEEP = register_action("quizzes.keep_question", gettext_lazy("Suggestion to retire a question set aside"))


@dataclass(frozen=True)
class RetireSuggestion:
    """A question in use with the reasons why it may go."""

    question: Question
    reasons: tuple[RetireReason, ...]


def retire_suggestions(*, on: date) -> list[RetireSuggestion]:
    """The questions in use that may go and that nobody kept in view of all that is known, those with most reasons first."""
    found = retire_reasons(on=on)
    kept = _kept(found)
    questions = Question.objects.filter(pk__in=found, retired_at=None, live=True).select_related("category", "bank")
    listed = [
        RetireSuggestion(question, tuple(found[question.pk]))
        for question in questions
        if question.pk not in kept or is_new_evidence(found[question.pk], kept[question.pk])
    ]
    return sorted(listed, key=lambda weighed: (-len(weighed.reasons), weighed.question.pk))


def suggestion_for(*, question: Question, on: date) -> RetireSuggestion | None:
    return next((suggestion for suggestion in retire_suggestions(on=on) if suggestion.question == question), None)


def reckon_at_night(*, now: datetime, today: date) -> int:
    """The night's pass: the statistics of every quiz with new results, then why questions may go."""
    done = reckon_changed(now=now, today=today)
    retire_reasons(on=today)
    return done


def retire_reasons(*, on: date) -> dict[int, list[RetireReason]]:
    """As reckoned by the statistics that there are, once a day; whoever comes first after new ones has them reckoned."""
    rows = VersionStatistics.objects.aggregate(last=Max("pk"), rows=Count("pk"), answers=Sum("count"))
    basis = f"{on.isoformat()} {rows['last']} {rows['rows']} {rows['answers']}"
    kept = RetireReasons.objects.order_by("pk").first()
    if kept is not None and kept.basis == basis:
        return {int(question): list(map(_told, reasons)) for question, reasons in kept.reasons.items()}
    found = _reasons(on)
    told = {str(question): [_as_kept(reason) for reason in reasons] for question, reasons in found.items()}
    RetireReasons.objects.update_or_create(
        pk=kept.pk if kept is not None else 1, defaults={"basis": basis, "reasons": told}
    )
    return dict(found)


def _as_kept(reason: RetireReason) -> dict[str, Any]:
    return {"code": str(reason.code), "count": reason.count, "facts": dict(reason.facts)}


def _told(kept: Mapping[str, Any]) -> RetireReason:
    return RetireReason(RetireCode(kept["code"]), kept["count"], kept["facts"])


def _reasons(on: date) -> Mapping[int, list[RetireReason]]:
    sets: dict[int, list[AnswerSet]] = defaultdict(list)
    rows = VersionStatistics.objects.filter(version__question__retired_at=None).select_related("version")
    for row in rows.defer("options", "characteristic", "notes", "version__body").iterator(1000):
        figures = row.figures
        sets[row.version.question_id].append(
            AnswerSet(
                row.version.number,
                row.count,
                figures.get("facility"),
                figures.get("random_guess_score"),
                figures.get("discrimination_index"),
            )
        )
    found = {question: reasons for question, some in sets.items() if (reasons := reasons_of_answers(some))}
    for exam in Quiz.objects.filter(kind=Quiz.Kind.EXAM, live=True):
        people, seen = worn_questions(quiz=exam, on=on)
        for question, count in seen.items():
            if count > WORN_OUT * people:
                reason = RetireReason(RetireCode.WORN_OUT, count, {"takers": people})
                found[question] = _with_worst(found.get(question, []), reason)
    return found


def _with_worst(reasons: Sequence[RetireReason], worn: RetireReason) -> list[RetireReason]:
    """Of several exams the one in which most people have seen the question speaks."""
    others = [reason for reason in reasons if reason.code != RetireCode.WORN_OUT]
    before = [reason for reason in reasons if reason.code == RetireCode.WORN_OUT]
    return [*others, max([*before, worn], key=lambda weighed: weighed.count)]


def _kept(questions: Mapping[int, object]) -> dict[int, dict[str, int]]:
    """By question what was known when somebody kept it last."""
    rows = KeptQuestion.objects.filter(question__in=list(questions)).order_by("pk")
    return {row.question_id: row.known for row in rows}


@transaction.atomic
def keep_question(*, question: Question, reason: str, actor: User, now: datetime, on: date) -> KeptQuestion:
    """The question stays although it may go; it is suggested again by another reason, or by thirty answers or people more.
    Raises ``RuleViolation``."""
    suggestion = suggestion_for(question=question, on=on)
    if suggestion is None:
        raise RuleViolation(_("There is no longer a reason to retire this question."))
    if not reason.strip():
        raise RuleViolation(_("A reason is needed."))
    known = {str(reason.code): reason.count for reason in suggestion.reasons}
    kept = KeptQuestion.objects.create(
        question=question, known=known, reason=reason.strip()[:500], kept_by=actor, kept_at=now
    )
    record(KEEP, now=now, actor=actor, about=question, reason=kept.reason, after=known)
    return kept
