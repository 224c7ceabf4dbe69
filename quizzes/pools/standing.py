"""What a question has been through: where it is asked, how often it was answered by version, who has seen it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Max, Q, Sum

from quizzes.models import Answer, Exposure, Question, QuestionVersion, Quiz, QuizSlot


@dataclass(frozen=True)
class AskingQuiz:
    """A quiz that asks for the question, by its name or by drawing from its category."""

    quiz: Quiz
    by_name: bool


@dataclass(frozen=True)
class VersionUse:
    """A version, how many people answered it and how many papers held it."""

    version: QuestionVersion
    people: int
    papers: int


@dataclass(frozen=True)
class Seen:
    """How many people were shown the question and how often, and how many with its key, when last."""

    people: int
    times: int
    with_key: int
    last_at: datetime | None
    key_last_at: datetime | None


def asked_where(question: Question) -> list[AskingQuiz]:
    """Two queries. A part of a case is asked where its case is drawn."""
    by_name = set(QuizSlot.objects.filter(question=question.pk).values_list("quiz", flat=True))
    drawn: Any = Q(pk__in=[])
    if question.category_id:
        drawn = Q(category=question.category_id)
        drawn &= (
            Q(cases__gt=0) if question.case_id or question.type == "case" else ~Q(easy=0, medium=0, hard=0, count=0)
        )
    drawing = QuizSlot.objects.filter(drawn).values("quiz")
    quizzes = Quiz.objects.filter(Q(pk__in=by_name) | Q(pk__in=drawing)).order_by("kind", "code")
    return [AskingQuiz(quiz, quiz.pk in by_name) for quiz in quizzes]


def asking_quizzes(questions: list[Question]) -> dict[int, list[Quiz]]:
    """Of many the course quizzes and exams that ask for each, by name or by drawing from its category. One query."""
    named = [question.pk for question in questions]
    categories = {question.category_id for question in questions} - {None}
    slots = QuizSlot.objects.filter(
        Q(question__in=named) | Q(category__in=categories), quiz__kind__in=[Quiz.Kind.COURSE, Quiz.Kind.EXAM]
    ).select_related("quiz")
    by_name: dict[int, list[Quiz]] = {}
    by_category: dict[int, list[Quiz]] = {}
    for slot in slots.order_by("quiz__code", "sort_order"):
        if slot.question_id is not None:
            by_name.setdefault(slot.question_id, []).append(slot.quiz)
        elif slot.category_id is not None:
            by_category.setdefault(slot.category_id, []).append(slot.quiz)
    found = {q.pk: [*by_name.get(q.pk, []), *by_category.get(q.category_id or 0, [])] for q in questions}
    return {pk: list(dict.fromkeys(quizzes)) for pk, quizzes in found.items()}


def version_uses(question: Question) -> list[VersionUse]:
    """The newest first. Two queries."""
    rows = (
        Answer.objects.filter(version__question=question.pk, attempt__finished_at__isnull=False)
        .order_by()
        .values_list("version")
        .annotate(Count("attempt__learner", distinct=True), Count("pk"))
    )
    counts = {version: (people, papers) for version, people, papers in rows}
    versions = question.versions.select_related("created_by").order_by("-number")
    return [VersionUse(version, *counts.get(version.pk, (0, 0))) for version in versions]


def people_of(version: int | None) -> int:
    """How many people answered a version on a paper that is over. One query."""
    answers = Answer.objects.filter(version=version, attempt__finished_at__isnull=False, response__isnull=False)
    return answers.order_by().values("attempt__learner").distinct().count()


def seen_by(question: Question) -> Seen:
    """One query."""
    found = Exposure.objects.filter(question=question.pk).aggregate(
        people=Count("pk"),
        times=Sum("times"),
        with_key=Count("pk", filter=Q(key_first_at__isnull=False)),
        last_at=Max("last_at"),
        key_last_at=Max("key_last_at"),
    )
    return Seen(**{**found, "times": found["times"] or 0})
