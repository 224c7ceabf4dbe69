"""Spaced repetition at the edge: the library is called with our days and gives back our dataclass. Pure."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from fsrs import Card, Rating, Scheduler, State

# Whole days, no minutes: who answers between two clients does not come back after ten of them. No fuzz, so that the
# same answers give the same days.
SCHEDULER = Scheduler(
    desired_retention=0.9, learning_steps=(), relearning_steps=(), maximum_interval=365, enable_fuzzing=False
)
RATINGS = {"right": Rating.Good, "partial": Rating.Hard, "wrong": Rating.Again, "blank": Rating.Again}


@dataclass(frozen=True)
class CardState:
    """A question as a person knows it: stability in days, difficulty 1 to 10, due on a bank-local day."""

    due_on: date
    stability: float
    difficulty: float
    state: int
    last_on: date


def review(card: CardState | None, *, outcome: str, today: date) -> CardState:
    """The card after an answer: ``outcome`` is right, partial, wrong or blank. It is due tomorrow at the earliest."""
    before = (
        Card(card_id=1, due=_noon(today))
        if card is None
        else Card(
            card_id=1,
            state=State(card.state),
            stability=card.stability,
            difficulty=card.difficulty,
            due=_noon(card.due_on),
            last_review=_noon(card.last_on),
        )
    )
    after, _log = SCHEDULER.review_card(before, RATINGS[outcome], _noon(today))
    if after.stability is None or after.difficulty is None:
        raise ValueError("a reviewed card has a stability and a difficulty")
    return CardState(after.due.date(), after.stability, after.difficulty, int(after.state), today)


def recall_chance(card: CardState, *, on: date) -> float:
    """How likely the person still knows it on a day, 0 to 1."""
    return SCHEDULER.get_card_retrievability(
        Card(
            card_id=1,
            state=State(card.state),
            stability=card.stability,
            difficulty=card.difficulty,
            due=_noon(card.due_on),
            last_review=_noon(card.last_on),
        ),
        _noon(on),
    )


def _noon(day: date) -> datetime:
    """Days as the library counts them: noon to noon."""
    return datetime.combine(day, time(12), tzinfo=UTC)
