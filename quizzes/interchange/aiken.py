"""Reads Aiken, a question with lettered options and the line of its answer: written as GIFT, read as that."""

import re

from quizzes.interchange.base import ReadResult
from quizzes.interchange.gift import read_gift

ANSWER = re.compile(r"^\s*ANSWER\s*[:：]\s*([A-Z])\s*$", re.IGNORECASE)
OPTION = re.compile(r"^\s*([A-Z])\s*[.)、．）]\s*(\S.*)$")
SIGNS = re.compile(r"([~=#{}:\\])")


def is_aiken(text: str) -> bool:
    """Whether the text has Aiken's line of an answer; GIFT has none."""
    return any(ANSWER.match(line) for line in text.splitlines())


def read_aiken(text: str, *, language: str) -> ReadResult:
    """Reads a whole file. Never raises; a question without an answer line is an error of its line."""
    lines = re.split(r"\r\n|\r|\n", text)
    said = [SIGNS.sub(r"\\\1", line) for line in lines]
    options: list[tuple[int, str, str]] = []
    for number, line in enumerate(lines):
        answer, option = ANSWER.match(line), OPTION.match(line)
        if answer and options:
            for place, letter, words in options:
                said[place] = ("=" if letter == answer[1].upper() else "~") + SIGNS.sub(r"\\\1", words)
            said[options[0][0]] = "{" + said[options[0][0]]
            said[number], options = "}", []
        elif option and (options or option[1].upper() == "A"):
            options.append((number, option[1].upper(), option[2]))
        elif not line.strip():
            options = []
    return read_gift("\n".join(said), language=language)
