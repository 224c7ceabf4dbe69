"""Reads Aiken, a question with lettered options and the line of its answer: written as GIFT, read as that."""

import re

from django.utils.translation import gettext_lazy

from quizzes.interchange.base import ReadError, ReadResult
from quizzes.interchange.gift import read_gift

ANSWER = re.compile(r"^\s*ANSWER\s*[:：]\s*([A-Z])\s*$", re.IGNORECASE)
ANSWER_LINE = re.compile(r"^\s*ANSWER\s*[:：]", re.IGNORECASE)
OPTION = re.compile(r"^\s*([A-Za-z])\s*[.)、．）]\s*(\S.*)$")
UNANSWERED = gettext_lazy("The line of the answer names one of the options, as in “ANSWER: A”.")
SIGNS = re.compile(r"([~=#{}:\\])")


def is_aiken(text: str) -> bool:
    """Whether the text has Aiken's line of an answer; GIFT has none."""
    return any(ANSWER.match(line) for line in text.splitlines())


def _goes_on(letter: str, before: list[str]) -> bool:
    """Whether a letter begins an option: a small one only in its order, so that “i.e.” of a sentence is none."""
    if letter.isupper():
        return bool(before) or letter == "A"
    return letter.upper() == chr(ord("A") + len(before))


def read_aiken(text: str, *, language: str) -> ReadResult:
    """Reads a whole file. Never raises; a question without an answer line is an error of its line."""
    lines = re.split(r"\r\n|\r|\n", text)
    said = [SIGNS.sub(r"\\\1", line) for line in lines]
    options: list[tuple[int, str, str]] = []
    errors: list[ReadError] = []
    start, wrong = 0, None
    for number, line in enumerate([*lines, ""]):
        answer, option = ANSWER.match(line), OPTION.match(line)
        if answer and answer[1].upper() in [letter for _place, letter, _words in options]:
            for place, letter, words in options:
                said[place] = ("=" if letter == answer[1].upper() else "~") + SIGNS.sub(r"\\\1", words)
            said[options[0][0]] = "{" + said[options[0][0]]
            said[number], options, start = "}", [], number + 1
        elif ANSWER_LINE.match(line):
            wrong = number if wrong is None else wrong
        elif option and _goes_on(option[1], [letter for _place, letter, _words in options]):
            options.append((number, option[1].upper(), option[2]))
        elif not line.strip():
            if wrong is None and len(options) > 1:
                wrong = options[0][0]
            if wrong is not None:
                errors.append(ReadError(wrong + 1, UNANSWERED))
                # Nobody is shown the options and the key as a text.
                said[start:number] = [""] * (number - start)
            options, start, wrong = [], number + 1, None
    result = read_gift("\n".join(said), language=language)
    result.errors[:0] = errors
    return result
