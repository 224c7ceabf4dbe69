"""Options of a Word paper that stand out by their colour, by a marker or in bold: whoever wrote it may mean the answer."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element  # nosec B405

from django.utils.translation import gettext_lazy as _

from quizzes.interchange.paper_lines import PaperLine, options_in

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
# Words of a paragraph in one shape, with the tags of their emphasis and colours.
Run = tuple[str, set[str]]
# By the tag of a run, in the order in which they are looked for.
SHAPES = {"red": _("red"), "marked": _("highlighted"), "strong": _("bold"), "u": _("underlined")}
RIGHT = "（正确答案）"
# So many of the questions with options have to have one that stands out.
NEARLY_ALL = 0.8
RED = re.compile(r"([0-9A-Fa-f]{2})([0-9A-Fa-f]{2})([0-9A-Fa-f]{2})")


@dataclass(frozen=True)
class ShapedOption:
    """An option of a line: where it ends in the words of the paragraph, and the shapes of all of its words."""

    letter: str
    end: int
    shapes: frozenset[str]


def colours_of(run: Element) -> set[str]:
    """Red and the marker's colour, as Word keeps them."""
    found = set()
    colour = run.find(f"{W}rPr/{W}color")
    parts = RED.fullmatch((colour.get(f"{W}val") or "") if colour is not None else "")
    if parts and int(parts[1], 16) >= 0xA0 and max(int(parts[2], 16), int(parts[3], 16)) <= 0x60:
        found.add("red")
    marker = run.find(f"{W}rPr/{W}highlight")
    if marker is not None and marker.get(f"{W}val") not in (None, "none", "white"):
        found.add("marked")
    return found


def options_of(label: str, runs: Sequence[Run]) -> list[ShapedOption]:
    """The options of a paragraph, one or several in its line; ``label`` is what Word counts before it."""
    text = label + "".join(words for words, _tags in runs)
    first = re.match(r"\s*[(（]?([A-Ha-h])\s*[.．、:：)）]", text)
    found = options_in(PaperLine(1, text), first[1].upper()) if first else []
    options, place = [], 0
    for letter, words in found:
        start = text.index(words, place)
        place = start + len(words)
        if words:
            options.append(
                ShapedOption(letter, place - len(label), _shapes(runs, start - len(label), place - len(label)))
            )
    return options


def _shapes(runs: Sequence[Run], start: int, end: int) -> frozenset[str]:
    """Of words between two places what all of them have."""
    shapes: set[str] | None = None
    place = 0
    for words, tags in runs:
        within = words[max(0, start - place) : max(0, end - place)]
        if within.strip():
            shapes = set(tags) if shapes is None else shapes & tags
        place += len(words)
    return frozenset(shapes or ())


def with_answers(runs: list[Run], options: Sequence[ShapedOption], shape: str) -> list[Run]:
    """The words with a sign behind each option of the shape."""
    for option in reversed(options):
        if shape and shape in option.shapes:
            runs = _put(runs, option.end)
    return runs


def _put(runs: list[Run], end: int) -> list[Run]:
    place = 0
    for number, (words, tags) in enumerate(runs):
        if place < end <= place + len(words):
            parts = [(words[: end - place], tags), (RIGHT, set()), (words[end - place :], tags)]
            return [*runs[:number], *(part for part in parts if part[0]), *runs[number + 1 :]]
        place += len(words)
    return runs


def shape_of_answers(options: Sequence[ShapedOption]) -> str:
    """The shape that some but not all options of nearly each question have; '' where there is none."""
    questions: list[list[ShapedOption]] = []
    for option in options:
        if option.letter == "A" or not questions:
            questions.append([])
        questions[-1].append(option)
    questions = [question for question in questions if len(question) > 1]
    for shape in SHAPES:
        counts = [sum(shape in option.shapes for option in question) for question in questions]
        told = sum(0 < count < len(question) for count, question in zip(counts, questions, strict=True))
        whole = any(count == len(question) for count, question in zip(counts, questions, strict=True))
        if told and told >= NEARLY_ALL * len(questions) and not whole:
            return shape
    return ""
