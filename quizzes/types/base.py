"""What every question type is: one class that owns its body, its form, its learner template and its grading.

A body is JSON. Every text is ``{"zh-hans": …, "en": …}``, one of which may be absent; options, answers and pairs
have ids that stay; fractions and values are decimal strings, so that marks are exact.
"""

import hashlib
import json
import random
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from quizzes.types.checking import (
    LANGUAGES,
    STEM_LIMIT,
    check_hints,
    check_text,
    unprintable,
)
from quizzes.types.rich import canonical_rich, is_rich, plain, plain_in, shown_in, without_words

RESPONSE_LIMIT = 2000

Text = dict[str, str]
Body = dict[str, Any]
Response = dict[str, Any] | None
Order = dict[str, list[str]]


class BodyProblems(Exception):
    """What is wrong with a body: a list of (place, message)."""

    def __init__(self, problems: list[tuple[str, Any]]) -> None:
        super().__init__("; ".join(f"{place}: {message}" for place, message in problems))
        self.problems = problems


class ResponseRefused(Exception):
    """A response that the question does not offer; ``message`` says why."""

    def __init__(self, message: Any) -> None:
        super().__init__(str(message))
        self.message = message


@dataclass(frozen=True)
class Grade:
    """``fraction`` of the mark, 0 to 1; feedback texts that apply.

    ``state`` is right, partial, wrong or blank; ``waiting`` where a person gives the mark, ``none`` where there is none.
    """

    fraction: Fraction
    state: str
    feedback: tuple[Text, ...] = ()


@dataclass(frozen=True)
class ParsedQuestion:
    """A parsed body: what all types have, and the type's own parts in ``body``."""

    type: str
    stem: Text
    feedback: Text
    body: Body = field(compare=False)
    hints: tuple[Text, ...] = ()

    @property
    def counts_whole(self) -> bool:
        """Whether what is right in part earns nothing, which the question says."""
        return bool(self.body.get("scoring") == "all_or_nothing")


def grade_of(fraction: Fraction | Decimal | int, feedback: tuple[Text, ...] = ()) -> Grade:
    """Clips to 0…1 and names the state."""
    return Grade(*_clipped(fraction), tuple([text for text in feedback if text]))


# Papers have few shares, and fractions are slow to compare.
@lru_cache(maxsize=1024)
def _clipped(fraction: Fraction | Decimal | int) -> tuple[Fraction, str]:
    fraction = min(Fraction(1), max(Fraction(0), Fraction(fraction)))
    return fraction, "right" if fraction == 1 else "partial" if fraction > 0 else "wrong"


BLANK = Grade(Fraction(0), "blank")
# A share typed as 33.33333 or 0.3333 stands for a third: the nearest fraction of few parts within this.
FEW_PARTS = 20
TYPED_BLUR = Fraction(6, 100_000)


@lru_cache(maxsize=1024)
def typed_share(text: str) -> Fraction:
    """The share of the mark that an author typed, exact."""
    typed = Fraction(text)
    nearest = typed.limit_denominator(FEW_PARTS)
    return nearest if abs(nearest - typed) <= TYPED_BLUR else typed


