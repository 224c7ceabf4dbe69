"""The question type of a cloze: the mark is the mean of its gaps."""

import random
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.utils.safestring import SafeString, mark_safe
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
    clean_short,
    grade_of,
    named_fields,
    part_called,
    typed_share,
)
from quizzes.types.checking import check_answers, check_different, check_ids, decimal_or_none
from quizzes.types.cloze.markers import PLACE, blanked, in_words, places
from quizzes.types.rich import plain_in, shown_in
from quizzes.types.text import catch_all_problems, check_number, first_match, first_number

GAPS = 30
ANSWERS = 20


class Cloze(QuestionType):
    """The stem holds ``[[id]]`` where a gap stands; a gap is a choice or a typed text, each with shares of its mark.

    A gap may weigh more than another (``weight``); a typed one may look at capitals (``case_sensitive``) or ask for
    numbers (its answers have ``value`` and ``tolerance``). Answers may carry feedback.
    """

    code = "cloze"
    label = _("Cloze")
    help_text = _("A paragraph with gaps: words to choose or to type.")
    keys = frozenset({"gaps"})

    def check(self, body: Body, problems: list[tuple[str, Any]]) -> None:
        gaps = check_ids(body.get("gaps"), "gaps", problems)
        if not 1 <= len(gaps) <= GAPS:
            problems.append(("gaps", _("From 1 to %(most)s gaps are needed.") % {"most": GAPS}))
        for number, gap in enumerate(gaps, 1):
            self._check_gap(gap, f"gaps.{number}", problems)
        ids = sorted(str(gap.get("id")) for gap in gaps)
        stem = body.get("stem")
        for text in stem.values() if isinstance(stem, dict) else ():
            # A gap inside of a tag, in the words of a picture, would be drawn into it.
            if isinstance(text, str) and text and {*map(_in_order, (in_words(text), text))} != {tuple(ids)}:
                problems.append(("stem", _("The paragraph and its gaps do not fit each other.")))
                return

    def _check_gap(self, gap: dict[str, Any], place: str, problems: list[tuple[str, Any]]) -> None:
        if gap.get("kind") not in ("choice", "text"):
            problems.append((place, _("A gap is to choose or to type.")))
            return
        weight = decimal_or_none(gap.get("weight", "1"))
        if weight is None or weight <= 0:
            problems.append((place, _("The weight of a gap is a number above zero.")))
        answers = check_ids(gap.get("answers"), place, problems)
        fractions = check_answers(answers, lambda number: place, problems, more=check_number, formatted=False)
        if not fractions or max(fractions) != 1:
            problems.append((place, _("One answer must carry the full mark.")))
        if gap["kind"] == "choice":
            if len(answers) < 2:
                problems.append((place, _("At least two options are needed.")))
            check_different(answers, "text", place, problems)
        if len(answers) > ANSWERS:
            problems.append((place, _("More than %(limit)s rows.") % {"limit": ANSWERS}))

    def publishing_problems(self, question: ParsedQuestion) -> list[tuple[str, Any]]:
        return super().publishing_problems(question) + [
            problem
            for number, gap in enumerate(question.body["gaps"], 1)
            if gap["kind"] == "text"
            for problem in catch_all_problems(gap["answers"], f"gaps.{number}")
        ]

    def shown_stem(self, question: ParsedQuestion, language: str) -> str:
        return blanked(plain_in(question.stem, language))

    def formatted_stem(self, question: ParsedQuestion, language: str) -> str:
        text = shown_in(question.stem, language)
        # Lines for the gaps leave safe what was safe.
        return mark_safe(blanked(text)) if isinstance(text, SafeString) else blanked(text)  # noqa: S308  # nosec B308 B703

    def _gaps(self, question: ParsedQuestion) -> dict[str, dict[str, Any]]:
        return {gap["id"]: gap for gap in question.body["gaps"]}

    def draw_order(self, question: ParsedQuestion, source: random.Random) -> Order:
        order = {}
        for gap in question.body["gaps"]:
            if gap["kind"] == "choice":
                ids = [answer["id"] for answer in gap["answers"]]
                source.shuffle(ids)
                order[gap["id"]] = ids
        return order

    def _options(self, gap: dict[str, Any], order: Order | None) -> dict[str, str]:
        """A choice's answers by what the page calls them: their drawn place."""
        return by_place([answer["id"] for answer in gap["answers"]], (order or {}).get(gap["id"]))

    def outward(self, question: ParsedQuestion, order: Order, response: Response) -> Any:
        said = (response or {}).get("gaps", {})
        shown = {}
        for gap in question.body["gaps"]:
            if gap["id"] not in said:
                continue
            names = {one: name for name, one in self._options(gap, order).items()} if gap["kind"] == "choice" else {}
            shown[gap["id"]] = names.get(said[gap["id"]], "") if gap["kind"] == "choice" else said[gap["id"]]
        return shown

    def present(
        self,
        question: ParsedQuestion,
        order: Order,
        language: str,
        response: Response = None,
        *,
        practice: bool = False,
    ) -> dict[str, Any]:
        gaps = self._gaps(question)
        said = (response or {}).get("gaps", {})
        parts: list[dict[str, Any]] = []
        text = shown_in(question.stem, language)
        # Of a formatted paragraph each part is a part of its safe HTML.
        part_of = mark_safe if isinstance(text, SafeString) else str  # nosec B308 B703 - cleaned as a whole
        position = number = 0
        for match in PLACE.finditer(text):
            gap = gaps.get(match[1])
            if gap is None:
                continue
            number += 1
            parts.append({"text": part_of(text[position : match.start()]), "gap": None})
            parts.append({"text": "", "gap": self._shown(gap, number, order, language, said.get(gap["id"], ""))})
            position = match.end()
        parts.append({"text": part_of(text[position:]), "gap": None})
        return {"type": self.code, "stem": blanked(plain_in(question.stem, language)), "parts": parts, "count": number}

    def _shown(self, gap: dict[str, Any], number: int, order: Order, language: str, said: str) -> dict[str, Any]:
        shown = {"id": gap["id"], "number": number, "kind": gap["kind"], "said": said, "options": []}
        if gap["kind"] == "choice":
            texts = {answer["id"]: pick(answer["text"], language) for answer in gap["answers"]}
            shown["options"] = [
                {"value": value, "text": texts[one], "chosen": one == said}
                for value, one in self._options(gap, order).items()
            ]
        return shown

    def raw_from_post(self, question: ParsedQuestion, data: Any) -> dict[str, Any]:
        return named_fields(data)

    def clean_response(self, question: ParsedQuestion, raw: Mapping[str, Any], order: Order | None = None) -> Response:
        gaps = self._gaps(question)
        said: dict[str, str] = {}
        for name, value in raw.items():
            if value in (None, ""):
                continue
            gap = part_called(gaps, name)
            if not isinstance(value, str):
                raise ResponseRefused(_("This answer is not offered."))
            if gap["kind"] == "choice":
                said[name] = part_called(self._options(gap, order), value)
            elif text := clean_short(value):
                said[name] = text
        return {"gaps": said} if said else None

    def grade(self, question: ParsedQuestion, response: Response) -> Grade:
        if not response:
            return BLANK
        said = response["gaps"]
        gaps, feedback = question.body["gaps"], []
        total = weights = Fraction(0)
        for gap in gaps:
            found, weight = gap_answer(gap, said.get(gap["id"], "")), Fraction(gap.get("weight", "1"))
            total, weights = total + weight * _share_of(found), weights + weight
            feedback.append((found or {}).get("feedback") or {})
        return grade_of(total / weights, tuple(feedback))

    def response_summary(self, question: ParsedQuestion, response: Response, language: str, order: Order) -> str:
        said = (response or {}).get("gaps", {})
        if not said:
            return ""
        gaps = self._gaps(question)
        return PLACE.sub(
            lambda match: (
                f"[{_said(gaps[match[1]], said.get(match[1], ''), language) or '–'}]" if match[1] in gaps else match[0]
            ),
            plain_in(question.stem, language),
        )

    def right_answer(self, question: ParsedQuestion, language: str, order: Order) -> str:
        gaps = self._gaps(question)
        return PLACE.sub(
            lambda match: f"[{_right(gaps[match[1]], language)}]" if match[1] in gaps else match[0],
            plain_in(question.stem, language),
        )

    def guess_score(self, question: ParsedQuestion) -> Decimal:
        """The mean over the gaps; a typed word is not guessed."""
        gaps = question.body["gaps"]
        total = Decimal(0)
        for gap in gaps:
            if gap["kind"] == "choice":
                fractions = [max(Decimal(answer["fraction"]), Decimal(0)) for answer in gap["answers"]]
                total += sum(fractions, Decimal(0)) / len(fractions)
        return total / len(gaps)

    def review(self, question: ParsedQuestion, order: Order, response: Response, language: str) -> list[dict[str, Any]]:
        said = (response or {}).get("gaps", {})
        gaps = self._gaps(question)
        lines = []
        for number, name in enumerate(places(plain_in(question.stem, language)), 1):
            answer = said.get(name, "")
            fraction = gap_fraction(gaps[name], answer)
            text = _said(gaps[name], answer, language) or "–"
            right = _right(gaps[name], language)
            lines.append(
                {
                    "text": f"({number}) {text}" if fraction == 1 else f"({number}) {text} → {right}",
                    "chosen": bool(answer),
                    "right": fraction == 1,
                    "feedback": shown_in((gap_answer(gaps[name], answer) or {}).get("feedback"), language),
                }
            )
        return lines


