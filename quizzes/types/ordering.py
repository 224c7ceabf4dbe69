"""Ordering: items to be put into their right order."""

import itertools
import random
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from math import factorial
from typing import Any

from django.utils.translation import gettext_lazy as _

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
    named_fields,
)
from quizzes.types.checking import OPTION_LIMIT, Lacking, check_different, check_ids, check_text
from quizzes.types.rich import joined_html, plain_in, shown_in

ITEMS = 20


class Ordering(QuestionType):
    """Credit by adjacent pairs: of n - 1 pairs that follow each other, those that do so in the answer.

    That is Moodle's "relative to the next item, the last excluded"; ``scoring`` may be ``all_or_nothing`` instead, or
    ``positions``: of n items those that stand at their own place.
    """

    code = "ordering"
    icon = "list-ol"
    label = _("Ordering")
    help_text = _("Steps to be put into their order; steps that rightly follow each other earn a share each.")
    keys = frozenset({"items", "scoring"})

    def check(self, body: Body, problems: list[tuple[str, Any]]) -> None:
        items = check_ids(body.get("items"), "items", problems)
        for number, item in enumerate(items, 1):
            check_text(item.get("text"), f"items.{number}", OPTION_LIMIT, problems, required=True)
        if not 2 <= len(items) <= ITEMS:
            message = _("From 2 to %(most)s items are needed.") % {"most": ITEMS}
            problems.append(Lacking("items", message) if len(items) < 2 else ("items", message))
        check_different(items, "text", "items", problems)
        if body.get("scoring", "pairs") not in ("pairs", "positions", "all_or_nothing"):
            problems.append(("scoring", _("Choose one of the ways of marking.")))

    def draw_order(self, question: ParsedQuestion, source: random.Random) -> Order:
        # Also the right order may come: one that never comes is told by all the others, of two items by the first.
        drawn = self._ids(question)
        source.shuffle(drawn)
        return {"items": drawn}

    def _ids(self, question: ParsedQuestion) -> list[str]:
        return [item["id"] for item in question.body["items"]]

    def _places(self, question: ParsedQuestion, order: Order | None) -> dict[str, str]:
        """What the page calls the items: their places as drawn, which say nothing."""
        return by_place(self._ids(question), (order or {}).get("items"), "i")

    def outward(self, question: ParsedQuestion, order: Order, response: Response) -> Any:
        names = {place: name for name, place in self._places(question, order).items()}
        return [names.get(identity, "") for identity in (response or {}).get("order", [])]

    def present(
        self,
        question: ParsedQuestion,
        order: Order,
        language: str,
        response: Response = None,
        *,
        practice: bool = False,
    ) -> dict[str, Any]:
        names = {place: name for name, place in self._places(question, order).items()}
        texts = {item["id"]: item["text"] for item in question.body["items"]}
        chosen = (response or {}).get("order")
        return {
            "type": self.code,
            "stem": shown_in(question.stem, language),
            "whole": question.counts_whole,
            "answered": bool(chosen),
            "items": [
                {"id": names[name], "text": shown_in(texts[name], language), "words": plain_in(texts[name], language)}
                for name in chosen or names
            ],
            "numbers": list(range(1, len(names) + 1)),
        }

    def raw_from_post(self, question: ParsedQuestion, data: Any) -> dict[str, Any]:
        return named_fields(data)

    def clean_response(self, question: ParsedQuestion, raw: Mapping[str, Any], order: Order | None = None) -> Response:
        """Each item's number; items without one fill the free places as they stand. ``move`` shifts one by a place."""
        places = self._places(question, order)
        shown = self._shown(raw.get("shown"), places)
        numbers: dict[str, int] = {}
        for name, value in raw.items():
            if name in ("move", "shown") or value in (None, ""):
                continue
            if name not in places or not isinstance(value, str) or not value.isascii() or not value.isdigit():
                raise ResponseRefused(_("This answer is not offered."))
            if len(value) > 3 or not 1 <= int(value) <= len(places):
                raise ResponseRefused(_("This answer is not offered."))
            numbers[name] = int(value)
        move = raw.get("move")
        if not numbers and not move:
            return None
        names = _placed(shown, numbers)
        if move:
            names = _moved(names, move)
        return {"order": [places[name] for name in names]}

    def _shown(self, value: Any, places: dict[str, str]) -> list[str]:
        """The order in which the page showed the items; as drawn where it says nothing."""
        if value in (None, ""):
            return list(places)
        names = value.split(",") if isinstance(value, str) and len(value) < 200 else []
        if sorted(names) != sorted(places):
            raise ResponseRefused(_("This answer is not offered."))
        return names

    def grade(self, question: ParsedQuestion, response: Response) -> Grade:
        if not response:
            return BLANK
        right = self._ids(question)
        chosen = response["order"]
        if chosen == right:
            return grade_of(1)
        if question.counts_whole:
            return grade_of(0)
        if question.body.get("scoring") == "positions":
            return grade_of(Fraction(sum(map(str.__eq__, chosen, right)), len(right)))
        following = set(itertools.pairwise(right))
        found = sum(pair in following for pair in itertools.pairwise(chosen))
        return grade_of(Fraction(found, len(right) - 1))

    def response_summary(self, question: ParsedQuestion, response: Response, language: str, order: Order) -> str:
        texts = {item["id"]: item["text"] for item in question.body["items"]}
        return " → ".join(plain_in(texts[identity], language) for identity in (response or {}).get("order", []))

    def right_answer(self, question: ParsedQuestion, language: str, order: Order) -> str:
        return " → ".join(plain_in(item["text"], language) for item in question.body["items"])

    def guess_score(self, question: ParsedQuestion) -> Decimal:
        """A given pair stands together in one of n random orders."""
        count = len(question.body["items"])
        return 1 / Decimal(factorial(count) if question.counts_whole else count)

    def review(self, question: ParsedQuestion, order: Order, response: Response, language: str) -> list[dict[str, Any]]:
        """The items as they were put; right where the one before it belongs before it, or it is rightly first."""
        right = self._ids(question)
        texts = {item["id"]: item["text"] for item in question.body["items"]}
        chosen = (response or {}).get("order") or []
        before = dict(zip(right, [None, *right], strict=False))
        placed = question.body.get("scoring") == "positions"
        return [
            {
                "text": joined_html([f"{number}. ", shown_in(texts[identity], language)]),
                "chosen": True,
                "right": right[number - 1] == identity
                if placed
                else before[identity] == (chosen[number - 2] if number > 1 else None),
                "feedback": "",
            }
            for number, identity in enumerate(chosen, 1)
        ]


def _placed(shown: list[str], numbers: dict[str, int]) -> list[str]:
    """Items at their numbers; two of one number stand after each other; the others fill the free places."""
    places: list[str | None] = [None] * len(shown)
    for name in sorted(numbers, key=lambda number: (numbers[number], shown.index(number))):
        start = numbers[name] - 1
        free = [place for place in [*range(start, len(shown)), *reversed(range(start))] if places[place] is None]
        places[free[0]] = name
    others = iter([name for name in shown if name not in numbers])
    return [place if place is not None else next(others) for place in places]


def _moved(names: list[str], move: Any) -> list[str]:
    """One item a place up or down; at the end of the list it stays."""
    name, _colon, way = move.partition(":") if isinstance(move, str) else ("", "", "")
    if name not in names or way not in ("up", "down"):
        raise ResponseRefused(_("This answer is not offered."))
    place = names.index(name)
    other = place + (-1 if way == "up" else 1)
    if 0 <= other < len(names):
        names[place], names[other] = names[other], names[place]
    return names
