"""What is wrong with a dialogue: its shape at every saving, its ways through at publishing."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy as _

from quizzes.types.base import Body
from quizzes.types.checking import OPTION_LIMIT, UNFINISHED, check_text
from quizzes.types.dialogue.columns import in_words
from quizzes.types.dialogue.play import (
    ANY_END,
    CAPS,
    HIGHEST_MOOD,
    LOWEST_MOOD,
    WON,
    State,
    first_state,
    follow,
    offered,
    turn_of,
)

Problems = list[tuple[str, Any]]

TURNS, CHOICES, FACTS, ENDS = 60, 8, 12, 8
FEWEST_CHOICES, MOST_CHOICES = 3, 4
MOST_POINTS = 3
# A dialogue of a lesson has some thousand states; this keeps a hostile one from holding a web process.
STATES = 100_000
TURN_KEYS = {"id", "title", "says", "says_if", "choices"}
CHOICE_KEYS = {"id", "text", "mood", "points", "reveals", "needs", "breach", "feedback", "goes_to"}
END_KEYS = {"id", "kind", "needs", "text"}
NEEDS_KEYS = {"points", "mood", "no_breach", "breaches_at_most", "facts"}


# -- the shape


def check_shape(body: Body, problems: Problems) -> None:
    """Adds what would keep the body from being shown at all: identifiers, texts, numbers."""
    check_text(body.get("name"), "name", 120, problems)
    check_text(body.get("client"), "client", 120, problems, required=True)
    if UNFINISHED in body:
        problems.append(("turns", _("The tables of the talk are not finished yet.")))
        return
    _whole(body.get("mood"), "mood", LOWEST_MOOD, HIGHEST_MOOD, problems)
    facts = _rows(body.get("facts", []), "facts", FACTS, {"id", "text"}, problems)
    for one in facts:
        check_text(one.get("text"), f"facts.{one['id']}", OPTION_LIMIT, problems, required=True)
    known = {fact["id"] for fact in facts}
    turns = _rows(body.get("turns"), "turns", TURNS, TURN_KEYS, problems)
    if not turns:
        problems.append(("turns", _("At least one turn is needed.")))
    for turn in turns:
        _check_turn(turn, known, problems)
    ends = _rows(body.get("ends"), "ends", ENDS, END_KEYS, problems)
    for end in ends:
        place = f"ends.{end['id']}"
        check_text(end.get("text"), place, OPTION_LIMIT, problems, required=True)
        if end.get("kind") not in CAPS:
            problems.append((place, _("An end is won, scraped or lost.")))
        _check_needs(end.get("needs", {}), place, known, problems)
    if {turn["id"] for turn in turns} & {end["id"] for end in ends} or any(
        row["id"] == ANY_END for row in [*turns, *ends]
    ):
        problems.append(("ends", _("An end carries the identifier of a turn, or the word “end” itself.")))


def _check_turn(turn: dict[str, Any], known: set[str], problems: Problems) -> None:
    place = f"turns.{turn['id']}"
    check_text(turn.get("title"), f"{place}.title", 120, problems)
    check_text(turn.get("says"), f"{place}.says", OPTION_LIMIT, problems, required=True)
    others = turn.get("says_if", [])
    if not isinstance(others, list) or not all(
        isinstance(other, dict) and set(other) == {"known", "says"} and isinstance(other["known"], str)
        for other in others
    ):
        problems.append((f"{place}.says_if", _("A wording names the fact it needs and the words.")))
    else:
        for other in others:
            check_text(other["says"], f"{place}.says_if", OPTION_LIMIT, problems, required=True)
            _check_facts([other["known"]], f"{place}.says_if", known, problems)
    for choice in _rows(turn.get("choices"), f"{place}.choices", CHOICES, CHOICE_KEYS, problems):
        at = f"{place}.choices.{choice['id']}"
        check_text(choice.get("text"), at, OPTION_LIMIT, problems, required=True)
        check_text(choice.get("feedback"), f"{at}.feedback", OPTION_LIMIT, problems)
        _whole(choice.get("mood"), f"{at}.mood", -4, 4, problems)
        _whole(choice.get("points"), f"{at}.points", 0, MOST_POINTS, problems)
        _check_facts(choice.get("reveals", []), f"{at}.reveals", known, problems)
        _check_facts(choice.get("needs", []), f"{at}.needs", known, problems)
        if not isinstance(choice.get("breach", False), bool):
            problems.append((f"{at}.breach", _("A breach is true or false.")))
        if not isinstance(choice.get("goes_to", ""), str):
            problems.append((f"{at}.goes_to", _("This is not the identifier of a turn or an end.")))


def _check_needs(needs: Any, place: str, known: set[str], problems: Problems) -> None:
    if not isinstance(needs, dict) or set(needs) - NEEDS_KEYS:
        problems.append((place, _("An end may need points, mood, no_breach, breaches_at_most and facts.")))
        return
    if "points" in needs:
        _whole(needs["points"], f"{place}.needs.points", 0, TURNS * MOST_POINTS, problems)
    if "mood" in needs:
        _whole(needs["mood"], f"{place}.needs.mood", LOWEST_MOOD, HIGHEST_MOOD, problems)
    if not isinstance(needs.get("no_breach", False), bool):
        problems.append((f"{place}.needs.no_breach", _("A breach is true or false.")))
    if "breaches_at_most" in needs:
        _whole(needs["breaches_at_most"], f"{place}.needs.breaches_at_most", 1, TURNS, problems)
    _check_facts(needs.get("facts", []), f"{place}.needs.facts", known, problems)


def _check_facts(names: Any, place: str, known: set[str], problems: Problems) -> None:
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        problems.append((place, _("A list of facts is needed here.")))
        return
    for one in names:
        if one not in known:
            problems.append((place, _("There is no fact “%(id)s”.") % {"id": one[:40]}))


def _rows(rows: Any, place: str, limit: int, keys: set[str], problems: Problems) -> list[dict[str, Any]]:
    """The rows that carry an identifier; each other one, a second of the same and an unknown part is a problem."""
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        problems.append((place, _("A list is needed here.")))
        return []
    if len(rows) > limit:
        problems.append((place, _("More than %(limit)s rows.") % {"limit": limit}))
        return []
    good: dict[str, dict[str, Any]] = {}
    for number, row in enumerate(rows, 1):
        identity = row.get("id")
        if (
            not isinstance(identity, str)
            or not 0 < len(identity) <= 40
            or not identity.isprintable()
            or identity.strip() != identity
        ):
            problems.append((f"{place}.{number}", _("A short identifier is needed here.")))
        elif identity in good:
            problems.append((f"{place}.{identity}", _("Two rows carry the same identifier.")))
        else:
            good[identity] = row
            problems += [
                (f"{place}.{identity}", _("“%(key)s” is not known here.") % {"key": str(key)[:40]})
                for key in row
                if key not in keys
            ]
    return list(good.values())


def _whole(value: Any, place: str, low: int, high: int, problems: Problems) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        problems.append((place, _("A whole number from %(low)s to %(high)s is needed.") % {"low": low, "high": high}))


# -- the ways through


@dataclass
class Ways:
    """Everything that can happen: from exact search over turn, mood, points, facts and breaches."""

    turns: set[str] = field(default_factory=set)
    chances: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    dead: set[str] = field(default_factory=set)
    stained: set[str] = field(default_factory=set)
    most_points: int = 0
    states: int = 0
    plays: int = 0

    def share(self, body: Body, kind: str) -> float:
        """The share of plays with random choices that end so."""
        return sum(self.chances[end["id"]] for end in body["ends"] if end["kind"] == kind)


class TooManyWays(Exception):
    """The search was given up."""


def search(body: Body) -> Ways:
    """Follows every play of a dialogue without a loop. Raises ``TooManyWays``."""
    ways = Ways()
    # Turns in the order in which no way leads back: each is done when all that leads to it is.
    waiting: dict[str, dict[State, tuple[float, int]]] = {turn: {} for turn in in_order(body)}
    start = first_state(body)
    waiting[str(start.place)] = {start: (1.0, 1)}
    # More breaches than any end speaks of are all the same.
    asked = max(((end.get("needs") or {}).get("breaches_at_most", 0) for end in body["ends"]), default=0)
    won = {end["id"] for end in body["ends"] if end["kind"] == WON}
    for name, states in waiting.items():
        turn = turn_of(body, name)
        if turn is None or not states:
            continue
        ways.turns.add(name)
        ways.states += len(states)
        if ways.states > STATES:
            raise TooManyWays
        for state, (chance, plays) in states.items():
            choices = offered(turn, state.facts)
            if not choices:
                ways.dead.add(name)
            for choice in choices:
                after = follow(body, state, choice)
                # The order in which facts came out changes nothing that follows.
                after = State(
                    after.place,
                    after.over,
                    after.mood,
                    after.points,
                    tuple(sorted(after.facts)),
                    min(after.breaches, asked + 1),
                )
                ways.most_points = max(ways.most_points, after.points)
                if after.over:
                    ways.chances[str(after.place)] += chance / len(choices)
                    ways.plays += plays
                    if after.breaches and after.place in won:
                        ways.stained.add(str(after.place))
                elif after.place in waiting:
                    other, others = waiting[after.place].get(after, (0.0, 0))
                    waiting[after.place][after] = (other + chance / len(choices), others + plays)
    return ways


def targets(body: Body, turn: dict[str, Any]) -> list[str]:
    """The turns that a turn's choices lead to, each once, in order."""
    there = {turn["id"] for turn in body["turns"]}
    return list(dict.fromkeys(choice["goes_to"] for choice in turn["choices"] if choice.get("goes_to") in there))


