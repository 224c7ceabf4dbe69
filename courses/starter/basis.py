"""What a starter lesson rests on, in words: ``A1§3；A4b一`` names articles that readers know by their titles. Pure."""

import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

CODE = re.compile(r"A\d")


@dataclass(frozen=True)
class Sources:
    """``sources.yaml`` of a curriculum; without the file nothing is said of any lesson."""

    articles: dict[str, dict[str, str]]
    beyond: dict[str, str]
    owner: dict[str, str]
    checked: date | None
    again: date | None


def read_sources(folder: Path) -> Sources:
    """Raises ``KeyError`` for a file that leaves something out."""
    file = folder / "sources.yaml"
    if not file.exists():
        return Sources({}, {}, {}, None, None)
    data: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    return Sources(data["articles"], data["beyond"], data["owner"], data["checked"], data["again"])


def basis_of(front: dict[str, Any], sources: Sources, language: str) -> dict[str, Any]:
    """The fields of a lesson page that say what it rests on: a title a line, in the order in which they are named."""
    named = dict.fromkeys(CODE.findall(str(front.get("source", ""))))
    lines = [sources.articles[code][language] for code in named if code in sources.articles]
    if front.get("beyond") and sources.beyond:
        lines.append(sources.beyond[language])
    if not lines:
        return {"basis": "", "basis_owner": "", "basis_checked_on": None, "basis_check_again_on": None}
    return {
        "basis": "\n".join(lines),
        "basis_owner": sources.owner[language],
        "basis_checked_on": sources.checked,
        "basis_check_again_on": sources.again,
    }
