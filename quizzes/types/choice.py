"""Single choice, multiple choice, true or false."""

import random
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext, override
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
    part_called,
    typed_share,
)
from quizzes.types.checking import (
    FULL_MARK,
    OPTION_LIMIT,
    WHOLE,
    WHOLE_OR_MORE,
    Lacking,
    check_answers,
    check_different,
    check_ids,
    check_text,
)
from quizzes.types.rich import plain_in, shown_in


class ChoiceType(QuestionType):
    """Options with a share of the mark each."""

    keys = frozenset({"options", "shuffle"})

    def check(self, body: Body, problems: list[tuple[str, Any]]) -> None:
        options = check_ids(body.get("options"), "options", problems)
        fractions = check_answers(options, "options.{}".format, problems)
        if len(options) < 2:
            problems.append(Lacking("options", _("At least two options are needed.")))
        check_different(options, "text", "options", problems)
        self.check_fractions(fractions, problems, str(body.get("scoring", "")))

    def check_fractions(self, fractions: list[Decimal], problems: list[tuple[str, Any]], scoring: str) -> None:
        if not fractions or max(fractions) != 1:
            problems.append(Lacking("options", FULL_MARK))

    def draw_order(self, question: ParsedQuestion, source: random.Random) -> Order:
        ids = [option["id"] for option in question.body["options"]]
        if question.body.get("shuffle", True):
            source.shuffle(ids)
        return {"options": ids}

    def places(self, question: ParsedQuestion, order: Order | None) -> dict[str, dict[str, Any]]:
        """The options by what the page calls them, in the order it shows."""
        by_id = {option["id"]: option for option in question.body["options"]}
        if not order:
            return by_id
        return {name: by_id[identity] for name, identity in by_place(by_id, order.get("options")).items()}

    def present(
        self,
        question: ParsedQuestion,
        order: Order,
        language: str,
        response: Response = None,
        *,
        practice: bool = False,
    ) -> dict[str, Any]:
        chosen = set(self.chosen_ids(response))
        return {
            "type": self.code,
            "stem": shown_in(question.stem, language),
            "whole": question.counts_whole,
            "options": [
                {"id": name, "text": shown_in(option["text"], language), "chosen": option["id"] in chosen}
                for name, option in self.places(question, order).items()
            ],
        }

    def named(self, question: ParsedQuestion, order: Order | None, name: Any) -> dict[str, Any]:
        """The option that the page called so. Raises ``ResponseRefused``."""
        return part_called(self.places(question, order), name)

    def renamed(self, question: ParsedQuestion, order: Order, raw: Mapping[str, Any]) -> Mapping[str, Any]:
        names = {option["id"]: name for name, option in self.places(question, order).items()}
        value = raw.get("response")
        if isinstance(value, list):
            return {**raw, "response": [names.get(name, name) if isinstance(name, str) else name for name in value]}
        return {**raw, "response": names.get(value, value) if isinstance(value, str) else value}

    def outward(self, question: ParsedQuestion, order: Order, response: Response) -> Any:
        chosen = set(self.chosen_ids(response))
        return [name for name, option in self.places(question, order).items() if option["id"] in chosen]

    def _option(self, question: ParsedQuestion, identity: Any) -> dict[str, Any]:
        return part_called({option["id"]: option for option in question.body["options"]}, identity)

    def chosen_ids(self, response: Response) -> list[str]:
        chosen = (response or {}).get("chosen")
        return chosen if isinstance(chosen, list) else [chosen] if chosen else []

    def response_summary(self, question: ParsedQuestion, response: Response, language: str, order: Order) -> str:
        chosen = set(self.chosen_ids(response))
        options = self.places(question, order).values()
        return " · ".join(plain_in(option["text"], language) for option in options if option["id"] in chosen)

    def right_answer(self, question: ParsedQuestion, language: str, order: Order) -> str:
        right = [option for option in self.places(question, order).values() if Decimal(option["fraction"]) > 0]
        return " · ".join(plain_in(option["text"], language) for option in right)

    def review(self, question: ParsedQuestion, order: Order, response: Response, language: str) -> list[dict[str, Any]]:
        chosen = set(self.chosen_ids(response))
        return [
            {
                "text": shown_in(option["text"], language),
                "chosen": option["id"] in chosen,
                "right": Decimal(option["fraction"]) > 0,
                "feedback": shown_in(option.get("feedback"), language),
            }
            for option in self.places(question, order).values()
        ]


class SingleChoice(ChoiceType):
    code = "single"
    icon = "radio-full"
    label = _("Single choice")
    help_text = _("One option is right; others may earn a part of the mark.")

    def clean_response(self, question: ParsedQuestion, raw: Mapping[str, Any], order: Order | None = None) -> Response:
        value = raw.get("response")
        if value in (None, ""):
            return None
        return {"chosen": self.named(question, order, value)["id"]}

    def grade(self, question: ParsedQuestion, response: Response) -> Grade:
        if not response:
            return BLANK
        option = self._option(question, response.get("chosen"))
        return grade_of(typed_share(option["fraction"]), (option.get("feedback") or {},))

    def guess_score(self, question: ParsedQuestion) -> Decimal:
        fractions = [Decimal(option["fraction"]) for option in question.body["options"]]
        return sum(fractions, Decimal(0)) / len(fractions)


