"""The list of answers at the end of a paper: ``1-5 ABCDA``, ``1. √ 2. ×``, or a line of words for each question."""

import re

from django.utils.translation import gettext_lazy as _

from quizzes.interchange.base import ReadError
from quizzes.interchange.paper_lines import (
    CASE,
    FIELD,
    FIELDS,
    NUMBERED,
    PaperLine,
    heading_of,
    lettered_heading,
    letters_of,
    narrow,
)

SPAN = re.compile(
    r"(\d{1,3})\s*[-—–~至]+\s*(\d{1,3})\s*(?:题)?\s*[.:、]?\s*((?:[A-H√×✓✗✘对错TF╳]+[\s,、;]*)+)(?=$|\d|[。;])",
    re.IGNORECASE,
)
ONE = re.compile(
    r"(?:(?<=^)|(?<=[\s;,。]))(\d{1,3})\s*[.、:)]?\s*([A-H]{1,8}|√|×|✓|✗|✘|╳|正确|错误|对|错|T|F)(?=$|[\s;,。\d])",
    re.IGNORECASE,
)
# Explanations of several questions follow.
WHYS = re.compile(r"(?:答案|试题|题目|习题)?(?:解析|解释)[:]?|explanations?[:]?", re.IGNORECASE)
MOST_NAMED = 20
SIGNS = re.compile(r"[A-H√×✓✗✘对错TF╳]", re.IGNORECASE)


