"""Lesson files: Markdown with front matter becomes the blocks a trainer would have made."""

import re
from pathlib import Path
from typing import Any

import yaml
from markdown_it import MarkdownIt

from courses.drawings.pictures import explaining

FRONT = re.compile(r"\A---\n(.*?)\n---\n(.*)\Z", re.DOTALL)
CONTAINER = re.compile(r"^:::\s*(\w+)?(?:\s+([\w-]+))?\s*$")
ITEM = re.compile(r"^\s*[-*+]\s+(.*)$")


class Unreadable(Exception):
    """The file does not say what it should; the message names file and place."""


def read_lesson(path: Path) -> tuple[dict[str, Any], list[tuple[str, Any]]]:
    """Front matter and blocks (type, value); ``check`` stands where the lesson's question goes."""
    match = FRONT.match(path.read_text(encoding="utf-8").replace("\r\n", "\n"))
    if not match:
        raise Unreadable(f"{path.name}: the front matter between two lines of --- is missing")
    front = yaml.safe_load(match.group(1))
    return front, list(_blocks(match.group(2), path.name))


def _blocks(text: str, name: str):
    renderer = MarkdownIt("commonmark", {"html": False})
    plain: list[str] = []
    inside: str | None = None
    which = ""
    held: list[str] = []
    for line in text.split("\n"):
        mark = CONTAINER.match(line.strip())
        if mark is None:
            (held if inside else plain).append(line)
        elif inside is None:
            if mark.group(1) is None:
                raise Unreadable(f"{name}: a ::: closes nothing")
            if "\n".join(plain).strip():
                yield "text", renderer.render("\n".join(plain)).strip()
            plain, inside, which, held = [], mark.group(1), mark.group(2) or "", []
        else:
            words = "\n".join(held).strip()
            yield _drawing(which, words, name) if inside == "drawing" else _container(inside, words, renderer, name)
            inside = None
    if inside is not None:
        raise Unreadable(f"{name}: ::: {inside} is not closed")
    if "\n".join(plain).strip():
        yield "text", renderer.render("\n".join(plain)).strip()


def _drawing(which: str, caption: str, name: str) -> tuple[str, dict[str, str]]:
    if which not in explaining():
        raise Unreadable(f"{name}: ::: drawing {which} is not a drawing there is: {', '.join(explaining())}")
    return "drawing", {"name": which, "caption": caption}


def _container(kind: str, text: str, renderer: MarkdownIt, name: str) -> tuple[str, Any]:
    if kind == "situation":
        return "situation", renderer.render(text).strip()
    if kind == "try":
        return "practice", renderer.render(text).strip()
    if kind == "remember":
        return "remember", text
    if kind == "check":
        return "check", None
    if kind == "say":
        sides: dict[str, list[str]] = {"+": [], "-": []}
        side = ""
        for line in text.split("\n"):
            heading = re.match(r"^###\s*([+-])\s*$", line.strip())
            item = ITEM.match(line)
            if heading:
                side = heading.group(1)
            elif item and side:
                sides[side].append(item.group(1).strip())
        if not sides["+"] or not sides["-"]:
            raise Unreadable(f"{name}: ::: say needs a list under ### + and one under ### -")
        return "say", {"say": sides["+"], "avoid": sides["-"]}
    raise Unreadable(f"{name}: ::: {kind} is not known")
