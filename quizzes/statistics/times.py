"""Seconds spent on a question: what went by before each of its savings, since whatever was saved last on the paper.

So a question that one read and left is counted where one answered next, and a long pause counts for ten minutes. What came
in without a moment of its own, long ago or never, says nothing. It is shown and takes part in no mark.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, batched

from django.db.models import Count

from quizzes.models import Answer

ATTEMPTS_AT_ONCE = 5000


@dataclass(frozen=True)
class TimeSpent:
    """Of ``count`` answers; quartiles in seconds."""

    count: int
    lower: float
    median: float
    upper: float


def seconds_spent(attempts: Sequence[int]) -> dict[int, Counter[int]]:
    """By version how many answers took how many seconds. A query for every five thousand attempts."""
    found: dict[int, Counter[int]] = defaultdict(Counter)
    for some in batched(attempts, ATTEMPTS_AT_ONCE):
        answers = Answer.objects.filter(attempt__in=some, seconds__gt=0, response__isnull=False)
        rows = answers.order_by().values_list("version", "seconds").annotate(Count("pk"))
        for version, seconds, count in rows.iterator():
            found[version][seconds] += count
    return found


def time_spent(counts: Mapping[int, int]) -> TimeSpent | None:
    """The quartiles, between two values in proportion; None without an answer. Pure."""
    values = sorted(counts)
    if not values:
        return None
    ends = list(accumulate(counts[value] for value in values))

    def at(place: int) -> int:
        return next(value for value, end in zip(values, ends, strict=True) if place < end)

    def quartile(number: int) -> float:
        whole, part = divmod((ends[-1] - 1) * number, 4)
        low = at(whole)
        return low + (at(whole + 1) - low) * part / 4 if part else float(low)

    return TimeSpent(ends[-1], quartile(1), quartile(2), quartile(3))
