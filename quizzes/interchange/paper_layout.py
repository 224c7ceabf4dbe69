"""The lines of a paper before they are read: a field that stands behind another thing gets a line of its own, a table of
numbers and answers becomes a list, and what a question says of its own type is taken out of its words.
"""

import itertools
import re
from collections.abc import Iterator

from quizzes.interchange.marks import without_marks
from quizzes.interchange.paper_lines import (
    EMPTY,
    FIELDS,
    JUDGED,
    LETTERED,
    NUMBERED,
    SECTIONS,
    PaperLine,
    begins_with_option,
    narrow,
)

# “Answer Key:” is the head of a list and not an answer behind a word.
NAMES = "|".join(sorted(set(FIELDS) - {"Key"}, key=len, reverse=True))
# Behind a space, a sign or the letter of a key; in lenticular brackets anywhere.
INLINE = re.compile(rf"(?:(?<=[\s。.;)】”?!,A-H√×对错])(?=(?:{NAMES})\s*:)|(?=[【\[](?:{NAMES})[】\]]))(?!^)")
KINDS_SAID = "|".join(sorted(SECTIONS, key=len, reverse=True))
TYPE_SAID = re.compile(
    rf"^\s*[\[【(]\s*(?:{KINDS_SAID})\s*(?:[,、;]?\s*\d+(?:\.\d+)?\s*分)?\s*[\]】)]\s*[、.:]?"
    rf"|\s*[\[【(]\s*(?:{KINDS_SAID})\s*(?:[,、;]?\s*\d+(?:\.\d+)?\s*分)?\s*[\]】)]\s*\*?\s*$",
    re.IGNORECASE,
)
KIND = re.compile(KINDS_SAID, re.IGNORECASE)
MARK = re.compile(r"(\d+(?:\.\d+)?)\s*分")
# What stands before an option on a form to tick.
BULLET = re.compile(r"^\s*[○□◯●▢☐◻]\s*(?=[A-HＡ-Ｈ]\s*[.．、:：)）])")
# An option with a star before it is the right one; in its brackets it says so as elsewhere.
STARRED = re.compile(r"^\s*[*＊]\s*(?=[A-HＡ-Ｈ]\s*[.．、:：)）])(.*\S)\s*$")
# The line below the heads of a table that was written with signs.
RULE_OF_TABLE = re.compile(r"^\s*\|[\s|:-]*-{3}[\s|:-]*\|\s*$")
NUMBERS_OF_TABLE = re.compile(r"^[\s|]*题\s*号[\s|:]*(?=\d)")
ANSWERS_OF_TABLE = re.compile(r"^[\s|]*(?:正确|参考|标准)?答\s*案(?=[\s|:]|$)[ :]*[|\t]?")
# So far ahead is looked whether a heading has questions below it or answers.
AHEAD = 6
SHORTEST_QUESTION = 9


def laid_out(lines: list[str]) -> Iterator[PaperLine]:
    """Each line with its number from 1; a line of a document may hold line ends of its own."""
    parts = [
        PaperLine(number, BULLET.sub("", STARRED.sub(r"\1（√）", part)).rstrip())
        for number, line in enumerate(lines, 1)
        for part in (line.split("\n") if line else [""])
        if not RULE_OF_TABLE.match(part)
    ]
    place = 0
    while place < len(parts):
        listed = _table_of_answers(parts, place)
        if listed is None:
            yield from _parted(parts[place])
            place += 1
        else:
            if listed.text:
                yield listed
            place += 2


def _table_of_answers(lines: list[PaperLine], place: int) -> PaperLine | None:
    """A row of numbers above a row of answers as a line of a list; one without words for an empty sheet to fill in."""
    if place + 1 == len(lines):
        return None
    above, below = (narrow(without_marks(line.text)) for line in lines[place : place + 2])
    numbers, answers = NUMBERS_OF_TABLE.match(above), ANSWERS_OF_TABLE.match(below)
    if not numbers or not answers:
        return None
    counted = re.findall(r"\d{1,3}", above[numbers.end() :])
    rest = below[answers.end() :]
    parted = "|" in rest or "\t" in rest
    said = [cell.strip() for cell in (re.split(r"[|\t]", rest) if parted else rest.split())]
    words = " ".join(f"{number}.{key}" for number, key in zip(counted, said, strict=False) if key)
    return PaperLine(lines[place].number, words, is_list=True)


def _parted(line: PaperLine) -> Iterator[PaperLine]:
    """The line, and behind it a line for each field that it holds."""
    ends = [0, *(found.start() for found in INLINE.finditer(line.narrow) if found.start()), len(line.text)]
    for start, end in itertools.pairwise(ends):
        yield PaperLine(line.number, line.text[start:end].rstrip(), goes_on=bool(start))


def type_said(text: str) -> tuple[str, str, str]:
    """The words of a question without what they say of its type, that type and its mark; '' where nothing is said."""
    found = TYPE_SAID.search(narrow(text))
    if not found:
        return text, "", ""
    kind, mark = KIND.search(found[0]), MARK.search(found[0])
    words = (text[: found.start()] + text[found.end() :]).strip()
    return words, SECTIONS[kind[0].lower()] if kind else "", mark[1] if mark else ""


def asks_below(following: list[PaperLine]) -> bool:
    """Whether questions stand below a heading, and not the answers to those above it."""
    said = [line for line in following if line.text.strip()][:AHEAD]
    return any(begins_with_option(line) or _asks(line) for line in said)


def _asks(line: PaperLine) -> bool:
    text = line.narrow
    filled = EMPTY.search(text) or LETTERED.search(text) or JUDGED.search(text) or "__" in text
    return bool(NUMBERED.match(text) and len(text.strip()) >= SHORTEST_QUESTION and filled)