def in_order(body: Body) -> list[str]:
    """All turns, each before those it leads to; where there is a loop the order inside it is arbitrary."""
    turns = {turn["id"]: turn for turn in body["turns"]}
    done: dict[str, None] = {}
    entered: set[str] = set()
    for name, turn in turns.items():
        stack = [(name, iter(targets(body, turn)))] if name not in entered else []
        entered.add(name)
        while stack:
            here, rest = stack[-1]
            following = next((turn for turn in rest if turn not in entered), None)
            if following is None:
                done[here] = None
                stack.pop()
            else:
                entered.add(following)
                stack.append((following, iter(targets(body, turns[following]))))
    return list(reversed(done))


def find_loop(body: Body) -> list[str]:
    """The turns of a loop, the first named again at its end; empty where there is none."""
    turns = {turn["id"]: turn for turn in body["turns"]}
    finished: set[str] = set()
    for name, turn in turns.items():
        way = [name]
        rest = [iter(targets(body, turn))]
        while way:
            following = next((turn for turn in rest[-1] if turn not in finished), None)
            if following is None:
                finished.add(way.pop())
                rest.pop()
            elif following in way:
                return [*way[way.index(following) :], following]
            else:
                way.append(following)
                rest.append(iter(targets(body, turns[following])))
    return []


