"""Which five questions a day: what was wrong, what is about to be forgotten, something new. Pure."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from quizzes.practice.cards import CardState, recall_chance

DAILY = 5
WRONG_A_DAY = 2


@dataclass(frozen=True)
class Chosen:
    """A question of the day and why it was chosen: wrong, due, new or ahead."""

    question: int
    why: str


def choose_daily(
    *,
    candidates: Mapping[int, object],
    cards: Mapping[int, CardState],
    wrong: Sequence[int],
    today: date,
    seed: str,
    count: int = DAILY,
) -> list[Chosen]:
    """Chooses ``count`` questions, fewer when there are no more; the same seed chooses the same.

    ``candidates`` maps question to a group (its category), ``wrong`` is the book, oldest first. At most two come
    from the book, then what is due, likeliest forgotten first; a place is kept for something new while there is
    something new, taken from the groups in turn. What is left is filled with what falls due next.
    """
    source = random.Random(seed)  # noqa: S311
    picked: dict[int, str] = {}
    for question in wrong:
        if len(picked) < min(WRONG_A_DAY, count) and question in candidates and not _seen(cards, question, today):
            picked[question] = "wrong"
    due = [
        candidate
        for candidate in candidates
        if candidate in cards and candidate not in picked and cards[candidate].due_on <= today
    ]
    due.sort(key=lambda candidate: (recall_chance(cards[candidate], on=today), cards[candidate].due_on, candidate))
    fresh = _in_turn(
        {key: group for key, group in candidates.items() if key not in cards and key not in picked}, source
    )
    for question in due[: count - len(picked) - (1 if fresh else 0)]:
        picked[question] = "due"
    for question in fresh[: count - len(picked)]:
        picked[question] = "new"
    ahead = [
        candidate
        for candidate in candidates
        if candidate not in picked and candidate in cards and not _seen(cards, candidate, today)
    ]
    ahead.sort(key=lambda candidate: (cards[candidate].due_on, candidate))
    for question in ahead[: count - len(picked)]:
        picked[question] = "ahead" if cards[question].due_on > today else "due"
    chosen = [Chosen(question, why) for question, why in picked.items()]
    source.shuffle(chosen)
    return chosen


def _seen(cards: Mapping[int, CardState], question: int, today: date) -> bool:
    return question in cards and cards[question].last_on >= today


def _in_turn(groups: Mapping[int, object], source: random.Random) -> list[int]:
    """Shuffled inside each group, then one of each group in turn, so that no course is forgotten."""
    piles: dict[object, list[int]] = {}
    for question in sorted(groups):
        piles.setdefault(groups[question], []).append(question)
    order = sorted(piles, key=str)
    source.shuffle(order)
    for pile in piles.values():
        source.shuffle(pile)
    found: list[int] = []
    while any(piles.values()):
        found += [piles[group].pop() for group in order if piles[group]]
    return found
