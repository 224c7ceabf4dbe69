"""Drawing a paper: chosen questions and random draws, once, at the start."""

import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from django.db.models.query import QuerySet
from django.utils.translation import gettext as _

from quizzes.grading import PaperSlot
from quizzes.models import Attempt, Question, QuestionVersion, Quiz, QuizSlot
from quizzes.types import question_type


def drawable(slot: QuizSlot) -> QuerySet[Question]:
    """The published questions a random draw may take."""
    found = Question.objects.filter(
        category=slot.category_id, retired_at=None, live=True, current_version__isnull=False
    )
    return found.filter(difficulty=slot.difficulty) if slot.difficulty else found


def draw_problems(slots: Sequence[QuizSlot]) -> list[str]:
    """Why a paper cannot be drawn from these slots, with the numbers; empty when it can."""
    problems = []
    chosen = {slot.question_id for slot in slots if slot.question_id}
    asked: dict[tuple[int, str], int] = defaultdict(int)
    first: dict[tuple[int, str], QuizSlot] = {}
    for slot in slots:
        if slot.question_id:
            if slot.question.current_version_id is None:
                problems.append(_("“%(name)s” is not published yet.") % {"name": slot.question})
        elif slot.category_id:
            asked[(slot.category_id, slot.difficulty)] += slot.count
            first.setdefault((slot.category_id, slot.difficulty), slot)
    for key, count in asked.items():
        slot = first[key]
        there = drawable(slot).exclude(pk__in=chosen).count()
        # Draws of any difficulty share the category with those of a given one.
        if not slot.difficulty:
            there -= sum(other for (category, level), other in asked.items() if category == key[0] and level)
        if there < count:
            problems.append(
                _("“%(category)s” holds %(there)s published questions; %(count)s are to be drawn.")
                % {"category": slot.category, "there": max(there, 0), "count": count}
            )
    return problems


def draw_paper(*, quiz: Quiz, source: random.Random) -> list[dict[str, Any]]:
    """Slots with version id, marks and drawn order. Raises ``ValueError`` when the bank holds too few."""
    slots = list(quiz.slots.select_related("question__current_version", "category"))
    taken = {slot.question_id for slot in slots if slot.question_id}
    picked: list[tuple[QuestionVersion, Decimal]] = []
    # Draws of a given difficulty go first, so that a draw of any does not use up their questions.
    drawn: dict[int, list[QuestionVersion]] = {}
    for slot in sorted((slot for slot in slots if slot.category_id), key=lambda slot: not slot.difficulty):
        ids = sorted(set(drawable(slot).values_list("pk", flat=True)) - taken)
        if len(ids) < slot.count:
            raise ValueError(f"quiz {quiz.code}: {len(ids)} questions for a draw of {slot.count}")
        chosen = source.sample(ids, slot.count)
        taken.update(chosen)
        versions = QuestionVersion.objects.filter(
            pk__in=Question.objects.filter(pk__in=chosen).values("current_version")
        )
        by_question = {version.question_id: version for version in versions}
        drawn[slot.pk] = [by_question[one] for one in chosen]
    for slot in slots:
        if slot.question_id:
            version = slot.question.current_version
            if version is None:
                raise ValueError(f"quiz {quiz.code}: question {slot.question_id} is not published")
            picked.append((version, slot.mark))
        else:
            picked += [(version, slot.mark) for version in drawn[slot.pk]]
    if quiz.shuffle_questions:
        source.shuffle(picked)
    paper = []
    for number, (version, mark) in enumerate(picked, 1):
        kind = question_type(version.type)
        order = kind.draw_order(kind.parse(version.body), source)
        paper.append({"slot": number, "version": version.pk, "mark": str(mark), "order": order})
    return paper


def versions_of(papers: Iterable[list[dict[str, Any]]]) -> dict[int, QuestionVersion]:
    """All versions that the papers name, in one query."""
    return QuestionVersion.objects.in_bulk({place["version"] for paper in papers for place in paper})


def paper_slots(attempt: Attempt) -> list[PaperSlot]:
    """The attempt's paper as grading reads it."""
    versions = versions_of([attempt.paper])
    return [
        PaperSlot(
            place["slot"],
            question_type(versions[place["version"]].type).parse(versions[place["version"]].body),
            Decimal(place["mark"]),
        )
        for place in attempt.paper
    ]
