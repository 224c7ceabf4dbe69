"""What a file is by its content, whatever its name says. Pure but for reading the file."""

import codecs
import zipfile
from collections.abc import Callable
from typing import IO, Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

HEAD = 4096
# A text is read whole up to this; longer ones are judged by their beginning.
TEXT_AT_MOST = 1024 * 1024
CONTROLS = frozenset(range(32)) - {9, 10, 12, 13}
PICTURE_BRANDS = (b"heic", b"heix", b"heif", b"mif1", b"avif", b"avis")


def _boxes(head: bytes) -> bytes:
    """The brand of an MP4 or one of its kin, b"" for anything else."""
    return head[8:12] if head[4:8] == b"ftyp" else b""


def _mp3(head: bytes) -> bool:
    frame = len(head) > 2 and head[0] == 0xFF and head[1] & 0xE6 == 0xE2
    return head.startswith(b"ID3") or (frame and head[2] & 0xF0 != 0xF0)


# In this order: what a file is called when it is not what its name says.
FILE_KINDS: list[tuple[str, Any, Callable[[bytes], bool]]] = [
    ("gif", _("a GIF picture"), lambda head: head.startswith((b"GIF87a", b"GIF89a"))),
    ("jpeg", _("a JPEG picture"), lambda head: head.startswith(b"\xff\xd8\xff")),
    ("png", _("a PNG picture"), lambda head: head.startswith(b"\x89PNG\r\n\x1a\n")),
    ("webp", _("a WebP picture"), lambda head: head.startswith(b"RIFF") and head[8:12] == b"WEBP"),
    ("heic", _("a HEIC or AVIF picture"), lambda head: _boxes(head) in PICTURE_BRANDS),
    ("mp4", _("an MP4 video or recording"), lambda head: bool(_boxes(head))),
    ("webm", _("a WebM video"), lambda head: head.startswith(b"\x1aE\xdf\xa3") and b"webm" in head[:64]),
    ("mkv", _("a Matroska video"), lambda head: head.startswith(b"\x1aE\xdf\xa3")),
    ("avi", _("an AVI video"), lambda head: head.startswith(b"RIFF") and head[8:12] == b"AVI "),
    ("wav", _("a WAV recording"), lambda head: head.startswith(b"RIFF") and head[8:12] == b"WAVE"),
    ("ogg", _("an Ogg recording"), lambda head: head.startswith(b"OggS")),
    ("mp3", _("an MP3 recording"), _mp3),
    ("pdf", _("a PDF document"), lambda head: b"%PDF-" in head[:1024]),
    ("office", _("a document of an old Office"), lambda head: head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")),
    ("program", _("a program"), lambda head: head.startswith((b"MZ", b"\x7fELF", b"\xcf\xfa\xed\xfe"))),
    ("gz", _("a packed archive"), lambda head: head.startswith((b"\x1f\x8b", b"Rar!", b"7z\xbc\xaf", b"BZh"))),
]
# What a Word, Excel or PowerPoint file keeps inside its archive.
PARTS = {"docx": "word/", "xlsx": "xl/", "pptx": "ppt/"}
IN_ARCHIVES = {
    "docx": _("a Word document"),
    "xlsx": _("an Excel workbook"),
    "pptx": _("a PowerPoint presentation"),
    "zip": _("a ZIP archive"),
}
TEXTS = {"vtt": _("captions (WebVTT)"), "html": _("a web page"), "text": _("plain text")}
WORDS = {code: words for code, words, _is in FILE_KINDS} | IN_ARCHIVES | TEXTS
UNKNOWN = _("no kind of file that is known here")
EMPTY = pgettext_lazy("file", "empty")
# What a name promises, where it is not called like the kind itself.
PROMISED = {"jpg": {"jpeg"}, "m4a": {"mp4"}, "txt": {"text", "vtt", "html"}, "csv": {"text"}}


def kind_of(file: IO[bytes]) -> str:
    """The code of a file's kind, "" for one that is not known, "empty" for nothing. The file stands at its start again."""
    file.seek(0)
    head = file.read(HEAD)
    try:
        if not head:
            return "empty"
        if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
            return _kind_of_archive(file)
        binary = next((code for code, _words, holds in FILE_KINDS if holds(head)), "")
        return binary or _kind_of_text(head + file.read(TEXT_AT_MOST - HEAD))
    finally:
        file.seek(0)


def promised_by(ending: str) -> set[str]:
    """The kinds that a name with this ending (without its dot) promises; none for an ending that is not known here."""
    return PROMISED.get(ending) or ({ending} if ending in WORDS else set())


def words_for(kind: str) -> Any:
    return EMPTY if kind == "empty" else WORDS.get(kind, UNKNOWN)


def _kind_of_archive(file: IO[bytes]) -> str:
    try:
        with zipfile.ZipFile(file) as archive:
            names = archive.namelist()
    except zipfile.BadZipFile:
        return ""
    return next((code for code, part in PARTS.items() if any(name.startswith(part) for name in names)), "zip")


def _kind_of_text(content: bytes) -> str:
    text = _read(content)
    if text is None:
        return ""
    begin = text.lstrip("\ufeff \t\r\n")[:200].lower()
    if begin.startswith("webvtt"):
        return "vtt"
    return "html" if begin.startswith(("<!doctype html", "<html")) else "text"


def _read(content: bytes) -> str | None:
    """The text in the first encoding that fits, None for what is no text."""
    wide = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    if not wide and CONTROLS & set(content):
        return None
    for encoding in ("utf-16",) if wide else ("utf-8", "gb18030"):
        try:
            # A character may be cut at the end of what was read.
            return codecs.getincrementaldecoder(encoding)().decode(content)
        except UnicodeDecodeError:
            continue
    return None
