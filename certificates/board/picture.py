"""The bars of the board, drawn on the server: a row a branch, its parts the worst first; the table says the same."""

from dataclasses import dataclass

from certificates.board.counts import Tally
from certificates.board.rule import WORST_FIRST, Cover

WIDTH, HEIGHT, GAP = 1000, 22, 2


@dataclass(frozen=True)
class Part:
    """One piece of a bar, in units of the picture."""

    cover: Cover
    x: float
    width: float
    count: int


def parts_of(tally: Tally) -> list[Part]:
    """Holding first, so that the bars of branches can be compared from the left; a part that is there is seen."""
    parts: list[Part] = []
    x = 0.0
    for cover in reversed(WORST_FIRST):
        count = tally.of(cover)
        if count:
            width = WIDTH * count / tally.required
            parts.append(Part(cover, round(x, 2), round(max(width - GAP, 2), 2), count))
            x += width
    return parts