def gap_answer(gap: dict[str, Any], said: str) -> dict[str, Any] | None:
    """The answer that decides a gap: the one chosen; of typed words and numbers the first that matches."""
    if not said:
        return None
    if gap["kind"] == "choice":
        return next((answer for answer in gap["answers"] if answer["id"] == said), None)
    if any("value" in answer for answer in gap["answers"]):
        return first_number(gap["answers"], said)
    return first_match(gap["answers"], said, bool(gap.get("case_sensitive")))


def gap_fraction(gap: dict[str, Any], said: str) -> Fraction:
    """What one gap earns of its mark, 0 to 1."""
    return _share_of(gap_answer(gap, said))


def _share_of(found: dict[str, Any] | None) -> Fraction:
    return min(Fraction(1), max(Fraction(0), typed_share(found["fraction"]))) if found else Fraction(0)


def _said(gap: dict[str, Any], said: str, language: str) -> str:
    if gap["kind"] == "text":
        return said
    return next((pick(answer["text"], language) for answer in gap["answers"] if answer["id"] == said), "")


def _right(gap: dict[str, Any], language: str) -> str:
    best = max(gap["answers"], key=lambda answer: Decimal(answer["fraction"]))
    return pick(best["text"], language).replace("\\*", "*")


def _in_order(text: str) -> tuple[str, ...]:
    """The gaps of a text, sorted."""
    return tuple(sorted(places(text)))
