"""Formatting of a Word paper on its way through the reading of lines: one private letter for each sign, which no pattern of
a paper knows, until the texts of a question are whole and become formatted ones.
"""

import re
from dataclasses import dataclass, field
from html import escape
from typing import Any

from quizzes.interchange.files import TextFile
from quizzes.types.rich import html_to_plain, plain, rich_or_plain

FIRST_SIGN, FIRST_OBJECT, LAST = 0xE100, 0xE200, 0xF8FF
SIGNS = {
    chr(FIRST_SIGN + 2 * place + end): f"<{'/' * end}{tag}>"
    for place, tag in enumerate(("sup", "sub", "strong", "em", "u"))
    for end in (0, 1)
}
BEGIN = {tag.strip("<>"): sign for sign, tag in SIGNS.items() if "/" not in tag}
MARKS = re.compile(f"[{chr(FIRST_SIGN)}-{chr(LAST)}]")
OF_ONE_KIND = re.compile(r"<rich-text>(?:<(?:strong|em|u)>)+[^<]*(?:</(?:strong|em|u)>)+</rich-text>")
# What is typed and compared holds words only.
TYPED = ("answers", "gaps", "unit", "units")


@dataclass
class Formatting:
    """What the private letters of a document stand for."""

    # HTML of a picture; of the row of a table (table, words of the row, HTML of its cells).
    objects: list[str | tuple[int, str, str]] = field(default_factory=list)
    files: dict[str, TextFile] = field(default_factory=dict)

    def letter(self, what: str | tuple[int, str, str]) -> str:
        """The letter of a new thing; '' where there are too many."""
        if len(self.objects) > LAST - FIRST_OBJECT:
            return ""
        self.objects.append(what)
        return chr(FIRST_OBJECT + len(self.objects) - 1)

    def of(self, letter: str) -> str | tuple[int, str, str]:
        place = ord(letter) - FIRST_OBJECT
        return self.objects[place] if 0 <= place < len(self.objects) else ""


def around(tag: str, text: str) -> str:
    """A text with the letters of a tag."""
    begin = BEGIN[tag]
    return f"{begin}{text}{chr(ord(begin) + 1)}"


def without_marks(text: str, formatting: Formatting | None = None) -> str:
    """The words alone; a picture leaves its place marked."""

    def word(found: re.Match[str]) -> str:
        what = formatting.of(found[0]) if formatting is not None else ""
        return html_to_plain(what) if isinstance(what, str) and what else ""

    return MARKS.sub(word, text)


def formatted(value: Any, formatting: Formatting, *, typed: bool = False) -> Any:
    """A body whose letters have become formatting, or words where it is typed and compared."""
    if isinstance(value, str):
        if not MARKS.search(value):
            return value
        return without_marks(value, formatting) if typed else _formatted(value, formatting)
    if isinstance(value, list):
        return [formatted(part, formatting, typed=typed) for part in value]
    if isinstance(value, dict):
        return {
            key: formatted(part, formatting, typed=(typed or key in TYPED) and key != "feedback")
            for key, part in value.items()
        }
    return value


def _formatted(text: str, formatting: Formatting) -> str:
    parts: list[str] = []
    table = None
    for line in text.split("\n"):
        row = _row_of(line, formatting)
        if table is not None and (row is None or row[0] != table):
            parts.append("</table>")
            table = None
        if row is None:
            parts.append(f"{html_of(line, formatting)}<br>")
            continue
        if table is None:
            parts.append("<table>")
            table = row[0]
        parts.append(row[2])
    if table is not None:
        parts.append("</table>")
    # The last line has no end.
    text = rich_or_plain("".join(parts).removesuffix("<br>"))
    # An option that stands out as a whole is the key of whoever wrote the paper.
    return plain(text) if OF_ONE_KIND.fullmatch(text) else text


def _row_of(line: str, formatting: Formatting) -> tuple[int, str, str] | None:
    """The row that a line is as a whole."""
    what = formatting.of(line[-1]) if line else ""
    return what if isinstance(what, tuple) and without_marks(line, formatting).strip() == what[1] else None


def html_of(line: str, formatting: Formatting) -> str:
    """A line as HTML that is yet to be cleaned."""

    def html(found: re.Match[str]) -> str:
        if found[0] in SIGNS:
            return SIGNS[found[0]]
        what = formatting.of(found[0])
        return what if isinstance(what, str) else ""

    return MARKS.sub(html, escape(line, quote=False))