class QuestionType:
    """The base of a type. Adding a type is adding a file and a line in ``quizzes.types``."""

    code: ClassVar[str]
    label: ClassVar[Any]
    help_text: ClassVar[Any] = ""
    # The admin's sign for it.
    icon: ClassVar[str] = "help"
    keys: ClassVar[frozenset[str]] = frozenset()
    # A person gives the mark: ``grade`` says only blank or waiting.
    marked_by_person: ClassVar[bool] = False
    # Text to be read between questions: it takes no slot's marks and waits for no answer.
    counts: ClassVar[bool] = True
    # Answered step by step; a step once taken stays. Saved by ``next_response`` only.
    by_steps: ClassVar[bool] = False
    # May carry hints, one for each further try where answers are judged with hints; a text, a talk and an essay may not.
    takes_hints: ClassVar[bool] = True
    # A template of its own for the review of an answer; '' for the lines that all types have.
    review_template: ClassVar[str] = ""
    stem_limit: ClassVar[int] = STEM_LIMIT

    @property
    def template(self) -> str:
        return f"quizzes/types/{self.code}.html"

    @property
    def form_class(self) -> Any:
        from quizzes.types.forms import FORMS

        return FORMS[self.code]

    # -- the body

    def parse(self, body: Body) -> ParsedQuestion:
        """Checks a body. Raises ``BodyProblems`` with every fault and its place."""
        problems: list[tuple[str, Any]] = []
        unknown = set(body) - {"type", "stem", "feedback"} - ({"hints"} if self.takes_hints else set()) - self.keys
        problems += [(key, _("This is not part of the question type.")) for key in sorted(unknown)]
        check_text(body.get("stem"), "stem", self.stem_limit, problems, required=True)
        check_text(body.get("feedback"), "feedback", STEM_LIMIT, problems)
        check_hints(body.get("hints", []), problems)
        self.check(body, problems)
        if problems:
            raise BodyProblems(problems)
        return ParsedQuestion(self.code, body["stem"], body.get("feedback") or {}, body, tuple(body.get("hints", ())))

    def check(self, body: Body, problems: list[tuple[str, Any]]) -> None:
        raise BodyProblems([("type", "unfinished type")])

    def publishing_problems(self, question: ParsedQuestion) -> list[tuple[str, Any]]:
        """What a draft may still lack and a published question may not: (place, message)."""
        message = _("A picture or a sound has no words that say what it shows. Click on it and write them.")
        return [("stem", message)] if without_words(question.body) else []

    # -- the paper

    def shown_stem(self, question: ParsedQuestion, language: str) -> str:
        """The stem for reviews and lists."""
        return plain_in(question.stem, language)

    def formatted_stem(self, question: ParsedQuestion, language: str) -> str:
        """The same for a page that shows formatting: safe HTML where the stem is formatted."""
        return shown_in(question.stem, language)

    def draw_order(self, question: ParsedQuestion, source: random.Random) -> Order:
        """What is drawn once for a paper, such as the order of options."""
        return {}

    def present(
        self,
        question: ParsedQuestion,
        order: Order,
        language: str,
        response: Response = None,
        *,
        practice: bool = False,
    ) -> dict[str, Any]:
        """All that a learner's page may know: no key, no fraction; feedback only in practice, step by step."""
        raise ResponseRefused("unfinished type")

    # -- the response

    def raw_from_post(self, question: ParsedQuestion, data: Any) -> dict[str, Any]:
        """The posted fields of this question; ``data`` is a QueryDict or a mapping of lists."""
        values = data.getlist("response")
        return {"response": values[0] if values else ""}

    def clean_response(self, question: ParsedQuestion, raw: Mapping[str, Any], order: Order | None = None) -> Response:
        """None when unanswered. Raises ``ResponseRefused``."""
        raise ResponseRefused("unfinished type")

    def doubt(self, question: ParsedQuestion, response: Response) -> str:
        """What is said beside an answer that is kept but cannot be read as what is asked for, or lacks a part; '' where it
        is whole. It tells from the form of the answer alone, never from the key."""
        return ""

    def renamed(self, question: ParsedQuestion, order: Order, raw: Mapping[str, Any]) -> Mapping[str, Any]:
        """What a page from before options were named by their places had sent, in the names of today."""
        return raw

    def outward(self, question: ParsedQuestion, order: Order, response: Response) -> Any:
        """A stored response in the names that its page gave: what may be told of it where the question stays in use."""
        return response

    def next_response(
        self,
        question: ParsedQuestion,
        stored: Response,
        raw: Mapping[str, Any],
        order: Order,
        *,
        practice: bool = False,
    ) -> Response:
        """For a type answered by steps: the stored response with one step more. Raises ``ResponseRefused``."""
        raise ResponseRefused("not by steps")

    def is_over(self, question: ParsedQuestion, response: Response) -> bool:
        """For a type answered by steps: whether no step is left."""
        return response is not None

    def ending(self, question: ParsedQuestion, response: Response, language: str) -> dict[str, Any] | None:
        """For a type that ends in one of several ways: ``kind`` and ``word`` of how it did. It tells the verdict."""
        return None

    def ended_as(self, question: ParsedQuestion, response: Response) -> str:
        """The kind of the end that was reached; '' while none is, and for types without ends."""
        return ""

    def plays(self, response: Response) -> int:
        """For a type that may be begun anew: how many plays there are, the one at hand counted in."""
        return 1

    def every_play(self, response: Response) -> list[Response]:
        """Each play as a response of its own, the first one first."""
        return [response]

    def sequence(self, response: Response) -> int:
        """For a type answered by steps: grows with every step, so that of two pages only one can take it."""
        return 0

    def grade(self, question: ParsedQuestion, response: Response) -> Grade:
        raise ResponseRefused("unfinished type")

    def response_summary(self, question: ParsedQuestion, response: Response, language: str, order: Order) -> str:
        """What was said, in the order that was drawn: the author's own would tell where the right parts stand."""
        raise ResponseRefused("unfinished type")

    def right_answer(self, question: ParsedQuestion, language: str, order: Order) -> str:
        """What would have been right, in the same order."""
        raise ResponseRefused("unfinished type")

    def best_way(self, question: ParsedQuestion, language: str) -> list[str]:
        """Of a type that is answered step by step, the same as steps; of others nothing."""
        return []

    def guess_score(self, question: ParsedQuestion) -> Decimal | None:
        """The mean fraction of one who guesses (SEMANTICS, item statistics); 0 unless the type says more."""
        return Decimal(0)

    def key_notes(self, question: ParsedQuestion, language: str) -> list[tuple[Any, str]]:
        """What belongs to the key beside the right answer, for who checks it: (what it is, in words)."""
        return []

    def review(self, question: ParsedQuestion, order: Order, response: Response, language: str) -> list[dict[str, Any]]:
        """Lines of the review: text, chosen, right (None where a line has no key of its own), feedback."""
        return []


