"""Reads a paper as trainers have it: headings with marks, numbered questions, options, answers where they stand.

The answer stands in the brackets of the question, behind 答案：, or in a list at the end. What is not certain is an
error at its line that says what to write; no text of a paper becomes a question that earns nothing.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from quizzes.interchange.base import ReadError, ReadResult
from quizzes.interchange.marks import Formatting, without_marks
from quizzes.interchange.paper_answers import AnswerList, is_list_line, is_several
from quizzes.interchange.paper_body import has_answer
from quizzes.interchange.paper_case import (
    POINT,
    Material,
    instruction_in,
    material_of,
)
from quizzes.interchange.paper_layout import asks_below, laid_out, type_said
from quizzes.interchange.paper_lines import (
    ANSWERS,
    ANY_MARK,
    CASE,
    EACH_GAP,
    EACH_MARK,
    EMPTY,
    FIELD,
    FIELDS,
    ITEM,
    JUDGED,
    NUMBERED,
    SHARED,
    PaperLine,
    begins_with_option,
    heading_of,
    lettered_heading,
    letters_of,
    options_in,
    truth_of,
    with_judgement_in_brackets,
)
from quizzes.interchange.paper_questions import PaperQuestions

LOOKED_AHEAD = 12
LONGEST_TITLE = 120
TERMS = "名词解释"
_LEFT_OUT = ngettext_lazy(
    "%(count)s line is not a question and was left out: %(shown)s",
    "%(count)s lines are not questions and were left out: %(shown)s",
    "count",
)


@dataclass
class Draft:
    """A question while its lines are gathered."""

    line: int
    section: int
    kind: str
    number: int
    stem: list[str]
    mark: str = ""
    # Whether the heading gives the mark for each gap and not for the question.
    by_gap: bool = False
    # Whether it stands below 名词解释: what goes on below the term explains it.
    is_term: bool = False
    # Whether its number is that of a point of another question.
    by_point: bool = False
    options: list[list[str]] = field(default_factory=list)
    fields: dict[str, list[str]] = field(default_factory=dict)
    # What stands above it and further questions; as text before its own where they are no case.
    material: Material | None = None
    shared: str = ""
    # The field or option to which words that go on belong.
    last: str = "stem"

    @property
    def is_whole(self) -> bool:
        return bool(self.options or self.fields)


def read_paper(text: str, *, language: str) -> ReadResult:
    """Reads a pasted paper. Never raises."""
    return read_lines(re.split(r"\r\n|\r|\n", text), language=language)


def read_lines(lines: list[str], *, language: str, formatting: Formatting | None = None) -> ReadResult:
    """Reads a paper line by line; a document's line may hold line ends, and letters that stand for its ``formatting``."""
    paper = _Paper(formatting)
    ahead = list(laid_out(lines))
    for place, line in enumerate(ahead, 1):
        paper.take(line, ahead[place : place + LOOKED_AHEAD])
    return paper.result(language)


def _last_point(said: list[str]) -> int:
    """The last number of an answer that counts its points from 1; 0 where it does not begin to, so that 1 goes on."""
    points = [int(found[1]) for found in POINT.finditer("\n".join(said))]
    return points[-1] if points[:1] == [1] else -1


