"""Answers judged while one is answering: practice fixes an answer once checked, hints leave more tries for fewer marks."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from django.db import transaction
from django.utils.translation import gettext as _

from academy.errors.refusals import RuleViolation
from quizzes.grading.frozen import parsed_answer
from quizzes.models import Answer, Attempt, Quiz
from quizzes.pools.exposures import note_answered
from quizzes.rules.keys import key_refusal
from quizzes.rules.review import Shows
from quizzes.types import Grade, ParsedQuestion, question_type
from quizzes.types.base import Order, typed_share
from quizzes.types.rich import shown_in

Behaviour = Quiz.Behaviour


@dataclass(frozen=True)
class Checked:
    """What may be said of an answer now. ``tries_left`` None where it is fixed by the first check."""

    fixed: bool
    state: str
    texts: tuple[str, ...]
    right: str
    tries_left: int | None
    hint: str = ""
    hint_number: int = 0


def earned_fraction(*, fraction: Fraction, wrong_tries: int, penalty: Decimal) -> Fraction:
    """The share of the mark after tries that were wrong: each costs ``penalty``, never below nothing.

    As Moodle's interactive behaviour adjusts a fraction; 0.3333 is a third, so that three such tries cost all. Pure.
    """
    return max(Fraction(0), Fraction(fraction) - typed_share(str(penalty)) * wrong_tries)


def check_refusal(*, attempt: Attempt, answer: Answer | None) -> str | None:
    """Why an answer cannot be checked now, or None. The button shows it, the action raises it."""
    if attempt.behaviour == Behaviour.DEFERRED:
        return _("The answers of this quiz are judged after handing in.")
    if attempt.state != Attempt.State.IN_PROGRESS:
        return _("The time is over.")
    if answer is None or answer.response is None:
        return _("Answer the question first.")
    if answer.checked_at is not None:
        return _("This answer is checked already.")
    if question_type(answer.version.type).marked_by_person:
        return _("A person marks this answer after handing in.")
    return None


def _kept_silent(attempt: Attempt, answer: Answer | None, now: datetime) -> str | None:
    """Why practice does not judge this answer: another paper holds the question, or an exam or a course quiz asks it."""
    if attempt.quiz.kind != Quiz.Kind.PRACTICE or answer is None:
        return None
    # The key's rule asks what papers show, and closing a paper asks this module what tries cost.
    question = answer.version.question_id
    return key_refusal(person=attempt.learner, question=question, now=now, page_of=attempt)


@transaction.atomic
def check_answer(*, attempt: Attempt, slot: int, now: datetime) -> Answer:
    """Judges what is stored in a slot. Raises ``RuleViolation`` with the reason."""
    answer = (
        Answer.objects.select_for_update(of=("self",))
        .select_related("version")
        .filter(attempt=attempt, slot=slot)
        .first()
    )
    refusal = check_refusal(attempt=attempt, answer=answer) or _kept_silent(attempt, answer, now)
    if refusal or answer is None:
        raise RuleViolation(refusal)
    grade = _grade(answer)[1]
    answer.tries += 1
    last = attempt.behaviour == Behaviour.IMMEDIATE or answer.tries > attempt.quiz.hints_allowed
    if last or grade.fraction == 1:
        answer.checked_at = now
    answer.checked_response = answer.response
    answer.save(update_fields=["tries", "checked_at", "checked_response"])
    if answer.checked_at is not None and attempt.quiz.kind == Quiz.Kind.PRACTICE:
        note_answered(person=attempt.learner_id, versions=[answer.version_id], now=now, key=True)
    return answer


def wrong_tries(answer: Answer) -> int:
    """Tries before the one that counts: the last check's own, or a later answer that was not checked."""
    return max(0, answer.tries - 1) if answer.checked_at is not None else answer.tries


def checked_words(*, attempt: Attempt, answer: Answer | None, shows: Shows, key: bool = True) -> Checked | None:
    """What the page may say of a checked answer, as the matrix allows it while answering; None before any check.

    Between tries stands the question's hint for that try, and stays while the next answer is sought; where it has none
    of its own the words for the chosen answer are the hint. The explanation and the right answer would tell the key and
    wait until the answer is fixed. Without ``key`` neither is said, nor the words for the chosen answer. A practice then
    gives no verdict either; a quiz that counts says right or wrong as it was set up to, and its questions' own hints.
    """
    if answer is None or not answer.tries or answer.checked_response is None:
        return None
    question, grade = _grade(answer)
    fixed = answer.checked_at is not None
    hinting = attempt.behaviour == Behaviour.INTERACTIVE
    number, hint = _hint(question, answer.tries, attempt.language) if hinting and not fixed else (0, "")
    if answer.response != answer.checked_response:
        return Checked(False, "", (), "", _tries_left(attempt, answer), hint, number)
    judges = key or attempt.quiz.kind != Quiz.Kind.PRACTICE
    serves = hinting and not question.hints
    texts = [shown_in(text, attempt.language) for text in grade.feedback] if key and (shows.specific or serves) else []
    right = ""
    if fixed and key:
        if shows.general:
            texts.append(shown_in(question.feedback, attempt.language))
        if shows.right_answer and grade.fraction < 1:
            right = question_type(answer.version.type).right_answer(question, attempt.language, _order(attempt, answer))
    return Checked(
        fixed=fixed,
        state=grade.state if judges and (shows.correct or hinting) else "",
        texts=tuple(text for text in texts if text),
        right=right,
        tries_left=None if fixed or not hinting else _tries_left(attempt, answer),
        hint=hint if judges else "",
        hint_number=number,
    )


def _hint(question: ParsedQuestion, tries: int, language: str) -> tuple[int, str]:
    """The hint after that many wrong tries and its number; the last one stays where there are more tries than hints."""
    number = min(tries, len(question.hints))
    return (number, shown_in(question.hints[number - 1], language)) if number else (0, "")


def _tries_left(attempt: Attempt, answer: Answer) -> int:
    return attempt.quiz.hints_allowed + 1 - answer.tries


def _order(attempt: Attempt, answer: Answer) -> Order:
    return next(place["order"] for place in attempt.paper if place["slot"] == answer.slot)


def _grade(answer: Answer) -> tuple[ParsedQuestion, Grade]:
    kind = question_type(answer.version.type)
    question = parsed_answer(answer)
    return question, kind.grade(question, answer.response)
