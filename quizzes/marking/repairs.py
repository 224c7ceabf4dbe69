"""What a repair does to one answer beside a new key: the whole mark for everybody, no mark for anybody, or that taken back.

What was stands in the paper itself, at the answer's place: ``given`` the share before everybody got the whole mark,
``dropped`` what the question was worth. So a repair is found, done once and taken back without another record.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models.query import QuerySet

from quizzes.models import Answer, Attempt, Question, RegradeRun

Mode = RegradeRun.Mode


@dataclass(frozen=True)
class Repaired:
    """The share that the answer earns now, and the place of the paper as it is to stand."""

    share: Decimal
    place: dict[str, Any]


def answers_on_papers(question: Question, until: datetime | None = None) -> QuerySet[Answer]:
    """Answers to any version of the question on finished papers, of those handed in ``until`` a moment where it is named:
    a proposal speaks of the papers that there were."""
    finished = Answer.objects.filter(version__question=question, attempt__state=Attempt.State.FINISHED)
    return finished.filter(**{"attempt__finished_at__lte": until} if until else {}).order_by("pk")


def repaired(mode: str, share: Decimal | None, place: dict[str, Any]) -> Repaired | None:
    """What becomes of an answer with that share at that place, or None where there is nothing to do. Pure."""
    share = share or Decimal(0)
    if mode == Mode.FULL and "given" not in place and "dropped" not in place and share < 1:
        return Repaired(Decimal(1), {**place, "given": str(share)})
    if mode == Mode.DROP and "dropped" not in place:
        return Repaired(share, {**place, "mark": "0", "dropped": place["mark"]})
    if mode == Mode.BACK and ("given" in place or "dropped" in place):
        kept = {name: value for name, value in place.items() if name not in ("given", "dropped")}
        return Repaired(Decimal(place.get("given", share)), {**kept, "mark": place.get("dropped", place["mark"])})
    return None


def full_mark(attempt: Attempt, place: dict[str, Any], after: dict[str, Any]) -> Decimal:
    """What the paper is worth once the place stands so."""
    return attempt.max_mark - Decimal(place["mark"]) + Decimal(after["mark"])
