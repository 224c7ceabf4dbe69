"""Writes GIFT. What is read back is the same question; what GIFT cannot say is named and left out.

What of ours GIFT has no sign for stands in the comment before a question, where other systems skip them:
how a multiple choice is marked, whether options are shuffled, whether capitals matter, the unit, the bounds of an essay and its guide.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from django.utils.translation import gettext as _

from academy.house_rules.quoting import is_figure
from quizzes.interchange.files import TextFile
from quizzes.interchange.gift_text import MARKED_UP
from quizzes.interchange.rich_writing import CannotBeWritten, PlainText, told_apart
from quizzes.types.base import Body
from quizzes.types.rich import inside_of, is_rich

SPECIAL = re.compile(r"[~=#{}:\\]")
FORMAT = re.compile(r"\s*\[(html|markdown|plain|moodle)\]", re.IGNORECASE)


@dataclass(frozen=True)
class Written:
    """The text of a file, and what it does not hold: (name of the question, why)."""

    text: str
    left_out: list[tuple[str, str]] = field(default_factory=list)
    # Of a format that is no text.
    data: bytes = b""
    ending: str = "txt"

    @property
    def content(self) -> bytes:
        """The bytes of the file."""
        return self.data or self.text.encode()


@dataclass(frozen=True)
class Exported:
    """A question as it leaves a bank."""

    type: str
    name: str
    body: Body
    category: str = ""
    external_id: str = ""
    difficulty: str = ""
    tags: tuple[str, ...] = ()
    # Of a part of a case: by what the case is known.
    case: str = ""
    # What its texts name, by digest.
    files: Mapping[str, TextFile] = field(default_factory=dict, compare=False)


def write_gift(questions: Iterable[Exported], *, language: str) -> Written:
    """One language of the questions, in their order."""
    blocks, left_out = blocks_of(
        questions,
        write=lambda question: _question(question, language),
        heading=lambda category: f"$CATEGORY: {' '.join(category.split())}",
    )
    return Written("\n\n".join([*blocks, ""]), left_out)


def blocks_of(
    questions: Iterable[Exported], *, write: Callable[[Exported], str], heading: Callable[[str], str]
) -> tuple[list[str], list[tuple[str, str]]]:
    """The questions as a format writes them, a heading where the category changes; and which it cannot hold, and why."""
    blocks: list[str] = []
    left_out: list[tuple[str, str]] = []
    category = ""
    cases: set[str] = set()
    for bank_question in questions:
        question = with_its_case(bank_question, cases, left_out)
        try:
            block = write(question)
        except CannotBeWritten as reason:
            left_out.append((question.name, str(reason)))
            continue
        cases |= {question.external_id} if question.type == "case" else set()
        if question.category != category:
            category = question.category
            blocks.append(heading(category))
        blocks.append(block)
    return blocks, left_out


def with_its_case(question: Exported, cases: set[str], left_out: list[tuple[str, str]]) -> Exported:
    """The question as it is where its case was written, too; else alone, and that is said."""
    if not question.case or question.case in cases:
        return question
    left_out.append((question.name, _("Its case is not in this file; it appears here on its own.")))
    return replace(question, case="")


def _question(question: Exported, language: str) -> str:
    if question.type not in WRITERS:
        raise CannotBeWritten(_("GIFT cannot hold this type."))
    body = told_apart(question.body)
    stem = _needed(body["stem"], language)
    inside, labels = WRITERS[question.type](body, language)
    general = (body.get("feedback") or {}).get(language, "")
    if inside is None and general:
        raise CannotBeWritten(_("An information item has no explanation in GIFT."))
    head = [("id", question.external_id), ("difficulty", question.difficulty)]
    head += [("part-of", question.case)]
    head += [("tag", tag) for tag in question.tags] + labels
    head += [("hint", folded(_needed(text, language))) for text in body.get("hints", [])]
    comment = " ".join(f"[{key}:{_label(value)}]" for key, value in head if value)
    braces = "" if inside is None else f" {{{inside}{f'####{_text(general)}' if general else ''}}}"
    lines = [f"// {comment}"] if comment else []
    said = f"{_text(stem)}{braces}"
    # What looks like a tag is a text of its own here, and is read as one.
    sign = "[plain]" if MARKED_UP.search(said) and not FORMAT.match(said) else ""
    return "\n".join([*lines, f"::{_escaped(question.name)}::{sign}{said}"])


def _label(value: str) -> str:
    return " ".join(value.replace("]", " ").replace("[", " ").split())


def folded(text: str) -> str:
    """A text of several lines in one label; ``gift.unfolded`` undoes it."""
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace("]", "\\r").replace("[", "\\l").replace(" ", "\\s")


def _needed(text: dict[str, str] | None, language: str) -> str:
    found = (text or {}).get(language, "")
    if not found:
        raise CannotBeWritten(_("It has no text in this language."))
    return found


def _text(text: str) -> str:
    if is_rich(text):
        return f"[html]{_escaped(inside_of(text))}"
    if FORMAT.match(text):
        raise CannotBeWritten(_("A text begins with the name of a format in brackets."))
    # Beside formatted texts a plain one says so.
    return f"{'[plain]' if isinstance(text, PlainText) else ''}{_escaped(text)}"


def _escaped(text: str) -> str:
    return SPECIAL.sub(lambda match: f"\\{match[0]}", text).replace("\n", "\\n")


def _percent(fraction: str) -> str:
    return f"{(Decimal(fraction) * 100).normalize():f}"


def _answer(sign: str, text: str, weight: str | None, feedback: str) -> str:
    # A text that looks like a weight is told from one by a weight before it.
    if weight is None and text.removeprefix("[plain]").startswith("%"):
        weight = "100" if sign == "=" else "0"
    return f"{sign}{f'%{weight}%' if weight is not None else ''}{text}{f'#{_text(feedback)}' if feedback else ''}"


def _options(body: Body, language: str) -> list[tuple[str, Decimal, str]]:
    return [
        (
            _text(_needed(row["text"], language)),
            Decimal(row["fraction"]),
            (row.get("feedback") or {}).get(language, ""),
        )
        for row in body["options"]
    ]


Part = tuple[str | None, list[tuple[str, str]]]


def _single(body: Body, language: str) -> Part:
    rows, right = [], False
    for text, fraction, feedback in _options(body, language):
        if fraction == 1 and not right:
            right = True
            rows.append(_answer("=", text, None, feedback))
        else:
            weight = None if fraction == 0 else _percent(str(fraction))
            rows.append(_answer("~", text, weight, feedback))
    return " ".join(rows), _shuffled(body)


def _multiple(body: Body, language: str) -> Part:
    rows = [
        _answer("~", text, _percent(str(fraction)), feedback) for text, fraction, feedback in _options(body, language)
    ]
    scoring = body.get("scoring", "partial")
    return " ".join(rows), [*_shuffled(body), ("scoring", scoring if scoring != "partial" else "")]


def _shuffled(body: Body) -> list[tuple[str, str]]:
    return [("shuffle", "" if body.get("shuffle", True) else "no")]


def _true_false(body: Body, language: str) -> Part:
    key = body["key"]
    said = {value: (body.get(f"feedback_{str(value).lower()}") or {}).get(language, "") for value in (True, False)}
    wrong, right = said[not key], said[key]
    tail = f"#{_text(wrong)}#{_text(right)}" if right else f"#{_text(wrong)}" if wrong else ""
    if tail.startswith("##"):
        # Two marks in a row before a text are read as an empty feedback, four as the explanation.
        tail = f"# #{_text(right)}"
    return f"{'TRUE' if key else 'FALSE'}{tail}", []


def _short_text(body: Body, language: str) -> Part:
    rows = []
    for row in body["answers"]:
        text = row["text"].get(language)
        if text is None:
            raise CannotBeWritten(_("It has no text in this language."))
        fraction = Decimal(row["fraction"])
        weight = None if fraction == 1 else _percent(row["fraction"])
        rows.append(_answer("=", _text(text), weight, (row.get("feedback") or {}).get(language, "")))
    if any("->" in row["text"][language] for row in body["answers"]):
        raise CannotBeWritten(_("An answer holds “->”, which GIFT reads as a pair."))
    return " ".join(rows), [("case", "yes" if body.get("case_sensitive") else "")]


def _numeric(body: Body, language: str) -> Part:
    rows, others = [], ""
    for row in body["answers"]:
        said = (row.get("feedback") or {}).get(language, "")
        if row["value"] == "*":
            if row is not body["answers"][-1] or Decimal(row["fraction"]) or not said:
                raise CannotBeWritten(
                    _("One answer accepts any number; GIFT allows that only as the last answer and without marks.")
                )
            others = f" ~#{_text(said)}"
            continue
        if is_figure(row["value"]):
            weight = None if Decimal(row["fraction"]) == 1 else _percent(row["fraction"])
            rows.append(_answer("=", _text(row["value"]), weight, said))
            continue
        value, tolerance = Decimal(row["value"]), Decimal(row.get("tolerance", "0"))
        if row.get("tolerance_kind") == "relative":
            tolerance = abs(value) * tolerance
        text = f"{value:f}:{tolerance.normalize():f}" if tolerance else f"{value:f}"
        weight = None if Decimal(row["fraction"]) == 1 else _percent(row["fraction"])
        rows.append(_answer("=", text, weight, said))
    if body.get("units"):
        raise CannotBeWritten(_("GIFT cannot hold further units."))
    return f"#{' '.join(rows)}{others}", [("unit", folded((body.get("unit") or {}).get(language, "")))]


def _matching(body: Body, language: str) -> Part:
    rows = []
    for pair in [*body["pairs"], *body.get("distractors", [])]:
        left = _needed(pair["left"], language) if "left" in pair else ""
        if "fraction" in pair:
            raise CannotBeWritten(_("GIFT gives every pair the same share."))
        if "->" in left:
            raise CannotBeWritten(_("A left side holds “->”, which GIFT reads as a pair."))
        rows.append(f"={_text(left)} -> {_text(_needed(pair['right'], language))}")
    return " ".join(rows), [("scoring", body.get("scoring", ""))]


ORDER_GRADING = {
    "pairs": "RELATIVE_NEXT_EXCLUDE_LAST",
    "positions": "ABSOLUTE_POSITION",
    "all_or_nothing": "ALL_OR_NOTHING",
}


def _ordering(body: Body, language: str) -> Part:
    grading = ORDER_GRADING[body.get("scoring", "pairs")]
    items = [_text(_needed(item["text"], language)) for item in body["items"]]
    return f">0 ALL VERTICAL {grading} SHOW none\n" + "\n".join(items) + "\n", []


def _essay(body: Body, language: str) -> Part:
    guide = (body.get("guide") or {}).get(language, "")
    least, most = body.get("words_min"), body.get("words_max")
    return "", [
        ("words", f"{least or ''}-{most or ''}" if least or most else ""),
        ("guide", folded(guide)),
    ]


def _information(body: Body, language: str) -> Part:
    return None, []


def _case(body: Body, language: str) -> Part:
    return None, [("is", "case"), ("title", folded((body.get("title") or {}).get(language, "")))]


WRITERS: dict[str, Callable[[Body, str], Part]] = {
    "single": _single,
    "multiple": _multiple,
    "truefalse": _true_false,
    "shorttext": _short_text,
    "numeric": _numeric,
    "matching": _matching,
    "ordering": _ordering,
    "essay": _essay,
    "information": _information,
    # What GIFT knows is a text before its questions; that it is their case stands in the comments.
    "case": _case,
}