class MultipleChoice(ChoiceType):
    """``scoring`` is ``partial`` (the shares are added, never below zero), ``capped`` or ``all_or_nothing``.

    Capped, the right options carry more than the whole together: some of them are enough for the full mark, as QTI's
    mapping with an upper bound has it.
    """

    code = "multiple"
    icon = "check"
    label = _("Multiple choice")
    help_text = _("Several options are right; a wrong one may take a part of the mark away.")
    keys = ChoiceType.keys | {"scoring"}

    def check_fractions(self, fractions: list[Decimal], problems: list[tuple[str, Any]], scoring: str) -> None:
        total = sum((fraction for fraction in fractions if fraction > 0), Decimal(0))
        if scoring == "capped":
            if total < Decimal("0.99"):
                problems.append(Lacking("options", WHOLE_OR_MORE))
        elif not Decimal("0.99") <= total <= Decimal("1.01"):
            problems.append(Lacking("options", WHOLE))

    def check(self, body: Body, problems: list[tuple[str, Any]]) -> None:
        super().check(body, problems)
        if body.get("scoring", "partial") not in ("partial", "capped", "all_or_nothing"):
            problems.append(("scoring", _("Choose one of the ways of marking.")))

    def raw_from_post(self, question: ParsedQuestion, data: Any) -> dict[str, Any]:
        return {"response": data.getlist("response")}

    def clean_response(self, question: ParsedQuestion, raw: Mapping[str, Any], order: Order | None = None) -> Response:
        values = raw.get("response") or []
        values = [values] if isinstance(values, str) else values
        if not isinstance(values, list) or len(values) > 200:
            raise ResponseRefused(_("This answer is not offered."))
        named = {self.named(question, order, value)["id"] for value in values if value != ""}
        # In the order shown, so that the words for each stand in it too.
        chosen = [option["id"] for option in self.places(question, order).values() if option["id"] in named]
        return {"chosen": chosen} if chosen else None

    def grade(self, question: ParsedQuestion, response: Response) -> Grade:
        if not response:
            return BLANK
        options = [self._option(question, name) for name in response.get("chosen", [])]
        feedback = tuple(option.get("feedback") or {} for option in options)
        right = {option["id"] for option in question.body["options"] if Decimal(option["fraction"]) > 0}
        if {option["id"] for option in options} == right:
            # Thirds written as 33.33333 add up to the whole.
            return grade_of(1, feedback)
        if question.counts_whole:
            return grade_of(0, feedback)
        total = sum((typed_share(option["fraction"]) for option in options), Fraction(0))
        return grade_of(total, feedback)


class TrueFalse(QuestionType):
    code = "truefalse"
    icon = "circle-check"
    label = _("True or false")
    help_text = _("A statement to judge.")
    keys = frozenset({"key", "feedback_true", "feedback_false"})

    def check(self, body: Body, problems: list[tuple[str, Any]]) -> None:
        if not isinstance(key := body.get("key"), bool):
            message = _("Say whether the statement is true.")
            problems.append(Lacking("key", message) if key is None else ("key", message))
        check_text(body.get("feedback_true"), "feedback_true", OPTION_LIMIT, problems)
        check_text(body.get("feedback_false"), "feedback_false", OPTION_LIMIT, problems)

    def present(
        self,
        question: ParsedQuestion,
        order: Order,
        language: str,
        response: Response = None,
        *,
        practice: bool = False,
    ) -> dict[str, Any]:
        return {
            "type": self.code,
            "stem": shown_in(question.stem, language),
            "options": [
                {"id": name, "text": _word(name == "true", language), "chosen": (response or {}).get("chosen") == name}
                for name in ("true", "false")
            ],
        }

    def clean_response(self, question: ParsedQuestion, raw: Mapping[str, Any], order: Order | None = None) -> Response:
        value = raw.get("response")
        if value in (None, ""):
            return None
        if value not in ("true", "false"):
            raise ResponseRefused(_("This answer is not offered."))
        return {"chosen": value}

    def grade(self, question: ParsedQuestion, response: Response) -> Grade:
        if not response:
            return BLANK
        said = response.get("chosen") == "true"
        feedback = question.body.get("feedback_true" if said else "feedback_false") or {}
        return grade_of(int(said is question.body["key"]), (feedback,))

    def response_summary(self, question: ParsedQuestion, response: Response, language: str, order: Order) -> str:
        return _word(response.get("chosen") == "true", language) if response else ""

    def right_answer(self, question: ParsedQuestion, language: str, order: Order) -> str:
        return _word(question.body["key"], language)

    def guess_score(self, question: ParsedQuestion) -> Decimal:
        return Decimal("0.5")

    def review(self, question: ParsedQuestion, order: Order, response: Response, language: str) -> list[dict[str, Any]]:
        return [
            {
                "text": _word(value, language),
                "chosen": bool(response) and (response or {}).get("chosen") == str(value).lower(),
                "right": question.body["key"] is value,
                "feedback": shown_in(question.body.get(f"feedback_{str(value).lower()}"), language),
            }
            for value in (True, False)
        ]


def _word(value: bool, language: str) -> str:
    with override(language):
        return gettext("True") if value else gettext("False")
