"""Pictures and sounds that come with questions: looked at by their bytes, known by their digest, never fetched.

A file from outside is hostile: what it is called says nothing, its size, sides and pixels are bounded before it is
unpacked, and only few kinds are taken. A drawing that can hold a script (SVG) is none of them.
"""

import hashlib
import io
import threading
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageFile, UnidentifiedImageError

_switching = threading.Lock()
# How a PNG, JPEG or GIF begins, whatever follows.
BEGINNINGS = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8")
PICTURES = {"PNG": "image/png", "JPEG": "image/jpeg", "GIF": "image/gif", "WEBP": "image/webp"}
ENDINGS = {
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/gif": "gif",
    "image/webp": "webp",
    "audio/mpeg": "mp3",
    "audio/ogg": "ogg",
    "audio/wav": "wav",
    "audio/mp4": "m4a",
}
MEGABYTE = 1024 * 1024
LARGEST_PICTURE, LARGEST_SOUND, LARGEST_OF_ONE_FILE = 5 * MEGABYTE, 15 * MEGABYTE, 100 * MEGABYTE
MOST_PIXELS, LONGEST_SIDE = 24_000_000, 8_000
INSIDE_FILE = "@@PLUGINFILE@@/"


class FileRefused(Exception):
    """Why a file is not taken; the first argument says so."""


@dataclass(frozen=True)
class TextFile:
    """A file that texts name by ``digest``, the SHA-256 of its bytes; ``kind`` is its media type."""

    digest: str
    kind: str
    content: bytes = field(repr=False)

    @property
    def name(self) -> str:
        """What it is called in a file that goes out."""
        return f"{self.digest[:16]}.{ENDINGS[self.kind]}"

    @property
    def is_sound(self) -> bool:
        return self.kind.startswith("audio/")


def checked_file(content: bytes) -> TextFile:
    """A file by its bytes. Raises ``FileRefused``."""
    kind = _sound_kind(content)
    if kind:
        if len(content) > LARGEST_SOUND:
            raise FileRefused(_t("The file is larger than %(size)s MB.") % {"size": LARGEST_SOUND // MEGABYTE})
    else:
        kind = _picture_kind(content)
    return TextFile(hashlib.sha256(content).hexdigest(), kind, content)


def _sound_kind(content: bytes) -> str:
    head = content[:12]
    if head.startswith(b"ID3") or (len(head) > 1 and head[0] == 0xFF and head[1] & 0xE6 == 0xE2):
        return "audio/mpeg"
    if head.startswith(b"OggS"):
        return "audio/ogg"
    if head.startswith(b"RIFF") and head[8:12] == b"WAVE":
        return "audio/wav"
    return "audio/mp4" if head[4:11] == b"ftypM4A" else ""


def _picture_kind(content: bytes) -> str:
    if len(content) > LARGEST_PICTURE:
        raise FileRefused(_t("The file is larger than %(size)s MB.") % {"size": LARGEST_PICTURE // MEGABYTE})
    try:
        with warnings.catch_warnings():
            # The sides are looked at here, before anything is unpacked.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with _whole_ones_only(), Image.open(io.BytesIO(content), formats=list(PICTURES)) as picture:
                if max(picture.size) > LONGEST_SIDE or picture.width * picture.height > MOST_PIXELS:
                    raise FileRefused(_t("The picture has too many pixels."))
                kind = PICTURES[picture.format or ""]
                picture.load()
    except (UnidentifiedImageError, KeyError):
        if content.startswith(BEGINNINGS):
            raise FileRefused(_t("The picture is damaged and cannot be opened.")) from None
        raise FileRefused(
            _t("It is neither a picture (PNG, JPEG, GIF, WebP) nor a sound (MP3, M4A, OGG, WAV).")
        ) from None
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        raise FileRefused(_t("The picture is damaged and cannot be opened.")) from None
    return kind


@contextmanager
def _whole_ones_only() -> Iterator[None]:
    """What lays out PDFs lets Pillow take truncated pictures, for the whole process and from its first import on."""
    with _switching:
        before, ImageFile.LOAD_TRUNCATED_IMAGES = ImageFile.LOAD_TRUNCATED_IMAGES, False
        try:
            yield
        finally:
            ImageFile.LOAD_TRUNCATED_IMAGES = before


class FilesAtHand:
    """The files that came with a file of questions, by their names; which of them its texts name is remembered."""

    def __init__(self, offered: Mapping[str, bytes] | None = None) -> None:
        self.offered = dict(offered or {})
        self.taken: dict[str, TextFile] = {}
        # What a name stands for, and why not: a picture that is named a thousand times is opened once.
        self.known: dict[bytes, TextFile | FileRefused] = {}

    def resolve(self, address: str, shows: str) -> tuple[str, Any]:
        """The digest of what an address of a text names, or '' and why."""
        if address.startswith("data:"):
            return "", _("A picture inside the text (data:) is not imported; send it as a file.")
        name = unquote(address.removeprefix(INSIDE_FILE)).removeprefix("./")
        if not address.startswith(INSIDE_FILE) and (":" in address or address.startswith("/")):
            message = _("A picture at an address is not fetched: %(address)s. Send it as a file.")
            return "", message % {"address": address[:120]}
        if name not in self.offered:
            return "", missing(shows)
        try:
            return self.take(self.offered[name]), ""
        except FileRefused as reason:
            return "", _("The file “%(name)s” is not imported: %(why)s") % {"name": name[:80], "why": reason}

    def take(self, content: bytes) -> str:
        """The digest of bytes that are taken over. Raises ``FileRefused``."""
        found = self._checked(content)
        together = sum(len(file.content) for file in self.taken.values() if file.digest != found.digest)
        if together + len(content) > LARGEST_OF_ONE_FILE:
            raise FileRefused(
                _t("Pictures and sounds have more than %(size)s MB together.")
                % {"size": LARGEST_OF_ONE_FILE // MEGABYTE}
            )
        self.taken[found.digest] = found
        return found.digest

    def _checked(self, content: bytes) -> TextFile:
        key = hashlib.sha256(content).digest()
        if key not in self.known:
            try:
                self.known[key] = checked_file(content)
            except FileRefused as reason:
                self.known[key] = reason
        known = self.known[key]
        if isinstance(known, FileRefused):
            raise known
        return known


def missing(shows: str) -> Any:
    return _("A picture (%(shows)s) cannot be read; its place is marked.") % {"shows": shows or "…"}
