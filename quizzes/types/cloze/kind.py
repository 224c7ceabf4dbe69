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
    open_parts_words,
    part_called,
    typed_share,
)
from quizzes.types.checking import UNFINISHED, Lacking, check_answers, check_different, check_ids, decimal_or_none
from quizzes.types.choice import WHOLE
from quizzes.types.cloze.markers import PLACE, blanked, in_words, places
from quizzes.types.rich import joined_html, plain_in, shown_in
from quizzes.types.text import catch_all_problems, check_number, first_match, first_number

GAPS = 30
KINDS_OF_GAPS = ("choice", "several", "text")
BETWEEN = " · "
# What stands in a gap: typed words, the option chosen, or the options chosen of several.
Said = str | list[str]
ANSWERS = 20


class Cloze(QuestionType):
    """The stem holds ``[[id]]`` where a gap stands; a gap is a choice of one (``choice``) or of several (``several``) or a
    typed text (``text``), each with shares of its mark. Of several, what is chosen adds up, never below zero.

    A gap may weigh more than another (``weight``); a typed one may look at capitals (``case_sensitive``) or ask for
    numbers (its answers have ``value`` and ``tolerance``). Answers may carry feedback.
    """

    code = "cloze"
    icon = "form"
    label = _("Cloze")
    help_text = _("A paragraph with gaps: words to choose or to type.")
    keys = frozenset({"gaps", UNFINISHED})

    def check(self, body: Body, problems: list[tuple[str, Any]]) -> None:
        if UNFINISHED in body:
            problems.append(Lacking("stem", _("The gaps of the paragraph are not finished yet.")))
            return
        gaps = check_ids(body.get("gaps"), "gaps", problems)
        if not 1 <= len(gaps) <= GAPS:
            message = _("From 1 to %(most)s gaps are needed.") % {"most": GAPS}
            problems.append(Lacking("stem", message) if not gaps else ("gaps", message))
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
        if gap.get("kind") not in KINDS_OF_GAPS:
            problems.append((place, _("A gap is to choose or to type.")))
            return
        weight = decimal_or_none(gap.get("weight", "1"))
        if weight is None or weight <= 0:
            problems.append((place, _("The weight of a gap is a number above zero.")))
        answers = check_ids(gap.get("answers"), place, problems)
        fractions = check_answers(answers, lambda number: place, problems, more=check_number, formatted=False)
        whole = sum((fraction for fraction in fractions if fraction > 0), Decimal(0))
        if gap["kind"] == "several" and not Decimal("0.99") <= whole <= Decimal("1.01"):
            problems.append((place, WHOLE))
        elif gap["kind"] != "several" and (not fractions or max(fractions) != 1):
            problems.append((place, _("One answer must carry the full mark.")))
        if gap["kind"] != "text":
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
            if gap["kind"] != "text":
                ids = [answer["id"] for answer in gap["answers"]]
                source.shuffle(ids)
                order[gap["id"]] = ids
        return order

    def _options(self, gap: dict[str, Any], order: Order | None) -> dict[str, str]:
        """A choice's answers by what the page calls them: their drawn place."""
        return by_place([answer["id"] for answer in gap["answers"]], (order or {}).get(gap["id"]))

    def outward(self, question: ParsedQuestion, order: Order, response: Response) -> Any:
        said = (response or {}).get("gaps", {})
        shown: dict[str, Said] = {}
        for gap in question.body["gaps"]:
            if gap["id"] not in said:
                continue
            answer = said[gap["id"]]
            names = (
                {option: name for name, option in self._options(gap, order).items()} if gap["kind"] != "text" else {}
            )
            if gap["kind"] == "several":
                shown[gap["id"]] = [names[name] for name in answer if name in names]
            else:
                shown[gap["id"]] = names.get(answer, "") if names else answer
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
        return {
            "type": self.code,
            "stem": blanked(plain_in(question.stem, language)),
            "parts": parts,
            "count": number,
            "doubt": self.doubt(question, response),
        }

    def doubt(self, question: ParsedQuestion, response: Response) -> str:
        return open_parts_words(len(question.body["gaps"]) - len(response["gaps"])) if response else ""

    def _shown(self, gap: dict[str, Any], number: int, order: Order, language: str, said: Said) -> dict[str, Any]:
        shown = {"id": gap["id"], "number": number, "kind": gap["kind"], "said": said, "options": []}
        if gap["kind"] != "text":
            texts = {answer["id"]: pick(answer["text"], language) for answer in gap["answers"]}
            chosen = chosen_in(said)
            shown["options"] = [
                {"value": value, "text": texts[option], "chosen": option in chosen}
                for value, option in self._options(gap, order).items()
            ]
        return shown

    def raw_from_post(self, question: ParsedQuestion, data: Any) -> dict[str, Any]:
        return named_fields(data)

    def clean_response(self, question: ParsedQuestion, raw: Mapping[str, Any], order: Order | None = None) -> Response:
        gaps = self._gaps(question)
        said: dict[str, Said] = {}
        ticked: dict[str, set[str]] = {}
        for name, value in raw.items():
            if value in (None, ""):
                continue
            # An option of several is a field of its own: the gap's name, and its place.
            called, _dot, option = name.partition(".")
            gap = part_called(gaps, called)
            if gap["kind"] == "several":
                ticked.setdefault(called, set()).add(part_called(self._options(gap, order), option))
                continue
            gap = part_called(gaps, name)
            if not isinstance(value, str):
                raise ResponseRefused(_("This answer is not offered."))
            if gap["kind"] == "choice":
                said[name] = part_called(self._options(gap, order), value)
            elif text := clean_short(value):
                said[name] = text
        for called, ids in ticked.items():
            # In the author's order, so that the same ticks are the same answer.
            said[called] = [answer["id"] for answer in gaps[called]["answers"] if answer["id"] in ids]
        return {"gaps": said} if said else None

    def grade(self, question: ParsedQuestion, response: Response) -> Grade:
        if not response:
            return BLANK
        said = response["gaps"]
        gaps, feedback = question.body["gaps"], []
        total = weights = Fraction(0)
        for gap in gaps:
            answer, weight = said.get(gap["id"], ""), Fraction(gap.get("weight", "1"))
            total, weights = total + weight * gap_fraction(gap, answer), weights + weight
            feedback += [accepted.get("feedback") or {} for accepted in gap_answers(gap, answer)]
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
            lambda match: f"[{right_in(gaps[match[1]], language)}]" if match[1] in gaps else match[0],
            plain_in(question.stem, language),
        )

    def guess_score(self, question: ParsedQuestion) -> Decimal:
        """The mean over the gaps; a typed word, or which of several, is not guessed."""
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
            right = right_in(gaps[name], language)
            lines.append(
                {
                    "text": f"({number}) {text}" if fraction == 1 else f"({number}) {text} → {right}",
                    "chosen": bool(answer),
                    "right": fraction == 1,
                    "feedback": joined_html(
                        shown_in(accepted.get("feedback"), language) for accepted in gap_answers(gaps[name], answer)
                    ),
                }
            )
        return lines


