"""What a repair does to one answer beside a new key: the whole mark for everybody, no mark for anybody, another mark for
the question, or that taken back.

What was stands in the paper itself, at the answer's place: ``given`` the share before everybody got the whole mark,
``dropped`` what the question was worth. So a repair is found, done once and taken back without another record. ``was`` is
what each run found there, the last one last: by it a run is undone.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models.query import QuerySet
from django.utils.translation import gettext as _

from quizzes.models import Answer, Attempt, Question, RegradeRun

Mode = RegradeRun.Mode


@dataclass(frozen=True)
class Repaired:
    """The share that the answer earns now, and the place of the paper as it is to stand."""

    share: Decimal
    place: dict[str, Any]


@dataclass(frozen=True)
class Worth:
    """Another mark for the question, on the papers of one quiz."""

    quiz: int
    mark: Decimal


def answers_on_papers(
    question: Question, until: datetime | None = None, worth: Worth | None = None
) -> QuerySet[Answer]:
    """Answers to any version of the question on finished papers, of those handed in ``until`` a moment where it is named:
    a proposal speaks of the papers that there were. With another mark the papers of its quiz."""
    finished = Answer.objects.filter(version__question=question, attempt__state=Attempt.State.FINISHED)
    finished = finished.filter(attempt__quiz=worth.quiz) if worth is not None else finished
    return finished.filter(**{"attempt__finished_at__lte": until} if until else {}).order_by("pk")


MOST_MARK = 1000


def worth_refusal(mark: Decimal | None) -> str | None:
    """Why a question cannot be worth that, or None; ``mark`` is None for what is no number."""
    if mark is None or not mark.is_finite() or not 0 <= mark <= MOST_MARK or round(mark, 4) != mark:
        return _("Write a mark from 0 to %(most)s, with up to four decimals.") % {"most": MOST_MARK}
    return None


def marks_now(question: Question) -> dict[int, list[Decimal]]:
    """By quiz what the question is worth on its finished papers, the smallest first. One query."""
    found: dict[int, set[Decimal]] = {}
    rows = answers_on_papers(question).order_by().values_list("attempt__quiz", "attempt__paper", "slot")
    for quiz, paper, slot in rows.iterator(chunk_size=2000):
        found.setdefault(quiz, set()).update(Decimal(place["mark"]) for place in paper if place["slot"] == slot)
    return {quiz: sorted(marks) for quiz, marks in found.items()}


def repaired(mode: str, share: Decimal | None, place: dict[str, Any], worth: Decimal | None = None) -> Repaired | None:
    """What becomes of an answer with that share at that place, or None where there is nothing to do. Pure."""
    share = share or Decimal(0)
    if mode == Mode.MARK and worth is not None and "dropped" not in place and Decimal(place["mark"]) != worth:
        return Repaired(share, {**place, "mark": f"{worth.normalize():f}"})
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


@dataclass(frozen=True)
class Before:
    """What a run found: by which version the answer was marked, the share that it earned, and the place."""

    version: int
    share: Decimal
    place: dict[str, Any]


# What of a place a run may change.
CHANGEABLE = ("version", "mark", "given", "dropped")


def remember(
    run: int, version: int, share: Decimal | None, gave: Decimal, place: dict[str, Any]
) -> list[dict[str, Any]]:
    """``was`` of the place with what this run found there and what it ``gave``. Pure."""
    kept = {name: place[name] for name in CHANGEABLE if name in place}
    found = {"run": run, "version": version, "share": str(share or Decimal(0)), "gave": str(gave), "place": kept}
    return [*place.get("was", []), found]


def last_run(place: dict[str, Any]) -> int | None:
    """Which run changed the place last."""
    was = place.get("was")
    return was[-1]["run"] if was else None


def before_repair(run: int | None, share: Decimal | None, place: dict[str, Any]) -> Before | None:
    """What stood before the run; None where it was not the last one here, or where somebody gave another mark since. Pure."""
    if run is None or last_run(place) != run:
        return None
    *rest, last = place["was"]
    if Decimal(last["gave"]) != (share or Decimal(0)):
        return None
    kept = {name: value for name, value in place.items() if name not in (*CHANGEABLE, "was")}
    whole = {**kept, **last["place"]} | ({"was": rest} if rest else {})
    return Before(last["version"], Decimal(last["share"]), whole)