class ReadOnly(QuestionType):
    """What is read and never answered: it takes a place in the paper, and earns no mark."""

    counts = False
    takes_hints = False

    def clean_response(self, question: ParsedQuestion, raw: Mapping[str, Any], order: Order | None = None) -> Response:
        return None

    def grade(self, question: ParsedQuestion, response: Response) -> Grade:
        return Grade(Fraction(0), "none")

    def response_summary(self, question: ParsedQuestion, response: Response, language: str, order: Order) -> str:
        return ""

    def right_answer(self, question: ParsedQuestion, language: str, order: Order) -> str:
        return ""

    def guess_score(self, question: ParsedQuestion) -> Decimal | None:
        return None


def by_place(ids: Iterable[str], drawn: Iterable[str] | None, prefix: str = "") -> dict[str, str]:
    """What a page calls the parts of a question: their places as drawn, which say nothing of the author's order.

    Without a drawn order there is no page, and the parts stand as the author wrote them.
    """
    there = list(ids)
    return {f"{prefix}{number}": part for number, part in enumerate(drawn or there) if part in there}


def part_called[Part](parts: Mapping[str, Part], name: Any) -> Part:
    """The part that the page called so. Raises ``ResponseRefused``."""
    part = parts.get(name) if isinstance(name, str) else None
    if part is None:
        raise ResponseRefused(_("This answer is not offered."))
    return part


def named_fields(data: Any) -> dict[str, Any]:
    """What was posted for a question of several parts, by the names that the page gave them."""
    return {key.removeprefix("response-"): data.get(key) for key in data if key.startswith("response-")}


def open_parts_words(count: int) -> str:
    """The doubt about an answer of several parts that was begun: how many of them are still open."""
    if not count:
        return ""
    words = ngettext(
        "It is saved, but %(count)s part is still open.", "It is saved, but %(count)s parts are still open.", count
    )
    return words % {"count": count}


def texts_in(value: Any) -> Iterator[str]:
    """Every text of a body that somebody may look for: what stands in either language, and answers that are typed."""
    for key, part in value.items() if isinstance(value, dict) else enumerate(value if isinstance(value, list) else ()):
        if isinstance(part, str):
            if key in LANGUAGES or key == "text":
                yield plain(part)
        else:
            yield from texts_in(part)


def clean_short(value: Any) -> str:
    """A posted single text, within bounds. Raises ``ResponseRefused``."""
    if not isinstance(value, str):
        raise ResponseRefused(_("This answer is not offered."))
    if len(value) > RESPONSE_LIMIT:
        raise ResponseRefused(_("An answer may have %(limit)s characters at most.") % {"limit": RESPONSE_LIMIT})
    if unprintable(value):
        raise ResponseRefused(_("The answer holds a character that cannot be stored."))
    return value.strip()


def canonical(value: Any) -> Any:
    """The body as it is compared and frozen: texts in NFC with plain line breaks, empty texts left out."""
    if isinstance(value, str):
        text = unicodedata.normalize("NFC", value.replace("\r\n", "\n").replace("\r", "\n")).strip()
        return canonical_rich(text) if is_rich(text) else text
    if isinstance(value, list):
        return [canonical(part) for part in value]
    if isinstance(value, dict):
        cleaned = {key: canonical(part) for key, part in sorted(value.items())}
        return {key: part for key, part in cleaned.items() if not (key in LANGUAGES and part == "")}
    return value


def body_digest(body: Body) -> str:
    """SHA-256 of the canonical body."""
    text = json.dumps(canonical(body), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
