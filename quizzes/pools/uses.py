"""What a question is for: check and practice, course quizzes, or exams. The three are disjoint, the strictest holds.

What a quiz asks for, by name or as one of a category that it draws from, is that quiz's; a category kept for exams is an
exam's whether one draws from it yet or not, and so is what lies in no category of a bank that holds such a one. Quizzes
that are drafts or offline count: their questions are in use.
"""

from collections.abc import Collection
from enum import StrEnum
from typing import Any

from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q
from django.db.models.query import QuerySet

from academy.doors import QuestionPlace
from academy.requests.prepared import BoundQuery, PreparedQuery
from quizzes.grading.frozen import questions_met
from quizzes.models import Question, QuestionCategory, Quiz, QuizSlot


class Use(StrEnum):
    PRACTICE = "practice"
    QUIZ = "quiz"
    EXAM = "exam"


# Not answered in a minute between two clients: read only, marked by a person, played.
LEFT_OUT = frozenset({"information", "essay", "dialogue", "case"})

# In no category of a bank that holds a pool: nobody has said of it that it is open.
UNPLACED = Q(category=None, bank__in=QuestionCategory.objects.filter(kept_for_exams=True).values("bank"))

KEPT = Q(category__kept_for_exams=True) | UNPLACED


def asked_by(*kinds: str) -> Exists:
    """A condition on questions: a quiz of one of these kinds asks for it."""
    named = Q(question=OuterRef("pk")) | Q(category=OuterRef("category"))
    return Exists(QuizSlot.objects.filter(named, quiz__kind__in=kinds))


def of_exams() -> Q:
    """A condition on questions: an exam asks for it, or it is kept for one."""
    return KEPT | Q(asked_by(Quiz.Kind.EXAM))


def for_practice() -> Q:
    """A condition on questions: check and practice are all that they are for."""
    return ~KEPT & ~Q(asked_by(Quiz.Kind.COURSE, Quiz.Kind.EXAM))


def never_for_exams() -> Q:
    """A condition on questions: no exam asks for it, nor is it kept for one."""
    return ~of_exams()


def uses_of(questions: Collection[int], among: QuerySet[Question] | None = None) -> dict[int, Use]:
    """The use of each question, of all or ``among`` these. One query, none for no question."""
    if not questions:
        return {}
    rows = (Question.objects.all() if among is None else among).filter(pk__in=questions)
    return {pk: _use(*facts) for pk, *facts in rows.values_list("pk", *FACTS)}


def uses_of_versions(versions: Collection[int]) -> dict[int, tuple[int, Use]]:
    """Question and use of each version. One query, none for no version."""
    return {version: (pk, _use(*facts)) for version, (pk, _bank, _category, *facts) in _standing(versions).items()}


def places_of_versions(versions: Collection[int]) -> dict[int, QuestionPlace]:
    """Where the question of each version stands. The query of ``uses_of_versions``."""
    found = _standing(versions)
    return {version: QuestionPlace(pk, bank, category) for version, (pk, bank, category, *_facts) in found.items()}


def asks_of_uses(versions: Collection[int]) -> list[BoundQuery[Any] | None]:
    """What ``uses_of_versions`` asks where each of them was met before."""
    questions = questions_met(versions)
    return [] if len(questions) < len(set(versions)) else [FACTS_OF.bound(questions=sorted(set(questions.values())))]


def _standing(versions: Collection[int]) -> dict[int, tuple[Any, ...]]:
    """By version the question, its bank, its category, and ``FACTS``."""
    if not versions:
        return {}
    questions = questions_met(versions)
    if len(questions) < len(set(versions)):
        rows = Question.objects.filter(versions__in=versions).values_list("versions", *STANDING)
        return {version: row for version, *row in rows}
    standing = {row[0]: row for row in FACTS_OF.rows(questions=sorted(set(questions.values())))}
    return {version: standing[question] for version, question in questions.items()}


FACTS = (ExpressionWrapper(KEPT, output_field=BooleanField()), asked_by(Quiz.Kind.EXAM), asked_by(Quiz.Kind.COURSE))

STANDING = ("pk", "bank", "category", *FACTS)

FACTS_OF = PreparedQuery(lambda questions: Question.objects.filter(pk__in=questions).values_list(*STANDING))


def _use(kept: bool | None, by_exam: bool, by_quiz: bool) -> Use:
    return Use.EXAM if kept or by_exam else Use.QUIZ if by_quiz else Use.PRACTICE


def may_open(*, kind: str, use: Use) -> bool:
    """Whether the review of a paper of this kind can open the key of a question of this use: a practice that draws from
    an exam's pool opens nothing. Pure."""
    if kind == Quiz.Kind.EXAM:
        return True
    return use == Use.PRACTICE or (use == Use.QUIZ and kind == Quiz.Kind.COURSE)
