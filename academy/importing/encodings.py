"""Which encoding a text file is in: a byte order mark, else strict UTF-8, else the person chooses one that fits."""

import codecs
from collections.abc import Iterator
from pathlib import Path

from django.utils.translation import gettext as _

from academy.importing.faults import FileRefused

MARKS = [
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
]
CANDIDATES = ("gb18030", "big5", "utf-16-le", "utf-16-be")
CHUNK = 1 << 16
SAMPLE = 20_000


def encoding_of(path: Path, chosen: str = "") -> str:
    """The name for ``open()``. Raises ``FileRefused``; the whole file has been decoded once when it returns."""
    if chosen:
        try:
            info = codecs.lookup(chosen)
        except LookupError:
            info = None
        if info is None or not getattr(info, "_is_text_encoding", True):
            raise FileRefused(_("There is no encoding called %(name)s.") % {"name": chosen[:40]})
        name = _with_mark(path, info.name)
        if not _decodes(path, name):
            raise FileRefused(_("The file is not in %(name)s.") % {"name": chosen}, fitting_encodings(path))
        return name
    with path.open("rb") as file:
        start = file.read(4)
    for mark, name in MARKS:
        if start.startswith(mark) and _decodes(path, name):
            return name
    if _decodes(path, "utf-8"):
        return "utf-8"
    fitting = fitting_encodings(path)
    if len(fitting) == 1:
        raise FileRefused(_("The file is not in UTF-8. It fits %(name)s.") % {"name": fitting[0]}, fitting)
    names = ", ".join(fitting) or _("none of the known ones")
    raise FileRefused(
        _("The file is not in UTF-8. Encodings that fit: %(names)s. Choose one.") % {"names": names}, fitting
    )


def fitting_encodings(path: Path) -> tuple[str, ...]:
    """Known encodings in which the whole file is a text without controls."""
    return tuple(name for name in CANDIDATES if _decodes(path, name, strictly=True))


def _with_mark(path: Path, name: str) -> str:
    """The chosen encoding, in the variant that takes the byte order mark off."""
    with path.open("rb") as file:
        start = file.read(4)
    if name == "utf-8" and start.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if name in ("utf-16-le", "utf-16-be") and start[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return "utf-16"
    return name


def _decodes(path: Path, name: str, *, strictly: bool = False) -> bool:
    seen = 0
    try:
        for text in _decoded(path, name):
            if "\0" in text:
                return False
            if strictly and seen < SAMPLE:
                seen += len(text)
                if not all(character.isprintable() or character in "\t\r\n\u3000\ufeff" for character in text[:SAMPLE]):
                    return False
    except (UnicodeError, ValueError):
        return False
    return True


def _decoded(path: Path, name: str) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder(name)("strict")
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            yield decoder.decode(chunk)
    yield decoder.decode(b"", final=True)
