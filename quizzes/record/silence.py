"""Where a record is silent: what would tell the key of a question that is in use, told to whom it may not be told."""

from collections.abc import Callable
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from academy.doors import BANK, RecordColumn
from academy.models import User
from academy.person_record.columns import plain
from quizzes.attempts.saving import place_of
from quizzes.bank.versions import outward
from quizzes.grading.frozen import frozen_questions
from quizzes.models import Answer, Attempt, DialogueEnding, KeptAnswer, PracticeAnswer, PracticeCard, WrongQuestion
from quizzes.pools.uses import Use, uses_of, uses_of_versions
from quizzes.rules.keys import key_refusals
from quizzes.types import question_type

OfExam = Callable[[Any], bool]


def exam_answers_of(person: User) -> OfExam:
    """Whether what stands in a slot is an exam question that no person marks: words and marks of it, read by somebody
    else than the person, would tell its key. Two queries, once one asks."""
    found: list[dict[int, tuple[int, Use]]] = []

    def of_exam(row: Answer | KeptAnswer) -> bool:
        if not found:
            papers = Attempt.objects.filter(learner=person).values_list("paper", flat=True)
            found.append(uses_of_versions({place["version"] for paper in papers for place in paper}))
        version = place_of(row.attempt, row.slot)["version"]
        if found[0][version][1] != Use.EXAM:
            return False
        return not question_type(frozen_questions([version])[version].type).marked_by_person

    return of_exam


def answer_column(
    told: Callable[[Any], Any],
    reader: str = "",
    of_exam: OfExam | None = None,
    words: Callable[[Any], Any] | None = None,
) -> RecordColumn:
    """An answer without a trace of the author's order: what is stored names options by ids that follow it. ``words`` are
    for HR, who reads of an exam question nothing; the person's own copy names parts as their page did, since a question
    may be in use still."""
    if reader != BANK or of_exam is None:
        return RecordColumn("response", _("Answer"), told)
    return RecordColumn("response", _("Answer"), unless(of_exam, told), words and unless(of_exam, words))


def unless(untold: OfExam, value: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda row: None if untold(row) else plain(value(row))


def answered(answer: Answer) -> Any:
    return outward(answer.version, place_of(answer.attempt, answer.slot)["order"], answer.response)


def kept(kept: KeptAnswer) -> Any:
    place = place_of(kept.attempt, kept.slot)
    question = frozen_questions([place["version"]])[place["version"]]
    return (
        None if kept.response is None else question_type(question.type).outward(question, place["order"], kept.response)
    )


def practised(answer: PracticeAnswer) -> Any:
    return outward(answer.version, answer.order, answer.response)


def untold_questions(person: User) -> Callable[[int], bool]:
    """Whether the record is silent about right or wrong of a question: what an exam asks by now, and what the person may
    not see the key of. Whatever follows from a verdict is one: a place in the book, the day on which it is due again."""
    found: list[set[int]] = []

    def untold(question: int) -> bool:
        if not found:
            places = (
                ("version__question", PracticeAnswer),
                ("version__question", DialogueEnding),
                ("question", PracticeCard),
                ("question", WrongQuestion),
            )
            asked = [set(model.objects.filter(person=person).values_list(name, flat=True)) for name, model in places]
            uses = uses_of(set().union(*asked))
            silent = key_refusals(person=person, questions=uses, now=timezone.now(), uses=uses)
            found.append({*silent, *(model for model, use in uses.items() if use == Use.EXAM)})
        return question in found[0]

    return untold
