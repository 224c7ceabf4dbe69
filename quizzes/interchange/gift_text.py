"""The texts of GIFT: escapes, and formats that become plain text."""

import re

from markdown_it import MarkdownIt

from quizzes.interchange.base import html_to_plain

ESCAPED = {"\\" + character: chr(0xE000 + number) for number, character in enumerate("~=#{}:\\")}
ESCAPE = re.compile(r"\\[~=#{}:\\]")
RESTORED = {place: escape[1] for escape, place in ESCAPED.items()}
FORMAT = re.compile(r"^\s*\[(html|markdown|plain|moodle)\]\s*", re.IGNORECASE)
# Moodle reads these as formatting where a question names no format.
MARKED_UP = re.compile(r"<\s*/?(?:b|i|u|em|strong|p|br|sub|sup|span|div|ul|ol|li|table|img)\b[^<>]*>", re.IGNORECASE)
MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def text_of(raw: str, form: str, language: str) -> dict[str, str]:
    text = plain_of(raw, form)
    return {language: text} if text else {}


def plain_of(raw: str, form: str) -> str:
    match = FORMAT.match(raw)
    if match:
        form, raw = match.group(1).lower(), raw[match.end() :]
    if form == "markdown":
        return html_to_plain(MARKDOWN.render(restored(raw.replace("\\n", "\n"))))
    if form != "html" and not (form != "plain" and MARKED_UP.search(raw)):
        # Before the escapes are undone, so that an escaped backslash before an n stays one.
        return "\n".join(line.strip(" \t") for line in restored(raw.replace("\\n", "\n")).strip().split("\n"))
    return html_to_plain(restored(raw.replace("\\n", "\n")))


def restored(text: str) -> str:
    for place, character in RESTORED.items():
        text = text.replace(place, character)
    return text