def check_ways(body: Body) -> Problems:
    """What refuses publishing: each loop, unreachable turn or end, dead end and unknown place by its name."""
    problems = turn_problems(body) + _check_ends(body)
    loop = find_loop(body)
    if loop:
        problems.append(("turns", _("There is a loop: %(way)s.") % {"way": " → ".join(loop)}))
    else:
        problems += _check_search(body)
    return problems


def turn_problems(body: Body) -> Problems:
    """What each turn lacks: choices, and a place to which each of them leads."""
    problems: Problems = []
    places = {row["id"] for row in [*body["turns"], *body["ends"]]} | {ANY_END}
    for turn in body["turns"]:
        at = f"turns.{turn['id']}"
        if not turn["choices"]:
            problems.append((at, _("Turn “%(turn)s” is a dead end: it has no choice.") % {"turn": turn["id"]}))
        elif not FEWEST_CHOICES <= len(turn["choices"]) <= MOST_CHOICES:
            problems.append(
                (
                    at,
                    _("Turn “%(turn)s” has %(count)s choices; three or four are needed.")
                    % {"turn": turn["id"], "count": len(turn["choices"])},
                )
            )
        for choice in turn["choices"]:
            names = {"turn": turn["id"], "choice": choice["id"], "place": choice.get("goes_to", "")}
            if not choice.get("goes_to"):
                message = _("Choice “%(choice)s” of turn “%(turn)s” is a dead end: it leads nowhere.")
            elif choice["goes_to"] not in places:
                message = _("Choice “%(choice)s” of turn “%(turn)s” leads to “%(place)s”, which does not exist.")
            else:
                continue
            problems.append((f"{at}.choices.{choice['id']}.goes_to", message % names))
    return problems


def _check_ends(body: Body) -> Problems:
    problems: Problems = []
    if not body["ends"]:
        problems.append(("ends", _("At least one end is needed.")))
    elif body["ends"][-1].get("needs"):
        last = body["ends"][-1]["id"]
        text = _("The last end, “%(end)s”, may need nothing, or some talk would have no end: empty those cells.")
        problems.append((f"ends.{last}.needs", text % {"end": in_words(last)}))
    for end in body["ends"]:
        if end["kind"] == WON and not (end.get("needs") or {}).get("no_breach"):
            problems.append(
                (
                    f"ends.{end['id']}.needs.no_breach",
                    _("End “%(end)s” is won: it always needs no breach.") % {"end": in_words(end["id"])},
                )
            )
    if not any(end["kind"] == WON for end in body["ends"]):
        problems.append(("ends", _("No end is won.")))
    return problems


def _check_search(body: Body) -> Problems:
    try:
        ways = search(body)
    except TooManyWays:
        return [("turns", _("The dialogue has too many ways through to be checked. Make it smaller."))]
    problems: Problems = []
    for turn in body["turns"]:
        names = {"turn": turn["id"]}
        if turn["id"] not in ways.turns:
            problems.append((f"turns.{turn['id']}", _("Turn “%(turn)s” cannot be reached.") % names))
        elif turn["id"] in ways.dead and turn["choices"]:
            problems.append(
                (
                    f"turns.{turn['id']}",
                    _("Turn “%(turn)s” can be a dead end: every choice needs a fact that may be unknown there.")
                    % names,
                )
            )
    for end in body["ends"]:
        if not ways.chances.get(end["id"]):
            message = _("End “%(end)s” cannot be reached.") % {"end": in_words(end["id"])}
            problems.append((f"ends.{end['id']}.id", message))
    problems += [
        (
            f"ends.{end}.id",
            _("End “%(end)s” is won, yet a play with a breach leads straight to it.") % {"end": in_words(end)},
        )
        for end in sorted(ways.stained)
    ]
    if ways.most_points <= 0:
        problems.append(("turns", _("No way through earns a point.")))
    return problems
