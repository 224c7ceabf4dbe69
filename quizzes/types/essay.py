"""Essays, which a person marks, and information, which nobody marks."""

import re
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
    ReadOnly,
    Response,
    ResponseRefused,
)
from quizzes.types.checking import STEM_LIMIT, check_text, unprintable
from quizzes.types.rich import shown_in

ESSAY_LIMIT = 20_000
MOST_WORDS = 5_000
WORD = re.compile(r"[^\W_]+(?:['’\-.][^\W_]+)*")
HAN = re.compile(r"[\u2e80-\u2fdf\u3005-\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")


class Essay(QuestionType):
    """Plain text, saved as it is typed. The bounds are told and counted; a text outside them is kept and marked too."""

    code = "essay"
    icon = "doc-full"
    label = _("Essay")
    help_text = _("A free-text answer, marked by a person.")
    keys = frozenset({"words_min", "words_max", "guide"})
    marked_by_person = True
    takes_hints = False

    def check(self, body: Body, problems: list[tuple[str, Any]]) -> None:
        check_text(body.get("guide"), "guide", STEM_LIMIT, problems)
        for key in ("words_min", "words_max"):
            value = body.get(key)
            if value is not None and (
                isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MOST_WORDS
            ):
                problems.append((key, _("A number of words from 1 to %(most)s, or none.") % {"most": MOST_WORDS}))
                return
        if body.get("words_min") and body.get("words_max") and body["words_min"] > body["words_max"]:
            problems.append(("words_max", _("The maximum is below the minimum.")))

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
            "least": question.body.get("words_min"),
            "most": question.body.get("words_max"),
            "words": count_words((response or {}).get("text", "")),
            "limit": ESSAY_LIMIT,
        }

    def clean_response(self, question: ParsedQuestion, raw: Mapping[str, Any], order: Order | None = None) -> Response:
        text = raw.get("response") or ""
        if not isinstance(text, str):
            raise ResponseRefused(_("This answer is not offered."))
        if len(text) > ESSAY_LIMIT:
            raise ResponseRefused(_("An answer may have %(limit)s characters at most.") % {"limit": ESSAY_LIMIT})
        if unprintable(text):
            raise ResponseRefused(_("The answer holds a character that cannot be stored."))
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        return {"text": text} if text.strip() else None

    def grade(self, question: ParsedQuestion, response: Response) -> Grade:
        return Grade(Fraction(0), "waiting") if response else BLANK

    def response_summary(self, question: ParsedQuestion, response: Response, language: str, order: Order) -> str:
        return (response or {}).get("text", "")

    def right_answer(self, question: ParsedQuestion, language: str, order: Order) -> str:
        return ""

    def marking_guide(self, question: ParsedQuestion, language: str) -> str:
        """What a marker looks for; learners never see it."""
        return shown_in(question.body.get("guide"), language)

    def key_notes(self, question: ParsedQuestion, language: str) -> list[tuple[Any, str]]:
        guide = self.marking_guide(question, language)
        return [(_("For the marker"), guide)] if guide else []

    def guess_score(self, question: ParsedQuestion) -> Decimal | None:
        return None


class Information(ReadOnly):
    """A text to be read. It takes a place in the paper, but no mark and no answer."""

    code = "information"
    icon = "info-circle"
    label = _("Information")
    help_text = _("A text between questions; it earns no mark.")

    def check(self, body: Body, problems: list[tuple[str, Any]]) -> None:
        """The stem is all there is."""

    def present(
        self,
        question: ParsedQuestion,
        order: Order,
        language: str,
        response: Response = None,
        *,
        practice: bool = False,
    ) -> dict[str, Any]:
        return {"type": self.code, "stem": shown_in(question.stem, language)}


def count_words(text: str) -> int:
    """As word processors count in China: each Chinese character, and each run of other letters or digits."""
    return len(WORD.findall(HAN.sub(" \\g<0> ", text)))