def chosen_in(said: Said) -> list[str]:
    """The identifiers of the options that are chosen in a gap."""
    return said if isinstance(said, list) else [said] if said else []


def gap_answers(gap: dict[str, Any], said: Said) -> list[dict[str, Any]]:
    """The answers that decide a gap: those chosen; of typed words and numbers the first that matches."""
    if not said:
        return []
    if gap["kind"] != "text" or isinstance(said, list):
        chosen = chosen_in(said)
        return [answer for answer in gap["answers"] if answer["id"] in chosen]
    if any("value" in answer for answer in gap["answers"]):
        found = first_number(gap["answers"], said)
    else:
        found = first_match(gap["answers"], said, bool(gap.get("case_sensitive")))
    return [found] if found is not None else []


def gap_fraction(gap: dict[str, Any], said: Said) -> Fraction:
    """What one gap earns of its mark, 0 to 1."""
    decide = gap_answers(gap, said)
    if gap["kind"] == "several" and decide == _rights(gap):
        # Thirds written as 33.33333 add up to the whole.
        return Fraction(1)
    total = sum((typed_share(answer["fraction"]) for answer in decide), Fraction(0))
    return min(Fraction(1), max(Fraction(0), total))


def _rights(gap: dict[str, Any]) -> list[dict[str, Any]]:
    """What is right: of several all that earn something, else the best."""
    if gap["kind"] == "several":
        return [answer for answer in gap["answers"] if Decimal(answer["fraction"]) > 0]
    return [max(gap["answers"], key=lambda answer: Decimal(answer["fraction"]))]


def _said(gap: dict[str, Any], said: Said, language: str) -> str:
    if isinstance(said, str) and gap["kind"] == "text":
        return said
    return BETWEEN.join(pick(answer["text"], language) for answer in gap_answers(gap, said))


def right_in(gap: dict[str, Any], language: str) -> str:
    """The words that would be right in a gap."""
    return BETWEEN.join(pick(answer["text"], language).replace("\\*", "*") for answer in _rights(gap))


def _in_order(text: str) -> tuple[str, ...]:
    """The gaps of a text, sorted."""
    return tuple(sorted(places(text)))
