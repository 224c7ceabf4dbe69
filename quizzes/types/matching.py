"""Matching: a right-hand text for each left-hand one."""

import random
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
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
    by_place,
    grade_of,
    named_fields,
    open_parts_words,
    part_called,
    typed_share,
)
from quizzes.types.checking import OPTION_LIMIT, Lacking, check_different, check_ids, check_text, decimal_or_none
from quizzes.types.rich import joined_html, plain_in, shown_in


class Matching(QuestionType):
    """The mark is the share of right pairs, or of their own shares where pairs carry them; ``scoring`` may be
    ``all_or_nothing`` instead.

    A ``fraction`` of a pair is its value in the manner of QTI's mapping, as a part of the whole; pairs without one
    share what is left evenly.
    """

    code = "matching"
    icon = "link"
    label = _("Matching")
    help_text = _("Each item on the left belongs to one on the right.")
    keys = frozenset({"pairs", "distractors", "scoring"})

    def check(self, body: Body, problems: list[tuple[str, Any]]) -> None:
        pairs = check_ids(body.get("pairs"), "pairs", problems)
        others = check_ids(body.get("distractors", []), "distractors", problems)
        for number, pair in enumerate(pairs, 1):
            check_text(pair.get("left"), f"pairs.{number}", OPTION_LIMIT, problems, required=True)
            check_text(pair.get("right"), f"pairs.{number}", OPTION_LIMIT, problems, required=True)
        for number, other in enumerate(others, 1):
            check_text(other.get("right"), f"distractors.{number}", OPTION_LIMIT, problems, required=True)
        if len(pairs) < 2:
            problems.append(Lacking("pairs", _("At least two pairs are needed.")))
        if {p.get("id") for p in pairs} & {o.get("id") for o in others}:
            problems.append(("distractors", _("Two rows carry the same identifier.")))
        check_different(pairs, "left", "pairs", problems)
        self._check_shares(pairs, problems)
        if body.get("scoring", "pairs") not in ("pairs", "all_or_nothing"):
            problems.append(("scoring", _("Choose one of the ways of marking.")))

    def _check_shares(self, pairs: list[dict[str, Any]], problems: list[tuple[str, Any]]) -> None:
        found = [decimal_or_none(pair["fraction"]) for pair in pairs if "fraction" in pair]
        own = [place for place in found if place is not None and place >= 0]
        if len(own) < len(found):
            problems.append(("pairs", _("The share of a pair must lie between 0 and 100 per cent.")))
            return
        total, all_own = sum(own, Decimal(0)), len(own) == len(pairs)
        if own and (not Decimal("0.99") <= total <= Decimal("1.01") if all_own else total >= 1):
            problems.append(Lacking("pairs", _("The shares of the pairs must add up to 100 per cent.")))

    def _shares(self, question: ParsedQuestion) -> dict[str, Fraction]:
        """What each pair is worth of the whole."""
        pairs = question.body["pairs"]
        own = {pair["id"]: typed_share(pair["fraction"]) for pair in pairs if "fraction" in pair}
        left = (1 - sum(own.values(), Fraction(0))) / max(1, len(pairs) - len(own))
        return {pair["id"]: own.get(pair["id"], left) for pair in pairs}

    def _rights(self, question: ParsedQuestion) -> dict[str, dict[str, str]]:
        """The offered right-hand texts by id; pairs that share a text share its first id."""
        rights: dict[str, dict[str, str]] = {}
        for row in [*question.body["pairs"], *question.body.get("distractors", [])]:
            if row["right"] not in rights.values():
                rights[row["id"]] = row["right"]
        return rights

    def draw_order(self, question: ParsedQuestion, source: random.Random) -> Order:
        lefts = [pair["id"] for pair in question.body["pairs"]]
        rights = list(self._rights(question))
        source.shuffle(lefts)
        source.shuffle(rights)
        return {"lefts": lefts, "rights": rights}

    def _places(self, question: ParsedQuestion, order: Order | None) -> tuple[dict[str, str], dict[str, str]]:
        """Left and right sides by what the page calls them, in the order it shows."""
        order = order or {}
        lefts = [pair["id"] for pair in question.body["pairs"]]
        return by_place(lefts, order.get("lefts"), "l"), by_place(self._rights(question), order.get("rights"), "r")

    def _pairs(self, question: ParsedQuestion, order: Order | None) -> list[dict[str, Any]]:
        """The pairs as their left sides are shown."""
        pairs = {pair["id"]: pair for pair in question.body["pairs"]}
        return [pairs[place] for place in self._places(question, order)[0].values()]

    def outward(self, question: ParsedQuestion, order: Order, response: Response) -> Any:
        lefts, rights = self._places(question, order)
        names, chosen = {identity: name for name, identity in rights.items()}, (response or {}).get("pairs", {})
        return {name: names.get(chosen[identity], "") for name, identity in lefts.items() if identity in chosen}

    def present(
        self,
        question: ParsedQuestion,
        order: Order,
        language: str,
        response: Response = None,
        *,
        practice: bool = False,
    ) -> dict[str, Any]:
        lefts = {pair["id"]: pair["left"] for pair in question.body["pairs"]}
        rights = self._rights(question)
        left_names, right_names = self._places(question, order)
        right_ids = {identity: name for name, identity in right_names.items()}
        chosen = (response or {}).get("pairs", {})
        # A pair's two sides share an id in the body; what the page sees are positions, which say nothing.
        return {
            "type": self.code,
            "stem": shown_in(question.stem, language),
            "whole": question.counts_whole,
            "lefts": [
                {
                    "id": name,
                    "text": shown_in(lefts[identity], language),
                    "chosen": right_ids.get(chosen.get(identity, ""), ""),
                }
                for name, identity in left_names.items()
            ],
            "rights": [
                {"id": name, "text": plain_in(rights[identity], language)} for name, identity in right_names.items()
            ],
            "doubt": self.doubt(question, response),
        }

    def doubt(self, question: ParsedQuestion, response: Response) -> str:
        return open_parts_words(len(question.body["pairs"]) - len(response["pairs"])) if response else ""

    def raw_from_post(self, question: ParsedQuestion, data: Any) -> dict[str, Any]:
        return named_fields(data)

    def clean_response(self, question: ParsedQuestion, raw: Mapping[str, Any], order: Order | None = None) -> Response:
        left_ids, right_ids = self._places(question, order)
        chosen: dict[str, str] = {}
        for left, right in raw.items():
            if right in (None, ""):
                continue
            chosen[part_called(left_ids, left)] = part_called(right_ids, right)
        return {"pairs": chosen} if chosen else None

    def grade(self, question: ParsedQuestion, response: Response) -> Grade:
        if not response:
            return BLANK
        rights = self._rights(question)
        pairs = question.body["pairs"]
        right = [pair["id"] for pair in pairs if rights.get(response["pairs"].get(pair["id"], "")) == pair["right"]]
        if len(right) == len(pairs):
            return grade_of(1)
        if question.counts_whole:
            return grade_of(0)
        if not any("fraction" in pair for pair in pairs):
            return grade_of(Fraction(len(right), len(pairs)))
        shares = self._shares(question)
        return grade_of(sum((shares[identity] for identity in right), Fraction(0)))

    def response_summary(self, question: ParsedQuestion, response: Response, language: str, order: Order) -> str:
        rights = self._rights(question)
        chosen = (response or {}).get("pairs", {})
        return " · ".join(
            f"{plain_in(pair['left'], language)} → {plain_in(rights.get(chosen[pair['id']]), language)}"
            for pair in self._pairs(question, order)
            if pair["id"] in chosen
        )

    def right_answer(self, question: ParsedQuestion, language: str, order: Order) -> str:
        return " · ".join(
            f"{plain_in(pair['left'], language)} → {plain_in(pair['right'], language)}"
            for pair in self._pairs(question, order)
        )

    def guess_score(self, question: ParsedQuestion) -> Decimal:
        """Each pair is hit by one in as many as there are right sides; all at once by the product of that."""
        share = Decimal(1) / len(self._rights(question))
        whole = question.counts_whole
        return share ** len(question.body["pairs"]) if whole else share

    def review(self, question: ParsedQuestion, order: Order, response: Response, language: str) -> list[dict[str, Any]]:
        rights = self._rights(question)
        chosen = (response or {}).get("pairs", {})
        lines = []
        for pair in self._pairs(question, order):
            said = rights.get(chosen.get(pair["id"], ""))
            lines.append(
                {
                    "text": joined_html([shown_in(pair["left"], language), " → ", shown_in(said, language) or "–"]),
                    "chosen": said is not None,
                    "right": said == pair["right"],
                    "feedback": "",
                }
            )
        return lines
