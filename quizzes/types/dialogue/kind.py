"""The question type of a client dialogue. The server decides every step; a page gets the turn it stands at and no more."""

import random
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _

from academy.bilingual import pick
from quizzes.types.base import (
    BLANK,
    Body,
    Grade,
    Order,
    ParsedQuestion,
    QuestionType,
    Response,
    ResponseRefused,
    by_place,
    grade_of,
    part_called,
)
from quizzes.types.checking import UNFINISHED
from quizzes.types.dialogue.check import check_shape, check_ways
from quizzes.types.dialogue.play import (
    CAPS,
    LONGEST_PATH,
    LOST,
    SCRAPED,
    WON,
    Play,
    Step,
    client_says,
    fraction_of,
    offered,
    replay,
)

MOODS = {
    1: _("Out of control"),
    2: _("Angry"),
    3: _("Uneasy"),
    4: _("Calm"),
    5: _("Trusting"),
}
ENDINGS = {WON: _("Client won over"), SCRAPED: _("Just about kept"), LOST: _("Client lost")}


class Dialogue(QuestionType):
    """The stem is the scene, the explanation is the general lesson; ``play`` says how a path is marked.

    A response is ``{"path": [choice ids], "earlier": [paths]}``: the talk so far, and plays begun anew in practice.
    """

    code = "dialogue"
    icon = "comment"
    label = _("Client dialogue")
    help_text = _("A talk with a client: what is said decides how it goes on and how it ends.")
    keys = frozenset({"name", "client", "mood", "facts", "turns", "ends", UNFINISHED})
    by_steps = True
    takes_hints = False
    review_template = "quizzes/types/dialogue_review.html"

    def check(self, body: Body, problems: list[tuple[str, Any]]) -> None:
        check_shape(body, problems)

    def publishing_problems(self, question: ParsedQuestion) -> list[tuple[str, Any]]:
        return check_ways(question.body)

    # -- the paper

    def draw_order(self, question: ParsedQuestion, source: random.Random) -> Order:
        order = {}
        for turn in question.body["turns"]:
            ids = [choice["id"] for choice in turn["choices"]]
            source.shuffle(ids)
            order[turn["id"]] = ids
        return order

    def present(
        self,
        question: ParsedQuestion,
        order: Order,
        language: str,
        response: Response = None,
        *,
        practice: bool = False,
    ) -> dict[str, Any]:
        """The talk so far and the choices of this turn, named by their place in the drawn order.

        Only in practice are there moods, feedback and how it ended; points never.
        """
        body = question.body
        play = replay(body, path_of(response))
        facts = {fact["id"]: fact["text"] for fact in body.get("facts", [])}
        return {
            "type": self.code,
            "stem": pick(question.stem, language),
            "client": pick(body["client"], language),
            "practice": practice,
            "steps": [
                {
                    "number": number,
                    "says": pick(client_says(step.turn, step.before.facts), language),
                    "said": pick(step.choice["text"], language),
                    "feedback": pick(step.choice.get("feedback"), language) if practice else "",
                    "mood": _mood(step.after.mood) if practice else None,
                    # A breach that pleases the client is none the better for it.
                    "breach": practice and bool(step.choice.get("breach")),
                    "direction": "" if not practice or step.choice.get("breach") else _direction(step),
                }
                for number, step in enumerate(play.steps, 1)
            ],
            "says": pick(client_says(play.turn, play.state.facts), language) if play.turn else "",
            "mood": _mood(play.state.mood) if practice else None,
            "facts": [pick(facts[fact], language) for fact in play.state.facts],
            "choices": [
                {"value": place, "text": pick(choice["text"], language)} for place, choice in self._offers(play, order)
            ],
            "step": len(play.steps),
            "plays": self.plays(response),
            "over": play.state.over,
            "end": self._end(play, language) if practice and play.end else None,
            "lesson": pick(question.feedback, language) if practice and play.end else "",
            "decisive": _decisive(play, language) if practice and play.end else None,
        }

    def _offers(self, play: Play, order: Order) -> list[tuple[str, dict[str, Any]]]:
        """The choices offered now with their places, which say nothing about what they are worth."""
        if play.turn is None:
            return []
        open_now = {choice["id"]: choice for choice in offered(play.turn, play.state.facts)}
        return [(place, open_now[identity]) for place, identity in by_place(open_now, _drawn(play.turn, order)).items()]

    def _end(self, play: Play, language: str) -> dict[str, Any]:
        assert play.end is not None
        return {
            "kind": play.end["kind"],
            "word": str(ENDINGS[play.end["kind"]]),
            "text": pick(play.end["text"], language),
        }

    # -- the response

    def raw_from_post(self, question: ParsedQuestion, data: Any) -> dict[str, Any]:
        names = ("say", "step", "again", "speak")
        return {name: data.get(f"response-{name}") for name in names if data.get(f"response-{name}") is not None}

    def next_response(
        self,
        question: ParsedQuestion,
        stored: Response,
        raw: Mapping[str, Any],
        order: Order,
        *,
        practice: bool = False,
    ) -> Response:
        """The stored talk with one thing said, or begun anew. The same step sent twice is one step.

        Raises ``ResponseRefused``.
        """
        path = path_of(stored)
        earlier = list((stored or {}).get("earlier", []))
        if raw.get("again"):
            if not practice:
                raise ResponseRefused(_("What was said stays said."))
            return {"path": [], "earlier": [*earlier, path]} if path else stored
        if raw.get("say") in (None, ""):
            if raw.get("speak"):
                raise ResponseRefused(_("Choose a sentence first."))
            return stored
        step = str(raw.get("step", ""))
        if not step.isascii() or not step.isdigit() or len(step) > 4:
            raise ResponseRefused(_("This answer is not offered."))
        play = replay(question.body, path[: int(step)])
        chosen = part_called(dict(self._offers(play, order)), str(raw["say"]))
        if int(step) > len(path):
            raise ResponseRefused(_("This answer is not offered."))
        if int(step) < len(path):
            if path[int(step)] != chosen["id"]:
                raise ResponseRefused(_("What was said stays said."))
            return stored
        return {"path": [*path, chosen["id"]], **({"earlier": earlier} if earlier else {})}

    def clean_response(self, question: ParsedQuestion, raw: Mapping[str, Any], order: Order | None = None) -> Response:
        """Always refused: a whole path would take back what was said. ``next_response`` is the only door."""
        raise ResponseRefused(_("A dialogue is answered step by step."))

    def outward(self, question: ParsedQuestion, order: Order, response: Response) -> Any:
        """Of each play the places of what was said."""
        plays = [*(response or {}).get("earlier", []), path_of(response)]
        return [
            [str(_drawn(step.turn, order).index(step.choice["id"])) for step in replay(question.body, path).steps]
            for path in plays
        ]

    def is_over(self, question: ParsedQuestion, response: Response) -> bool:
        return replay(question.body, path_of(response)).state.over

    def ending(self, question: ParsedQuestion, response: Response, language: str) -> dict[str, Any] | None:
        play = counting_play(question.body, response)
        if not play.steps:
            return None
        if play.end is None:
            return {"kind": LOST, "word": gettext("Left before its end"), "text": ""}
        return self._end(play, language)

    def ended_as(self, question: ParsedQuestion, response: Response) -> str:
        end = replay(question.body, path_of(response)).end
        return str(end["kind"]) if end else ""

    def plays(self, response: Response) -> int:
        return len((response or {}).get("earlier", [])) + 1

    def every_play(self, response: Response) -> list[Response]:
        paths = [*(response or {}).get("earlier", []), path_of(response)]
        return [{"path": path, "earlier": paths[:number]} for number, path in enumerate(paths)]

    def sequence(self, response: Response) -> int:
        """Grows with every step and every new play, so that of two windows only one can take a step."""
        earlier = (response or {}).get("earlier", [])
        return len(path_of(response)) + sum(len(path) + 1 for path in earlier)

    # -- marks and review

    def grade(self, question: ParsedQuestion, response: Response) -> Grade:
        play = counting_play(question.body, response)
        if not play.steps:
            return BLANK
        end = play.end["text"] if play.end else {}
        return grade_of(fraction_of(question.body, play), (end,))

    def response_summary(self, question: ParsedQuestion, response: Response, language: str, order: Order) -> str:
        play = counting_play(question.body, response)
        said = [pick(step.choice["text"], language) for step in play.steps]
        if not said:
            return ""
        # How it ended tells what the talk was worth, so it is not part of what was said.
        return " → ".join(said if play.end else [*said, _in(language, _("Left before its end"))])

    def right_answer(self, question: ParsedQuestion, language: str, order: Order) -> str:
        """What the best play says, turn by turn."""
        return " → ".join(self.best_way(question, language))

    def best_way(self, question: ParsedQuestion, language: str) -> list[str]:
        return [pick(step.choice["text"], language) for step in best_play(question.body).steps]

    def review(self, question: ParsedQuestion, order: Order, response: Response, language: str) -> list[dict[str, Any]]:
        """A line for each thing said, with what it changed; the one that decided is marked."""
        play = counting_play(question.body, response)
        decisive = play.decisive
        return [
            {
                "turn": _title(step.turn, number, language),
                "says": pick(client_says(step.turn, step.before.facts), language),
                "text": pick(step.choice["text"], language),
                "chosen": True,
                "right": step.loss <= 0 and not step.choice.get("breach"),
                "feedback": pick(step.choice.get("feedback"), language),
                "points": step.choice["points"],
                "loss": max(step.loss, 0),
                "breach": bool(step.choice.get("breach")),
                "mood": _mood(step.after.mood),
                "decisive": step is decisive,
            }
            for number, step in enumerate(play.steps, 1)
        ]


