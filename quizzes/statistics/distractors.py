"""Who chose which option: by the thirds of those who answered, ordered by the mark of their whole attempt."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from fractions import Fraction


class Third(IntEnum):
    """Of the attempts, by their whole mark."""

    LOWER = 0
    MIDDLE = 1
    UPPER = 2


@dataclass(frozen=True)
class ChoiceMade:
    """What one attempt chose (none: left blank; several where several may be), and its whole mark; ``count`` attempts
    that are alike may be one."""

    chosen: Sequence[str]
    total: Fraction
    count: int = 1


@dataclass(frozen=True)
class OptionRow:
    """One option: ``share`` of all attempts that chose it, how many in each third, and the mean mark of who did.

    The row of blank answers has the option ''. ``right``: it earns something.
    """

    option: str
    right: bool
    count: int
    share: float
    lower: int
    middle: int
    upper: int
    mean_total: float | None


def thirds(totals: Sequence[Fraction], counts: Sequence[int] = ()) -> list[Third]:
    """In which third each attempt lies. Equal marks lie in one third, so that no order of rows decides. ``counts`` says
    how many attempts each total stands for; one, where it says nothing."""
    many: dict[Fraction, int] = {}
    for total, count in zip(totals, counts or [1] * len(totals), strict=True):
        many[total] = many.get(total, 0) + count
    middle, before = {}, 0
    for total in sorted(many):
        # All of one mark stand at the middle of their ranks.
        middle[total] = 2 * before + many[total]
        before += many[total]
    return [_third(middle[total], 2 * before) for total in totals]


def _third(rank: int, of: int) -> Third:
    return Third.LOWER if 3 * rank < of else Third.UPPER if 3 * rank > 2 * of else Third.MIDDLE


def distractor_table(options: Iterable[tuple[str, bool]], choices: Sequence[ChoiceMade]) -> list[OptionRow]:
    """A row for each (option, whether it earns something) in their order, and a last one for blank answers.

    What was chosen and is no option is not counted.
    """
    counts = [choice.count for choice in choices]
    groups = thirds([choice.total for choice in choices], counts)
    rows = [
        _row(
            option,
            right,
            [(choice, third) for choice, third in zip(choices, groups, strict=True) if option in choice.chosen],
        )
        for option, right in options
    ]
    rows.append(
        _row("", False, [(choice, third) for choice, third in zip(choices, groups, strict=True) if not choice.chosen])
    )
    return [_with_share(row, sum(counts)) for row in rows]


def _row(option: str, right: bool, takers: Sequence[tuple[ChoiceMade, Third]]) -> OptionRow:
    by_third = [sum(choice.count for choice, third in takers if third is wanted) for wanted in Third]
    total, count = sum((choice.total * choice.count for choice, _third in takers), Fraction(0)), sum(by_third)
    return OptionRow(
        option=option,
        right=right,
        count=count,
        share=0.0,
        lower=by_third[Third.LOWER],
        middle=by_third[Third.MIDDLE],
        upper=by_third[Third.UPPER],
        mean_total=float(total / count) if count else None,
    )


def _with_share(row: OptionRow, attempts: int) -> OptionRow:
    return replace(row, share=row.count / attempts if attempts else 0.0)