class AnswerList:
    """Keys by (section, number): sections are counted as the paper has them, or by the numbers that begin anew."""

    def __init__(self, sections: list[str]) -> None:
        self.sections = sections
        # Whether the paper counts its sections by letters.
        self.lettered = False
        self.left_out: list[PaperLine] = []
        self.keys: dict[tuple[int, int], tuple[str, int]] = {}
        self.whys: dict[tuple[int, int], str] = {}
        self._why, self._explaining = False, False
        self._first, self._section, self._last, self._open = 0, 0, 0, False

    def open_at(self, section: int) -> "AnswerList":
        """Goes on with the answers to a section and those behind it."""
        self._section, self._last, self._open, self._why = section, 0, False, False
        self._first, self._explaining = section, False
        return self

    def settle(self, questions: set[tuple[int, int]]) -> None:
        """Where numbers run on through the sections: what answers a number that its section does not have belongs to the
        only question that has it."""
        sections: dict[int, list[int]] = {}
        for section, number in questions:
            sections.setdefault(number, []).append(section)
        _settle(self.keys, questions, sections)
        _settle(self.whys, questions, sections)

    def unclaimed(self, questions: set[tuple[int, int]]) -> list[ReadError]:
        """What answers no question of the paper: a number that it does not have, words before the first number."""
        lines = [line for place, (_said, line) in self.keys.items() if place not in questions]
        lines = sorted({*lines, *(line.number for line in self.left_out)})
        message = _("No question was found for this answer. Check whether a number or a line is missing.")
        return [ReadError(line, message) for line in lines[:MOST_NAMED]]

    def read(self, line: PaperLine) -> None:
        """Takes a line of the list."""
        text = line.narrow.strip()
        said = FIELD.match(text)
        if self._last and WHYS.fullmatch(text):
            self._why = True
            return
        if said and FIELDS[said[1]] == "key" and self._last and not self.keys[self._section, self._last][0]:
            # The number stood before the word.
            self._take(self._last, line.text[line.narrow.find(text) + said.end() :].strip(), line.number)
            return
        if said and FIELDS[said[1]] == "why" and self._last:
            place = line.narrow.find(text[said.end() :]) if text[said.end() :] else len(line.text)
            self.whys[self._section, self._last] = line.text[place:].strip()
            self._why = True
            return
        lettered = lettered_heading(text) if self.lettered else None
        heading = lettered[1:] if lettered else heading_of(text)
        if heading:
            self._begin(heading[0])
            text = re.sub(r"^\s*[(][^)]*[)]", "", heading[1]).lstrip(" :、")
        case = CASE.match(text)
        if case and case["number"]:
            # Which of the cases it is, the numbers tell.
            text = text[case.end() :].strip()
        if not text:
            return
        spans = list(SPAN.finditer(text))
        for found in spans:
            self._take_span(int(found[1]), int(found[2]), found[3].strip(), line.number)
        rest = SPAN.sub(" ", text).strip(" ;,。")
        ones = list(ONE.finditer(rest))
        if ones and not ONE.sub("", rest).strip(" ;,。、"):
            for found in ones:
                self._take(int(found[1]), found[2], line.number)
        elif rest and not spans:
            self._take_words(line, rest)

    def _begin(self, kind: str) -> None:
        """The section of the paper that the list's heading names."""
        start = self._section + 1 if self._open else self._section
        places = [place for place in range(start, len(self.sections)) if self.sections[place] == kind]
        self._section, self._last, self._open = (places or [min(start, len(self.sections) - 1)])[0], 0, True

    def _take_span(self, first: int, last: int, said: str, line: int) -> None:
        groups = [group for group in re.split(r"[\s,、;]+", said) if group]
        count = last - first + 1
        if len(groups) != count:
            groups = SIGNS.findall("".join(groups))
        # As many as there are numbers, else none: a key that is out of step is worse than none.
        for number, key in zip(range(first, last + 1), groups if len(groups) == count else [""] * count, strict=True):
            self._take(number, key, line)

    def _take(self, number: int, said: str, line: int) -> None:
        again = number == self._last and not self.keys.get((self._section, number), ("", 0))[0]
        if number <= self._last and not again and self._section + 1 < len(self.sections):
            self._section += 1
        self._last, self._why = number, False
        self.keys[max(self._section, 0), number] = (letters_of(said) or said, line)

    def _take_words(self, line: PaperLine, rest: str) -> None:
        """An answer in words, as it is written: half width is for the signs of the list only."""
        text = line.text[max(line.narrow.find(rest), 0) :].strip()
        match = NUMBERED.match(narrow(text))
        number = int(match[1] or match[2] or match[3]) if match else 0
        if match and (self._explaining or self._begins_whys(number)):
            self._explain(number, text[match.end() :].strip())
        elif match:
            self._take(number, text[match.end() :].strip(), line.number)
        elif self._last and self._why:
            self.whys[self._section, self._last] += f"\n{line.text.strip()}"
        elif self._last:
            before, place = self.keys[self._section, self._last]
            self.keys[self._section, self._last] = (f"{before}\n{text}", place)
        else:
            self.left_out.append(line)

    def _begins_whys(self, number: int) -> bool:
        """Whether the word for an explanation stood alone, and its list begins: numbers that were answered come again."""
        alone = self._why and not self.whys.get((self._section, self._last))
        return alone and number <= self._last

    def _explain(self, number: int, text: str) -> None:
        if not self._explaining:
            self.whys.pop((self._section, self._last), None)
            self._explaining, self._section, self._last = True, self._first, 0
        if number <= self._last and self._section + 1 < len(self.sections):
            self._section += 1
        self._last, self._why = number, True
        self.whys[self._section, number] = text


def _settle[Said](
    said: dict[tuple[int, int], Said], questions: set[tuple[int, int]], sections: dict[int, list[int]]
) -> None:
    for section, number in [place for place in said if place not in questions]:
        there = sections.get(number, [])
        if len(there) == 1 and (there[0], number) not in said:
            said[there[0], number] = said.pop((section, number))


def is_span(text: str) -> bool:
    """Whether a text in half width is keys for several numbers and nothing else."""
    return bool(SPAN.search(text)) and not SPAN.sub("", text).strip(" ;,。.")


def is_several(text: str) -> bool:
    """Whether a text in half width is keys for several numbers, by span or one by one, and nothing else."""
    return is_span(text) or (len(ONE.findall(text)) > 1 and not ONE.sub("", text).strip(" ;,。.、"))


def is_list_line(line: PaperLine) -> bool:
    """Whether a line gives keys for several questions at once, as only a list of answers does."""
    text = narrow(line.text)
    ones = len(ONE.findall(text))
    return bool(SPAN.search(text)) or ones > 2 or (ones == 2 and not ONE.sub("", text).strip(" ;,。、"))
