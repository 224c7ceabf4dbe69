"""Whether drawn papers were equally hard: the share each could expect, by how often its questions are answered rightly."""

from dataclasses import dataclass
from math import sqrt

from quizzes.statistics.tables import MarkTable

# Papers whose expected shares lie further apart than this give nobody the same chance.
WIDE = 0.10


@dataclass(frozen=True)
class PaperSpread:
    """Expected shares of the papers, from 0 to 1."""

    count: int
    lowest: float
    highest: float
    mean: float
    deviation: float

    @property
    def is_wide(self) -> bool:
        return self.highest - self.lowest > WIDE


def paper_spread(table: MarkTable) -> PaperSpread | None:
    """By the facility of each question in this table. None where all papers hold the same questions, or there is none."""
    if not table.attempts or all(len(column.attempts) == table.attempts for column in table.columns):
        return None
    expected, worth = [0.0] * table.attempts, [0.0] * table.attempts
    for column in table.columns:
        if not column.marks:
            continue
        mean, most = sum(column.marks) / len(column.marks) / table.parts, float(column.max_mark)
        for attempt in column.attempts:
            expected[attempt] += mean
            worth[attempt] += most
    shares = [mark / most for mark, most in zip(expected, worth, strict=True) if most]
    if not shares:
        return None
    mean = sum(shares) / len(shares)
    deviation = sqrt(sum((share - mean) ** 2 for share in shares) / (len(shares) - 1)) if len(shares) > 1 else 0.0
    return PaperSpread(len(shares), min(shares), max(shares), mean, deviation)
