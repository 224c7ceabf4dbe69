"""Bytes from outside become text: a byte order mark, else strict UTF-8, else an error that names what would fit."""

import codecs
import io

from django.utils.translation import gettext as _

from academy.viewsets.file_kinds import TEXTS, kind_of, words_for

SIZE_LIMIT = 20 * 1024 * 1024
MARKS = [
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
]
CANDIDATES = ("gb18030", "big5", "utf-16-le", "utf-16-be", "windows-1252")


class Undecodable(Exception):
    """The file cannot be read as text; the message says which encodings fit."""


def decode(data: bytes, encoding: str = "") -> str:
    """The text of a file. Raises ``Undecodable``."""
    if len(data) > SIZE_LIMIT:
        raise Undecodable(_("The file is larger than %(size)s MB.") % {"size": SIZE_LIMIT // 1024 // 1024})
    if encoding:
        try:
            text = data.decode(codecs.lookup(encoding).name)
        except LookupError:
            raise Undecodable(_("There is no encoding called %(name)s.") % {"name": encoding}) from None
        except UnicodeDecodeError:
            raise Undecodable(_("The file is not in %(name)s.") % {"name": encoding}) from None
    else:
        text = _by_mark_or_utf8(data)
    if "\0" in text:
        raise Undecodable(_("The file holds NUL characters; it is not a text file."))
    return text.removeprefix("\ufeff")


def _by_mark_or_utf8(data: bytes) -> str:
    for mark, name in MARKS:
        if data.startswith(mark):
            try:
                return data.decode(name)
            except UnicodeDecodeError:
                break
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise Undecodable(_what_instead(data)) from None


def _what_instead(data: bytes) -> str:
    """What bytes are that are no text of UTF-8: of which kind, else which encodings fit."""
    kind = kind_of(io.BytesIO(data))
    if kind and kind not in TEXTS:
        text = _("By its content this is %(kind)s, not text. Questions come as Word (.docx), Excel (.xlsx) or text.")
        return text % {"kind": words_for(kind)}
    fitting = fitting_encodings(data)
    if not fitting:
        return _("This is not text in any encoding that is known here. Save it as UTF-8 and send it again.")
    return _("The file is not in UTF-8. Encodings that fit: %(names)s. Choose one.") % {"names": ", ".join(fitting)}


def fitting_encodings(data: bytes) -> list[str]:
    """Known encodings in which the bytes are a text without controls."""
    fitting = []
    for name in CANDIDATES:
        try:
            text = data.decode(name)
        except UnicodeDecodeError:
            continue
        if all(character.isprintable() or character in "\t\r\n\u3000\ufeff" for character in text[:20000]):
            fitting.append(name)
    return fitting