def best_play(body: Body) -> Play:
    """A play that reaches the most points: at each turn the first choice that costs nothing."""
    play = replay(body, [])
    path: list[str] = []
    while play.turn is not None and len(path) < LONGEST_PATH:
        tries = [replay(body, [*path, choice["id"]]) for choice in offered(play.turn, play.state.facts)]
        if not tries:
            break
        play = min(tries, key=lambda tried: (tried.steps[-1].loss, bool(tried.steps[-1].choice.get("breach"))))
        path.append(play.steps[-1].choice["id"])
    return play


def worst_path(body: Body) -> list[str]:
    """A play that says the costliest thing at every turn."""
    path: list[str] = []
    play = replay(body, path)
    while play.turn is not None and len(path) < LONGEST_PATH:
        tries = [replay(body, [*path, choice["id"]]) for choice in offered(play.turn, play.state.facts)]
        if not tries:
            break
        play = max(tries, key=lambda tried: tried.steps[-1].loss)
        path.append(play.steps[-1].choice["id"])
    return path


def _drawn(turn: dict[str, Any], order: Order) -> list[str]:
    return order.get(turn["id"]) or [choice["id"] for choice in turn["choices"]]


def path_of(response: Response) -> list[str]:
    return list((response or {}).get("path", []))


def counting_play(body: Body, response: Response) -> Play:
    """Of the plays that came to an end the best, the later among equals; else the one that goes on. What was won stays
    won when it is begun anew."""
    plays = [replay(body, path) for path in [*(response or {}).get("earlier", []), path_of(response)]]
    ended = [play for play in plays if play.end is not None]
    return max(reversed(ended), key=lambda play: _worth(body, play), default=plays[-1])


def _worth(body: Body, play: Play) -> tuple[Fraction, Fraction]:
    assert play.end is not None
    return CAPS[play.end["kind"]], fraction_of(body, play)


def _decisive(play: Play, language: str) -> dict[str, Any] | None:
    step = play.decisive
    if step is None:
        return None
    return {
        "number": play.steps.index(step) + 1,
        "said": pick(step.choice["text"], language),
        "breach": bool(step.choice.get("breach")),
        "feedback": pick(step.choice.get("feedback"), language),
    }


def _title(turn: dict[str, Any], number: int, language: str) -> str:
    with override(language):
        return pick(turn.get("title"), language) or gettext("Turn %(number)s") % {"number": number}


def _mood(value: int) -> dict[str, Any]:
    return {"value": value, "word": MOODS[value]}


def _direction(step: Step) -> str:
    change = step.after.mood - step.before.mood
    return "up" if change > 0 else "down" if change < 0 else "same"


def _in(language: str, word: Any) -> str:
    with override(language):
        return str(word)
