"""The kept fonts, what they cover, and their cut to one document's text."""

import functools
import json
import unicodedata
from pathlib import Path

from certificates.document.cutting import cut_to

FOLDER = Path(__file__).resolve().parent.parent / "fonts"
FILES = {
    ("serif", "regular"): "AcademySerif-Regular.otf",
    ("serif", "bold"): "AcademySerif-Bold.otf",
    ("latin", "regular"): "AcademySerifLatin-Regular.ttf",
    ("latin", "bold"): "AcademySerifLatin-Bold.ttf",
    ("rare", "bold"): "AcademySerifRare-Bold.otf",
}


@functools.cache
def coverage() -> dict[str, frozenset[int]]:
    """Code points by family."""
    found = {}
    for family, ranges in json.loads((FOLDER / "coverage.json").read_text()).items():
        points: set[int] = set()
        for span in ranges.split():
            first, _dash, last = span.partition("-")
            points.update(range(int(first, 16), int(last or first, 16) + 1))
        found[family] = frozenset(points)
    return found


def missing_characters(text: str) -> list[str]:
    """Characters that no kept font prints, each once, in order; controls and lone surrogates as U+XXXX."""
    everything = frozenset().union(*coverage().values())
    missing: list[str] = []
    for character in unicodedata.normalize("NFC", text):
        hidden = unicodedata.category(character) in ("Cc", "Cs", "Co", "Cn")
        if hidden or (ord(character) not in everything and not character.isspace()):
            shown = f"U+{ord(character):04X}" if hidden else character
            if shown not in missing:
                missing.append(shown)
    return missing


@functools.cache
def _bytes(name: str) -> bytes:
    return (FOLDER / name).read_bytes()


def whole(family: str, weight: str) -> bytes:
    """The kept font as it is."""
    return _bytes(FILES[(family, weight)])


@functools.lru_cache(maxsize=64)
def cut(family: str, weight: str, characters: str) -> bytes:
    """The font with the given characters only. Cached, since most texts of a design are the same."""
    return cut_to(_bytes(FILES[(family, weight)]), characters)