class _Paper:
    """What was read so far."""

    def __init__(self, formatting: Formatting | None = None) -> None:
        self.formatting = formatting or Formatting()
        self.drafts: list[Draft] = []
        self.sections: list[str] = []
        self.mark, self.kind = "", ""
        self.material: Material | None = None
        # The lists of answers, and whether one is read just now.
        self.listed = AnswerList(self.sections)
        self.answers: AnswerList | None = None
        self.left_out: list[PaperLine] = []
        self.warnings: list[ReadError] = []
        self.gap, self.restarts, self.first = False, 0, 0

    @property
    def draft(self) -> Draft | None:
        return self.drafts[-1] if self.drafts and self.drafts[-1].section == len(self.sections) - 1 else None

    def take(self, line: PaperLine, following: list[PaperLine]) -> None:
        if not line.text.strip():
            self.gap = True
            return
        self.following = following
        self.first = self.first or line.number
        bare = replace(line, text=without_marks(line.text))
        if self.answers is not None and self._heading_in(bare) and asks_below(following):
            self.answers = None
        if self.answers is not None:
            self.answers.read(bare)
        elif self.drafts and self._begins_list(bare, following):
            self.answers = self.listed.open_at(self._unanswered_section())
            if not ANSWERS.match(line.narrow):
                said = FIELD.match(bare.narrow)
                self.answers.read(replace(bare, text=bare.text[said.end() :]) if said else bare)
        elif self.drafts and ANSWERS.match(line.narrow):
            # Its answer stands below the word.
            self._field("key", "")
        else:
            self._take(line)
        self.gap = False

    def _begins_list(self, line: PaperLine, following: list[PaperLine]) -> bool:
        """Whether answers to several questions follow, and not the one to the last."""
        if line.is_list:
            return True
        if ANSWERS.match(line.narrow):
            return not self._is_answer_to_last(next((after for after in following if after.text.strip()), line))
        said = FIELD.match(line.narrow)
        if said:
            return FIELDS[said[1]] == "key" and is_several(line.narrow[said.end() :])
        return is_list_line(line)

    def _is_answer_to_last(self, below: PaperLine) -> bool:
        """A list answers all that have no answer yet; where that is the last question alone, the answer is its own."""
        *before, last = self.drafts
        # An essay needs no answer; one of another section says nothing of these.
        asked = [draft for draft in before if draft.kind != "essay" or draft.section == last.section]
        if has_answer(last) or not all(has_answer(draft) for draft in asked):
            return False
        alone = letters_of(below.text) or truth_of(below.text) is not None
        return bool(alone) if last.options else not heading_of(below.narrow)

    def _unanswered_section(self) -> int:
        """To which section a list without headings belongs: the first in which nothing is answered yet, else the last in
        which something is not."""
        keys, open_ones, every = self.listed.keys, Counter[int](), Counter[int]()
        for draft in self.drafts:
            every[draft.section] += 1
            open_ones[draft.section] += not has_answer(draft) and (draft.section, draft.number) not in keys
        whole = [section for section, count in open_ones.items() if count == every[section]]
        return (
            whole[0]
            if whole
            else max((section for section, count in open_ones.items() if count), default=len(self.sections) - 1)
        )

    def _take(self, line: PaperLine) -> None:
        heading = self._heading_in(line)
        numbered = NUMBERED.match(line.narrow)
        match = FIELD.match(line.narrow)
        case = CASE.match(line.narrow)
        item = self.kind == "case" and ITEM.match(line.narrow)
        if heading and not match and not (case and case["number"]):
            self._heading(*heading, line.number)
            self.terms = TERMS in line.narrow
        elif SHARED.search(line.narrow) or ((case or item) and not numbered):
            self._begin_shared(line)
        elif match and self.drafts:
            self._field(FIELDS[match[1]], line.text[match.end() :].strip(), match[1])
        elif numbered and self._is_next(int(numbered[1] or numbered[2] or numbered[3]), point=bool(numbered[3])):
            self._question(line, int(numbered[1] or numbered[2] or numbered[3]), line.text[numbered.end() :])
        elif not self._options(line):
            self._words(line)

    def _heading_in(self, line: PaperLine) -> tuple[str, str] | None:
        """The kind of a heading and what stands behind it, also of one that is counted by a letter."""
        text = without_marks(line.narrow)
        lettered = lettered_heading(text)
        if lettered is not None and self._counts_sections(lettered[0]):
            self.last_letter, self.listed.lettered = lettered[0], True
            return lettered[1:]
        return heading_of(text)

    def _counts_sections(self, letter: str) -> bool:
        """Whether a letter counts a section and no option: the next of the letters, a numbered question below it, and the
        question above asks for no option of that letter."""
        below = next((line for line in self.following if line.text.strip()), None)
        expected = chr(ord(self.last_letter) + 1) if self.last_letter else "A"
        if letter != expected or below is None or not NUMBERED.match(below.narrow):
            return False
        draft = self.draft
        if draft is None or draft.fields or letter != chr(ord("A") + len(draft.options)):
            return True
        return self.gap and bool(draft.options or has_answer(draft))

    def _heading(self, kind: str, rest: str, line: int) -> None:
        self.sections.append(kind)
        self.kind = kind
        match = EACH_MARK.search(rest)
        self.mark = (match["mark"] or match["marks"]) if match else ""
        self.by_gap = bool(match and EACH_GAP.search(match[0]))
        if not match and ANY_MARK.search(rest):
            message = _("No marks for each question were found here: %(said)s. Write “每小题2分” or “每空2分”.")
            self.warnings.append(ReadError(line, message % {"said": rest.strip(" ()（）")}))
        self.material = None

    def _begin_shared(self, line: PaperLine) -> None:
        """A text for several questions: until the number it names, else until the next one or the next heading."""
        if not self.sections:
            self.sections.append("")
        found = SHARED.search(line.narrow)
        before = self.material if self.collecting else None
        if found:
            told = instruction_in(line, found)
            self.material = before or Material(line.number, [])
            self.material.first, self.material.until = told.first, told.last
            self.material.lines += told.words
        elif before is not None and (before.lines or before.marker):
            before.add(line.text.strip())
        else:
            self.material = material_of(line)
        self.collecting = True

    collecting, by_gap, terms = False, False, False
    # The letter of the last heading that was counted by one.
    last_letter = ""
    following: Sequence[PaperLine] = ()

    def _is_next(self, number: int, *, point: bool) -> bool:
        """Whether a number goes on with the questions, or is part of what is said; a ``point`` stands in brackets."""
        before = self.draft
        if before is None or (self.collecting and number == 1):
            return True
        if before.material is not None and before.material.number and not point:
            return number == before.material.number + 1
        if point and number == 1 and self._asks_in_points(before):
            return True
        said = before.fields.get(before.last, []) if before.last in ("key", "why") else []
        if before.last == "key" and not said and not before.options:
            return False
        if said and number == _last_point(said) + 1 and not before.options:
            # The answer has points of its own.
            return False
        if said and number != before.number + 1:
            return number == 1 and bool(before.options)
        return number == before.number + 1 or (number == 1 and before.is_whole) or number > before.number

    def _asks_in_points(self, draft: Draft) -> bool:
        """Whether the question is a case that asks in points: its points are questions, too."""
        if self.kind != "case" or draft.is_whole or draft.material is not None or not draft.stem[0]:
            return False
        self.drafts.pop()
        self.material = Material(draft.line, draft.stem, number=draft.number, mark=draft.mark)
        return True

    def _question(self, line: PaperLine, number: int, text: str) -> None:
        if not self.sections:
            self.sections.append("")
        before, material = self.draft, self.material
        if material is not None and material.number and before is not None and before.material is material:
            # What is no point any more is a question of its own.
            numbered = NUMBERED.match(line.narrow)
            material = material if numbered and numbered[3] else None
        if before is not None and number == 1 and number <= before.number and not (material and material.number):
            # Numbers that begin anew without a heading are a section of their own.
            self.sections.append(self.kind)
        self.collecting = False
        self.material = material if material is not None and number <= material.until else None
        words, kind, mark = type_said(text.strip())
        if (kind or self.kind) == "truefalse":
            words = with_judgement_in_brackets(words)
        draft = Draft(
            line.number,
            len(self.sections) - 1,
            kind or self.kind,
            number,
            [words],
            mark or self.mark,
            self.by_gap and not mark,
            is_term=self.terms and not kind,
            material=self.material,
        )
        self.drafts.append(draft)
        self._options_behind(draft, line)

    def _options_behind(self, draft: Draft, line: PaperLine) -> None:
        """Options that begin in the line of the question itself."""
        text = draft.stem[0]
        place = re.search(r"\s[(（]?[AＡ]\s*[.．、:：)）]\s*\S", text)
        if place and options_in(PaperLine(line.number, text[place.start() :].strip()), "A")[1:]:
            draft.stem = [text[: place.start()].strip()]
            self._options(PaperLine(line.number, text[place.start() :].strip()))

    def _field(self, name: str, said: str, label: str = "") -> None:
        if name == "own":
            return
        if name == "source":
            name, said = "why", f"{label}：{said}"
        draft = self.drafts[-1]
        draft.fields.setdefault(name, [])
        if said:
            draft.fields[name].append(said)
        draft.last = name

    def _options(self, line: PaperLine) -> bool:
        draft = self.draft
        if draft is None or draft.fields:
            return False
        found = options_in(line, chr(ord("A") + len(draft.options)))
        if found and not draft.options and found[0][0] != "A":
            return False
        draft.options += [[words] for _letter, words in found]
        if found:
            draft.last = "option"
        return bool(found)

    def _words(self, line: PaperLine) -> None:
        draft, text = self.draft, line.text.strip()
        if self.material is not None and (self.collecting or draft is None):
            self.material.lines.append(text)
        elif draft is None and self.kind == "case":
            self.material = Material(line.number, [text])
        elif draft is None and not self._looks_asked(line):
            self.left_out.append(line)
        elif draft is None or self._begins_unnumbered(draft, line):
            self._unnumbered(line)
        elif draft.last == "option":
            draft.options[-1].append(text)
        elif draft.last == "stem":
            draft.stem.append(text)
        else:
            draft.fields[draft.last].append(text)

    def _begins_unnumbered(self, draft: Draft, line: PaperLine) -> bool:
        """Whether words are the next question, which has no number: options follow anew, or they are judged, too."""
        if begins_with_option(line):
            return False
        if draft.options and draft.fields:
            below = next((line for line in self.following if line.text.strip()), None)
            return self.gap or (below is not None and begins_with_option(below))
        if draft.kind == "truefalse" and draft.last == "stem" and has_answer(draft):
            return bool(JUDGED.search(line.narrow))
        return draft.is_whole and self.gap

    def _unnumbered(self, line: PaperLine) -> None:
        draft = self.draft
        if draft is not None and self.kind == "case" and not self._looks_asked(line):
            self.material, self.collecting = Material(line.number, [line.text.strip()]), True
            return
        self._question(line, draft.number + 1 if draft else 1, line.text)

    def _looks_asked(self, line: PaperLine) -> bool:
        """Whether words without a number are a question."""
        return bool(EMPTY.search(line.narrow) or re.search(r"[(]\s*([A-H]+|√|×)\s*[)]|\?\s*$", line.narrow)) or (
            bool(self.sections) and bool(self.sections[-1]) and self.sections[-1] not in ("case", "essay")
        )

    def result(self, language: str) -> ReadResult:
        result = PaperQuestions(self.drafts, self.listed, self.formatting, language).read()
        result.warnings[:0] = self.warnings
        if self.left_out and self.drafts and self.left_out[0].number == self.first:
            result.title = without_marks(self.left_out.pop(0).text, self.formatting).strip()[:LONGEST_TITLE]
        if self.left_out and self.drafts:
            shown = " / ".join(without_marks(line.text, self.formatting).strip()[:30] for line in self.left_out[:4])
            result.warnings.append(
                ReadError(self.left_out[0].number, _LEFT_OUT % {"count": len(self.left_out), "shown": shown})
            )
        if not result.questions and not result.errors:
            result.errors.append(ReadError(1, _("No question was found in this paper.")))
        return result
