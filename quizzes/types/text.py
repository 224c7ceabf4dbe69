"""Short text and numbers."""

import re
import unicodedata
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from academy.bilingual import pick
from academy.house_rules.quoting import is_figure
from quizzes.types.base import (
    BLANK,
    Body,
    Grade,
    Order,
    ParsedQuestion,
    QuestionType,
    Response,
    clean_short,
    grade_of,
    typed_share,
)
from quizzes.types.checking import (
    FULL_ANSWER,
    Lacking,
    check_answers,
    check_ids,
    check_list,
    check_text,
    decimal_or_none,
)
from quizzes.types.rich import shown_in

# In both widths. A full stop of the West goes at the end too, where it stands for 。
ENDS = "。，！？、,!? "
# The value of an answer that takes every number.
ANYTHING = "*"
LARGE = {"万": 10_000, "亿": 100_000_000}


class _TypedAnswer(QuestionType):
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
            "unit": pick(question.body.get("unit"), language),
        }

    def clean_response(self, question: ParsedQuestion, raw: Mapping[str, Any], order: Order | None = None) -> Response:
        text = clean_short(raw.get("response") or "")
        return {"text": text} if text else None

    def response_summary(self, question: ParsedQuestion, response: Response, language: str, order: Order) -> str:
        return (response or {}).get("text", "")

    def _best(self, fractions: list[Decimal], problems: list[tuple[str, Any]]) -> None:
        if not fractions or max(fractions) != 1:
            problems.append(Lacking("answers", FULL_ANSWER))


class ShortText(_TypedAnswer):
    """Accepted answers with ``*`` as a wildcard, tried in the author's order: the first that matches decides.

    Width, case, spaces and the punctuation at the ends are folded.
    """

    code = "shorttext"
    icon = "edit"
    label = _("Short text")
    help_text = _("A word or a few, typed; several spellings may be accepted.")
    keys = frozenset({"answers", "case_sensitive"})

    def check(self, body: Body, problems: list[tuple[str, Any]]) -> None:
        answers = check_ids(body.get("answers"), "answers", problems)
        self._best(check_answers(answers, "answers.{}".format, problems, formatted=False), problems)

    def publishing_problems(self, question: ParsedQuestion) -> list[tuple[str, Any]]:
        return super().publishing_problems(question) + catch_all_problems(question.body["answers"], "answers")

    def grade(self, question: ParsedQuestion, response: Response) -> Grade:
        if not response:
            return BLANK
        sensitive = bool(question.body.get("case_sensitive"))
        return _judged(first_match(question.body["answers"], response["text"], sensitive))

    def right_answer(self, question: ParsedQuestion, language: str, order: Order) -> str:
        best = max(question.body["answers"], key=lambda answer: Decimal(answer["fraction"]))
        return pick(best["text"], language).replace("\\*", "*")

    def guess_score(self, question: ParsedQuestion) -> Decimal:
        caught = [Decimal(a["fraction"]) for a in question.body["answers"] if "*" in a["text"].values()]
        return max(caught, default=Decimal(0))


