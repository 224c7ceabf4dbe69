"""A play of a dialogue: pure rules. A path is the list of choices taken, from the first turn on.

The mark of a play: points reached by best reachable points, capped at 0.5 where the client was just kept and at 0.25
where the client was lost or left sitting; nothing after a breach that ended so.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from quizzes.types.base import Body, Text

LOWEST_MOOD, HIGHEST_MOOD = 1, 5
ANY_END = "end"
WON, SCRAPED, LOST = "won", "scraped", "lost"
CAPS = {WON: Fraction(1), SCRAPED: Fraction(1, 2), LOST: Fraction(1, 4)}
LONGEST_PATH = 200


class NotOffered(Exception):
    """The path holds a choice that was not offered there, or goes on after the end."""


@dataclass(frozen=True)
class State:
    """Where a play stands. ``place`` is a turn's id, or an end's id once it is over; None where a draft leads nowhere."""

    place: str | None
    over: bool
    mood: int
    points: int = 0
    facts: tuple[str, ...] = ()
    breaches: int = 0


@dataclass(frozen=True)
class Step:
    """One choice taken, what it changed, and the points it cost against the best choice there."""

    turn: dict[str, Any]
    choice: dict[str, Any]
    before: State
    after: State
    loss: int


@dataclass(frozen=True)
class Play:
    """A path replayed."""

    state: State
    steps: tuple[Step, ...]
    turn: dict[str, Any] | None
    end: dict[str, Any] | None
    # The step to which the ending is owed; None where every step was the best there was.
    decisive: Step | None


def first_state(body: Body) -> State:
    """Before the first word."""
    turns = body["turns"]
    return State(turns[0]["id"] if turns else None, False, body["mood"])


def turn_of(body: Body, identity: str | None) -> dict[str, Any] | None:
    return next((turn for turn in body["turns"] if turn["id"] == identity), None)


def offered(turn: dict[str, Any], facts: Sequence[str]) -> list[dict[str, Any]]:
    """The choices of a turn whose needed facts are known."""
    return [choice for choice in turn["choices"] if set(choice.get("needs") or ()) <= set(facts)]


def client_says(turn: dict[str, Any], facts: Sequence[str]) -> Text:
    """The client's words, in another wording where a fact is known."""
    for other in turn.get("says_if") or ():
        if other["known"] in facts:
            return other["says"]
    return turn["says"]


def follow(body: Body, state: State, choice: dict[str, Any]) -> State:
    """The state after a choice; mood is clipped to 1…5, a fact is learned once."""
    learned = tuple(reveal for reveal in choice.get("reveals") or () if reveal not in state.facts)
    # A check follows hundreds of thousands of choices: ``replace`` would cost more than all the rest.
    gathered = (
        min(HIGHEST_MOOD, max(LOWEST_MOOD, state.mood + choice["mood"])),
        state.points + choice["points"],
        state.facts + learned,
        state.breaches + bool(choice.get("breach")),
    )
    target = choice.get("goes_to")
    end = end_reached(body, State(None, False, *gathered)) if target == ANY_END else _named(body["ends"], target)
    if end is not None:
        return State(end["id"], True, *gathered)
    return State(target if turn_of(body, target) else None, False, *gathered)


def end_reached(body: Body, state: State) -> dict[str, Any] | None:
    """The first end whose needs hold."""
    return next((end for end in body["ends"] if _needs_hold(end.get("needs") or {}, state)), None)


def _needs_hold(needs: dict[str, Any], state: State) -> bool:
    return (
        state.points >= needs.get("points", 0)
        and state.mood >= needs.get("mood", LOWEST_MOOD)
        and not (needs.get("no_breach") and state.breaches)
        and state.breaches <= needs.get("breaches_at_most", state.breaches)
        and set(needs.get("facts") or ()) <= set(state.facts)
    )


