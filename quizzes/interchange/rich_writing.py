"""Formatted texts on their way out: into formats that hold HTML, and into those that hold words."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from quizzes.interchange.files import INSIDE_FILE, TextFile
from quizzes.types.base import LANGUAGES, Body
from quizzes.types.rich import FILE, files_in, inside_of, is_rich, plain, rich_or_plain

# Before a text that is HTML where a format has words only.
SOURCE = "[html]"


class CannotBeWritten(Exception):
    """A format has no way to say this."""


class PlainText(str):
    """A plain text of a question that has formatted ones, too: the format must be told."""

    __slots__ = ()


class HtmlText(str):
    """HTML with the files that it names by ``@@PLUGINFILE@@/name``."""

    __slots__ = ("files",)
    files: tuple[TextFile, ...]


def has_formatting(value: Any) -> bool:
    return any(is_rich(text) for text in _texts(value))


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for part in parts for text in _texts(part)]


def each_text(value: Any, change: Callable[[str], str], *, text: bool = False) -> Any:
    """A body whose texts in a language were changed; ids, shares and what is typed as a number stay."""
    if isinstance(value, str):
        return change(value) if text else value
    if isinstance(value, list):
        return [each_text(part, change, text=text) for part in value]
    if isinstance(value, dict):
        return {key: each_text(part, change, text=key in LANGUAGES) for key, part in value.items()}
    return value


def refuse_files(body: Body) -> None:
    """Raises ``CannotBeWritten`` where the body shows a picture or plays a sound."""
    if any(True for _digest in files_in(body)):
        raise CannotBeWritten(_("It holds a picture or a sound, which this format cannot hold. Use Moodle XML."))


def as_source(body: Body) -> Body:
    """Formatted texts as HTML behind a sign. Raises ``CannotBeWritten``."""
    refuse_files(body)

    def change(text: str) -> str:
        if text.startswith(SOURCE):
            raise CannotBeWritten(_("A text begins with the name of a format in brackets."))
        return f"{SOURCE}{inside_of(text)}" if is_rich(text) else text

    return each_text(body, change)


def from_source(body: Body, notes: list[Any]) -> Body:
    """``as_source`` undone; what of it is not kept is added to ``notes``."""

    def change(text: str) -> str:
        return rich_or_plain(text.removeprefix(SOURCE), None, notes) if text.startswith(SOURCE) else text

    return each_text(body, change)


def as_words(body: Body) -> Body:
    return each_text(body, plain)


def told_apart(body: Body) -> Body:
    """The body as it is, or where some texts are formatted the plain ones marked as such. Raises ``CannotBeWritten``."""
    refuse_files(body)
    if not has_formatting(body):
        return body
    return each_text(body, lambda text: text if is_rich(text) else PlainText(text))


def html_of(text: str, files: Mapping[str, TextFile]) -> str:
    """A formatted text as HTML with its files, any other as it is. Raises ``CannotBeWritten``."""
    if not is_rich(text):
        return text
    named = list(dict.fromkeys(files_in(text)))
    if any(digest not in files for digest in named):
        raise CannotBeWritten(_("A picture or a sound that it names is not in the bank."))

    def address(found: re.Match[str]) -> str:
        more = ' controls="true"' if found[1] == "audio" else ""
        source = f'src="{INSIDE_FILE}{files[found[2]].name}"{more}'
        return found[0].replace(f'data-file="{found[2]}"', source)

    html = HtmlText(FILE.sub(address, inside_of(text)))
    html.files = tuple(files[digest] for digest in named)
    return html
