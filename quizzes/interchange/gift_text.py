"""The texts of GIFT: escapes, and formats that become formatted or plain text."""

import re
from dataclasses import dataclass, field, replace
from typing import Any

from markdown_it import MarkdownIt

from quizzes.interchange.files import FilesAtHand
from quizzes.types.rich import html_to_plain, is_rich, plain, rich_or_plain

ESCAPED = {"\\" + character: chr(0xE000 + number) for number, character in enumerate("~=#{}:\\")}
ESCAPE = re.compile(r"\\[~=#{}:\\]")
RESTORED = {place: escape[1] for escape, place in ESCAPED.items()}
FORMAT = re.compile(r"^\s*\[(html|markdown|plain|moodle)\]\s*", re.IGNORECASE)
# Moodle reads these as formatting where a question names no format.
MARKED_UP = re.compile(
    r"<\s*/?(?:b|i|u|em|strong|p|br|sub|sup|span|div|ul|ol|li|table|img|audio)\b[^<>]*>", re.IGNORECASE
)
MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])


@dataclass(frozen=True)
class TextForm:
    """How the texts of a question are written: the format that it names, the files at hand, and what was left out."""

    name: str = ""
    files: FilesAtHand = field(default_factory=FilesAtHand)
    notes: list[Any] = field(default_factory=list)

    def called(self, name: str) -> "TextForm":
        return replace(self, name=name)


def text_of(raw: str, form: TextForm, language: str) -> dict[str, str]:
    text = written_of(raw, form)
    return {language: text} if text else {}


def typed_text_of(raw: str, form: TextForm, language: str) -> dict[str, str]:
    """Of what is typed and compared: words only."""
    text = plain_of(raw, form)
    return {language: text} if text else {}


def plain_of(raw: str, form: TextForm) -> str:
    return plain(written_of(raw, form))


def written_of(raw: str, form: TextForm) -> str:
    """A plain text, or a formatted one where the file formats it."""
    match = FORMAT.match(raw)
    name = form.name
    if match:
        name, raw = match.group(1).lower(), raw[match.end() :]
    if name == "markdown":
        return rich_or_plain(MARKDOWN.render(restored(raw.replace("\\n", "\n"))), form.files.resolve, form.notes)
    if name != "html" and not (name != "plain" and MARKED_UP.search(raw)):
        # Before the escapes are undone, so that an escaped backslash before an n stays one.
        return "\n".join(line.strip(" \t") for line in restored(raw.replace("\\n", "\n")).strip().split("\n"))
    html = restored(raw.replace("\\n", "\n")).strip()
    # Without a format the lines of the file are lines.
    text = rich_or_plain(html if name == "html" else html.replace("\n", "<br>"), form.files.resolve, form.notes)
    return text if name == "html" or is_rich(text) else html_to_plain(html)


def restored(text: str) -> str:
    for place, character in RESTORED.items():
        text = text.replace(place, character)
    return text