class Numeric(_TypedAnswer):
    """Exact decimals: a number matches within an absolute or relative tolerance, inclusive; the first match decides."""

    code = "numeric"
    icon = "decimal"
    label = _("Numeric")
    help_text = _("A number to work out, with a tolerance where rounding differs.")
    keys = frozenset({"answers", "unit", "units"})

    def check(self, body: Body, problems: list[tuple[str, Any]]) -> None:
        check_text(body.get("unit"), "unit", 40, problems, formatted=False)
        answers = check_ids(body.get("answers"), "answers", problems)
        fractions = check_answers(answers, "answers.{}".format, problems, worded=False, more=_check_value)
        for unit in check_list(body.get("units", []), "units", problems):
            check_text(unit.get("name"), "units", 40, problems, required=True, formatted=False)
            factor = decimal_or_none(unit.get("factor"))
            if factor is None or factor == 0:
                problems.append(("units", _("This is not a number.")))
        self._best(fractions, problems)

    def publishing_problems(self, question: ParsedQuestion) -> list[tuple[str, Any]]:
        return super().publishing_problems(question) + [
            (f"answers.{number}", _("What accepts anything must come last; the answers after it are never reached."))
            for number, answer in enumerate(question.body["answers"][:-1], 1)
            if answer["value"] == ANYTHING
        ]

    def present(
        self,
        question: ParsedQuestion,
        order: Order,
        language: str,
        response: Response = None,
        *,
        practice: bool = False,
    ) -> dict[str, Any]:
        shown = super().present(question, order, language, response, practice=practice)
        return shown | {"doubt": self.doubt(question, response)}

    def doubt(self, question: ParsedQuestion, response: Response) -> str:
        body = question.body
        if not response or _in_units(response["text"], body.get("unit") or {}, body.get("units", [])) is not None:
            return ""
        return gettext("It is saved, but cannot be read as a number. Type it in digits, not in words.")

    def grade(self, question: ParsedQuestion, response: Response) -> Grade:
        if not response:
            return BLANK
        body = question.body
        return _judged(first_number(body["answers"], response["text"], body.get("unit") or {}, body.get("units", [])))

    def right_answer(self, question: ParsedQuestion, language: str, order: Order) -> str:
        best = max(question.body["answers"], key=lambda answer: Decimal(answer["fraction"]))
        unit = pick(question.body.get("unit"), language)
        return f"{best['value']} {unit}".strip()

    def key_notes(self, question: ParsedQuestion, language: str) -> list[tuple[Any, str]]:
        best = max(question.body["answers"], key=lambda answer: Decimal(answer["fraction"]))
        off = decimal_or_none(best.get("tolerance", "0")) or Decimal(0)
        if not off:
            return []
        percent = best.get("tolerance_kind") == "relative"
        return [(_("Tolerance"), f"± {(off * 100).normalize():f} %" if percent else f"± {off.normalize():f}")]


def first_match(answers: list[dict[str, Any]], text: str, case_sensitive: bool = False) -> dict[str, Any] | None:
    """The answer that decides: the first of the author's that matches, also where it is worth nothing."""
    return next(
        (
            answer
            for answer in answers
            if any(text_matches(pattern, text, case_sensitive) for pattern in answer["text"].values() if pattern)
        ),
        None,
    )


def first_number(
    answers: list[dict[str, Any]], text: str, unit: Mapping[str, str] | None = None, units: Any = ()
) -> dict[str, Any] | None:
    """The same for numbers. What is no number at all is met by an answer to everything that is worth nothing."""
    number = _in_units(text, unit or {}, units)
    if number is None:
        return next(
            (answer for answer in answers if answer["value"] == ANYTHING and Decimal(answer["fraction"]) <= 0), None
        )
    return next((answer for answer in answers if answer["value"] == ANYTHING or _within(answer, number)), None)


def _in_units(text: str, unit: Mapping[str, str], units: Any) -> Decimal | None:
    """The number in the unit of the key; a further unit says how many of it are one of the key's."""
    for other in sorted(units, key=lambda unit: -max(map(len, unit["name"].values()))):
        folded = fold(text)
        for name in other["name"].values():
            if folded.endswith(fold(name)) and (number := read_number(folded[: -len(fold(name))], {})) is not None:
                return number / Decimal(other["factor"])
    return read_number(text, unit)


def check_number(answer: dict[str, Any], place: str, problems: list[tuple[str, Any]]) -> None:
    """A value and its tolerance; ``*`` takes any number, as in other platforms' files.

    ``{{ rule:code figure }}`` is the figure of a house rule, put in its place when a paper is begun.
    """
    if "value" not in answer:
        return
    value = answer["value"]
    quoted = isinstance(value, str) and is_figure(value)
    if not quoted and decimal_or_none(value) is None and value != ANYTHING:
        lacks = _("A number is needed here.")
        problems.append(Lacking(place, lacks) if value in (None, "") else (place, _("This is not a number.")))
    tolerance = decimal_or_none(answer.get("tolerance", "0"))
    if tolerance is None or tolerance < 0:
        problems.append((place, _("The tolerance is not a number of zero or more.")))
    if answer.get("tolerance_kind", "absolute") not in ("absolute", "relative"):
        problems.append((place, _("A tolerance is absolute or relative.")))


def _check_value(answer: dict[str, Any], place: str, problems: list[tuple[str, Any]]) -> None:
    check_number({"value": None, **answer}, place, problems)