def replay(body: Body, path: Sequence[str]) -> Play:
    """Plays a path from the start. Raises ``NotOffered``."""
    state, steps = first_state(body), []
    worth = Worth(body)
    for chosen in path:
        turn = None if state.over else turn_of(body, state.place)
        choice = _named(offered(turn, state.facts), chosen) if turn else None
        if turn is None or choice is None:
            raise NotOffered
        after = follow(body, state, choice)
        best = worth.of(turn["id"], frozenset(state.facts))
        reachable = choice["points"] + (0 if after.over else worth.of(after.place, frozenset(after.facts)))
        steps.append(Step(turn, choice, state, after, best - reachable))
        state = after
    end = _named(body["ends"], state.place) if state.over else None
    turn = None if state.over else turn_of(body, state.place)
    return Play(state, tuple(steps), turn, end, _decisive(body, steps, end))


def _decisive(body: Body, steps: Sequence[Step], end: dict[str, Any] | None) -> Step | None:
    """The first breach, where a breach made the ending what it is; else the step that cost most of what could be reached,
    among equals a breach, then the larger fall of mood, then the earlier."""
    breach = next((step for step in steps if step.choice.get("breach")), None)
    if breach is not None and _made_by_breach(body, steps[-1], end):
        return breach
    return max((step for step in steps if step.loss > 0), key=_cost, default=breach)


def _made_by_breach(body: Body, last: Step, end: dict[str, Any] | None) -> bool:
    """Of a play with a breach: one that lost the client bears no mark for it; one that just kept the client was capped
    by it where the last word was a breach that leads there, or where the same play unbroken would have won."""
    if end is None or end["kind"] == LOST:
        return True
    if last.choice.get("goes_to") != ANY_END:
        return bool(last.choice.get("breach"))
    unbroken = end_reached(body, replace(last.after, breaches=0))
    return unbroken is not None and CAPS[unbroken["kind"]] > CAPS[end["kind"]]


def _cost(step: Step) -> tuple[int, bool, int]:
    return step.loss, bool(step.choice.get("breach")), step.before.mood - step.after.mood


def way_to(body: Body, turn: str) -> list[str] | None:
    """A shortest path that reaches a turn; None where none does. A draft's loop is walked once."""
    waiting: deque[tuple[State, list[str]]] = deque([(first_state(body), [])])
    seen: set[tuple[str | None, frozenset[str]]] = set()
    while waiting:
        state, path = waiting.popleft()
        if state.place == turn:
            return path
        here = turn_of(body, state.place)
        if here is None or state.over or (state.place, frozenset(state.facts)) in seen:
            continue
        seen.add((state.place, frozenset(state.facts)))
        waiting.extend((follow(body, state, choice), [*path, choice["id"]]) for choice in offered(here, state.facts))
    return None


def fraction_of(body: Body, play: Play) -> Fraction:
    """The share of the mark, 0 to 1. A play left before its end counts as one that lost the client."""
    kind = play.end["kind"] if play.end else LOST
    best = best_points(body)
    if not play.steps or best <= 0 or (kind == LOST and play.state.breaches):
        return Fraction(0)
    return min(CAPS[kind], Fraction(play.state.points, best))


def best_points(body: Body) -> int:
    """The most points that a play can reach."""
    start = first_state(body)
    return Worth(body).of(start.place, frozenset())


class Worth:
    """The most points still to be had from a turn with the facts known there; each pair is worked out once."""

    def __init__(self, body: Body) -> None:
        self.turns = {turn["id"]: turn for turn in body["turns"]}
        self.found: dict[tuple[str, frozenset[str]], int] = {}

    def of(self, place: str | None, facts: frozenset[str]) -> int:
        turn = self.turns.get(place or "")
        if turn is None:
            return 0
        key = (turn["id"], facts)
        if key not in self.found:
            self.found[key] = 0  # A draft's loop ends here; what is published has none.
            self.found[key] = max(
                (
                    choice["points"] + self.of(choice.get("goes_to"), facts | frozenset(choice.get("reveals") or ()))
                    for choice in offered(turn, tuple(facts))
                ),
                default=0,
            )
        return self.found[key]


def _named(rows: Sequence[dict[str, Any]], identity: str | None) -> dict[str, Any] | None:
    return next((row for row in rows if row["id"] == identity), None)
