"""Dialogues of any shape: searching agrees with playing, marks stay in bounds, nothing makes a response fall."""

import contextlib
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizzes.types import ResponseRefused
from quizzes.types.dialogue.check import search
from quizzes.types.dialogue.kind import best_play
from quizzes.types.dialogue.play import best_points, fraction_of, offered, replay
from tests.quizzes.dialogues import dialogue
from tests.quizzes.types.dialogue_kind import KIND


@st.composite
def dialogues(draw):
    """Any dialogue without a loop, whatever it needs and reveals."""
    body = dialogue()
    count = draw(st.integers(1, 5))
    facts = [f"f{n}" for n in range(draw(st.integers(0, 3)))]
    body["facts"] = [{"id": fact, "text": {"en": fact}} for fact in facts]
    for end in body["ends"]:
        end.get("needs", {}).pop("facts", None)
    some = st.lists(st.sampled_from(facts), unique=True, max_size=2) if facts else st.just([])
    body["turns"] = [
        {
            "id": f"t{number}",
            "says": {"en": "?"},
            "choices": [
                {
                    "id": letter,
                    "text": {"en": letter},
                    "mood": draw(st.integers(-2, 2)),
                    "points": draw(st.integers(0, 3)),
                    "breach": draw(st.booleans()),
                    "reveals": draw(some),
                    "needs": draw(some) if letter != "a" else [],
                    "goes_to": draw(
                        st.sampled_from([*(f"t{later}" for later in range(number + 1, count)), "end", "lost"])
                    ),
                }
                for letter in "abc"
            ],
        }
        for number in range(count)
    ]
    return body


def plays_of(body, path=()):
    play = replay(body, path)
    if play.state.over or play.turn is None:
        return [list(path)]
    return [one for choice in offered(play.turn, play.state.facts) for one in plays_of(body, (*path, choice["id"]))]


@given(dialogues())
def test_search_and_best_points_agree_with_playing_everything(body):
    paths = plays_of(body)

    plays = [replay(body, path) for path in paths]
    ways = search(body)

    assert ways.plays == len(paths)
    assert best_points(body) == max(play.state.points for play in plays) == best_play(body).state.points
    assert {one for one, chance in ways.chances.items() if chance} == {play.end["id"] for play in plays}
    assert sum(ways.chances.values()) == pytest.approx(1)


@given(dialogues(), st.randoms())
def test_marks_stay_in_bounds_and_losses_add_up(body, source):
    path = source.choice(plays_of(body))

    play = replay(body, path)
    fraction = fraction_of(body, play)

    assert 0 <= fraction <= 1
    assert fraction <= {"won": 1, "scraped": Decimal("0.5"), "lost": Decimal("0.25")}[play.end["kind"]]
    assert sum(step.loss for step in play.steps) == best_points(body) - play.state.points
    assert all(step.loss >= 0 for step in play.steps)
    assert KIND.grade(KIND.parse(body), {"path": path}).fraction == fraction


@given(dialogues(), st.randoms())
def test_the_drawn_order_changes_no_mark(body, source):
    question = KIND.parse(body)
    order = KIND.draw_order(question, source)
    path = source.choice(plays_of(body))
    response = None
    for number, chosen in enumerate(path):
        turn = replay(body, path[:number]).turn["id"]
        raw = {"say": str(order[turn].index(chosen)), "step": str(number)}
        response = KIND.next_response(question, response, raw, order)

    assert response == {"path": path}


words = st.sampled_from(["", "0", "1", "a", "path", "\x00", "\ud800", "９", "x" * 100_000])


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(["path", "response", "say", "step", "again"]), json_values))
def test_no_json_makes_a_response_fall(raw):
    question = KIND.parse(dialogue())

    for clean in (
        lambda: KIND.clean_response(question, raw),
        lambda: KIND.next_response(question, None, raw, {}, practice=True),
    ):
        with contextlib.suppress(ResponseRefused):
            clean()