def catch_all_problems(answers: list[dict[str, Any]], place: str) -> list[tuple[str, Any]]:
    """One that accepts anything stands last: no answer after it is ever reached."""
    return [
        (f"{place}.{number}", _("What accepts anything must come last; the answers after it are never reached."))
        for number, answer in enumerate(answers[:-1], 1)
        if any(text and not text.strip("* ") for text in answer["text"].values())
    ]


def _judged(answer: dict[str, Any] | None) -> Grade:
    return grade_of(typed_share(answer["fraction"]), (answer.get("feedback") or {},)) if answer else grade_of(0)


def _within(answer: dict[str, Any], number: Decimal) -> bool:
    value, tolerance = decimal_or_none(answer["value"]), Decimal(answer.get("tolerance", "0"))
    # The figure of a house rule that says words by now: nothing that is typed in is that number.
    if value is None:
        return False
    if answer.get("tolerance_kind") == "relative":
        tolerance = abs(value) * tolerance
    return abs(number - value) <= tolerance


def text_matches(pattern: str, text: str, case_sensitive: bool) -> bool:
    """``*`` in a pattern stands for any run of characters, ``\\*`` for itself."""
    parts = [fold(part.replace("\0", "*"), case_sensitive, "") for part in pattern.replace("\\*", "\0").split("*")]
    if len(parts) == 1:
        return fold(parts[0], True) == fold(text, case_sensitive)
    folded = fold(text, case_sensitive)
    parts = [parts[0].lstrip(ENDS), *parts[1:-1], parts[-1].rstrip(ENDS).removesuffix(".")]
    if not folded.startswith(parts[0]):
        return False
    position = len(parts[0])
    for part in parts[1:-1]:
        position = folded.find(part, position)
        if position < 0:
            return False
        position += len(part)
    return len(folded) - len(parts[-1]) >= position and folded.endswith(parts[-1])


def fold(text: str, case_sensitive: bool = False, ends: str = ENDS) -> str:
    """Full and half width alike, one case, no spaces between Chinese, no 。，！？、 at the ends.

    Inside nothing is taken: 1:2 is not 12, and a list is not its words in a row.
    """
    text = of_one_width(text)
    text = text if case_sensitive else text.casefold()
    text = re.sub(r"\s+", " ", text).strip()
    text = re.sub(r"(?<=[\u2e80-\u9fff\uf900-\ufaff]) | (?=[\u2e80-\u9fff\uf900-\ufaff])", "", text)
    return text.strip(ends).removesuffix(".").strip() if ends else text


def typed_figure(text: str) -> str:
    """What an author types as learners do, full-width digits and grouping commas, as the plain number; else as it is."""
    number = read_number(text, {}) if re.fullmatch(r"[\d+\-−.,]+", of_one_width(text).strip()) else None
    return text if number is None else f"{number:f}"


POWERS = re.compile("([⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻]+)")
RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻", "0123456789+-")


def of_one_width(text: str) -> str:
    """Full and half width alike, as ``NFKC`` has it, but a power stays one: 10² is 10^2, and never 102."""
    return unicodedata.normalize("NFKC", POWERS.sub(lambda match: f"^{match[1].translate(RAISED)}", text))


def read_number(text: str, unit: Mapping[str, str]) -> Decimal | None:
    """A number as people type it: full-width digits, grouping commas, a trailing unit, 8万 for 80000. None where it is none."""
    text = of_one_width(text).strip().replace("−", "-").replace("–", "-")
    for word in sorted({*unit.values(), "%", "元", "yuan"}, key=len, reverse=True):
        word = unicodedata.normalize("NFKC", word).strip()
        if word and text.casefold().endswith(word.casefold()):
            text = text[: -len(word)].strip()
            break
    sign = text[-1:] if text[-1:] in LARGE else ""
    text = text.removesuffix(sign).strip()
    if not re.fullmatch(r"[+-]?(\d{1,3}(,\d{3})+|\d+)?(\.\d*)?([eE][+-]?\d{1,3})?", text) or not re.search(r"\d", text):
        return None
    number = decimal_or_none(text.replace(",", ""))
    # Where the unit asked for is 万元 itself, 8万 is 8.
    if number is None or not sign or any(sign in word for word in unit.values()):
        return number
    return number * LARGE[sign]
