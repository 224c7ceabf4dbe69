"""The drawings that come with the program: covers of the starter courses and pictures that explain.

They are plain SVG in the colours of the theme, so they stand in the page itself: a file behind an ``img`` would not
follow light and dark. A drawing with words in it has one file per language: ``name.zh-hans.svg``, ``name.en.svg``.
"""

import re
from functools import cache
from pathlib import Path

import yaml

FOLDER = Path(__file__).parent


@cache
def _shipped() -> dict[str, str]:
    """File name without its ending → the drawing. Read whole, so that no name ever becomes a path."""
    return {path.stem: path.read_text(encoding="utf-8").strip() for path in sorted(FOLDER.glob("*.svg"))}


@cache
def alternatives() -> dict[str, dict[str, str]]:
    """What each drawing shows, by name and language."""
    return yaml.safe_load((FOLDER / "alternatives.yaml").read_text(encoding="utf-8"))


def picture(*, name: str, language: str) -> str:
    """The drawing of that name, in the language where it holds words; empty where none is shipped."""
    shipped = _shipped()
    return shipped.get(name) or shipped.get(f"{name}.{language}", "")


def explaining() -> list[str]:
    """The drawings a lesson may show: those with words in them."""
    return sorted({name.split(".")[0] for name in _shipped() if "." in name})


def alternative(*, name: str, language: str) -> str:
    return alternatives().get(name, {}).get(language, "")


def short_name(*, name: str, language: str) -> str:
    """The beginning of what it shows, for a list in which one is found."""
    said, most = alternative(name=name, language=language), 20 if language.startswith("zh") else 48
    if len(said) <= most:
        return said
    # Neither a word nor a number is cut in two.
    begun = re.sub(r"\d[\d,.]*$", "", said[:most]) if language.startswith("zh") else said[:most].rsplit(" ", 1)[0]
    return begun.rstrip(",.:;，。：；、") + "…"
