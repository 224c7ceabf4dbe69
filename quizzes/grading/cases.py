"""Cases as a draw meets them: a document with its questions, taken whole or not at all."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models.query import QuerySet
from django.utils.translation import ngettext

from quizzes.models import Question, QuizSlot
from quizzes.types.case import Case

CASE = Case.code


@dataclass(frozen=True)
class DrawableCase:
    """A case with its version, and its questions in order: question -> version."""

    question: int
    version: int
    parts: Mapping[int, int]

    def known(self, seen: Mapping[int, int]) -> int:
        """What the person knows of it: of its questions the one known best."""
        return max(seen.get(version, 0) for version in (self.question, *self.parts))


def drawable() -> QuerySet[Question]:
    """The published questions a random draw may take. Of a case a question of which is held none of it is drawn."""
    published = Question.objects.filter(retired_at=None, live=True, current_version__isnull=False, held_at=None)
    held = Question.objects.filter(held_at__isnull=False, case__isnull=False, live=True, retired_at=None)
    return published.exclude(pk__in=held.values("case"))


def cases_in(rows: Iterable[tuple[Any, ...]]) -> dict[tuple[int, int], list[DrawableCase]]:
    """(category, number of questions) -> cases. Rows of drawable questions: key, current version, category, difficulty,
    type, case, place in the case."""
    heads: list[tuple[int, int, int]] = []
    parts: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
    for pk, version, category, _difficulty, kind, case, order in rows:
        if kind == CASE:
            heads.append((pk, version, category))
        elif case is not None:
            parts[case].append((order, pk, version))
    found: dict[tuple[int, int], list[DrawableCase]] = defaultdict(list)
    for pk, version, category in heads:
        mine = {question: part for _order, question, part in sorted(parts[pk])}
        found[(category, len(mine))].append(DrawableCase(pk, version, mine))
    return found


def case_problems(slots: Sequence[QuizSlot]) -> list[str]:
    """Which cases these lines ask for that are not there, with the numbers. One query where a line asks for cases."""
    asked: Counter[tuple[int, int]] = Counter()
    categories = {slot.category_id: slot.category for slot in slots if slot.cases}
    for slot in slots:
        if slot.cases:
            asked[(slot.category_id, slot.case_size)] += slot.cases
    if not asked:
        return []
    columns = ("pk", "current_version", "category", "difficulty", "type", "case", "case_order")
    chosen = {slot.question.case_id for slot in slots if slot.question is not None and slot.question.case_id}
    there = cases_in(drawable().filter(category__in=categories).exclude(pk__in=chosen).values_list(*columns))
    return [
        ngettext(
            "“%(category)s” holds %(there)s published case of %(size)s questions; %(count)s are to be drawn.",
            "“%(category)s” holds %(there)s published cases of %(size)s questions; %(count)s are to be drawn.",
            len(there.get((category, size), [])),
        )
        % {
            "category": categories[category],
            "there": len(there.get((category, size), [])),
            "size": size,
            "count": count,
        }
        for (category, size), count in asked.items()
        if len(there.get((category, size), [])) < count
    ]
