"""Reads a paper as trainers have it: headings with marks, numbered questions, options, answers where they stand.

The answer stands in the brackets of the question, behind 答案：, or in a list at the end. What is not certain is an
error at its line that says what to write; no text of a paper becomes a question that earns nothing.
"""

import re
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from quizzes.interchange.base import ImportedQuestion, ReadError, ReadResult
from quizzes.interchange.marks import Formatting, formatted, without_marks
from quizzes.interchange.paper_answers import AnswerList, is_list_line
from quizzes.interchange.paper_body import Unsure, body_of_draft
from quizzes.interchange.paper_case import (
    POINT,
    Material,
    case_of,
    groups_of,
    instruction_in,
    material_of,
    put_above,
    share_out,
)
from quizzes.interchange.paper_lines import (
    ANSWERS,
    ANY_MARK,
    CASE,
    DIFFICULTIES,
    EACH_GAP,
    EACH_MARK,
    EMPTY,
    FIELD,
    FIELDS,
    HEADING,
    ITEM,
    NUMBERED,
    OWN_MARK,
    SECTIONS,
    SHARED,
    PaperLine,
    begins_with_option,
    options_in,
)
from quizzes.types import BodyProblems, canonical, question_type
from quizzes.types.case import FEWEST, MOST

NAME_LIMIT = 255


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
    """Reads a paper line by line; a line of a document may hold line ends of its own, and letters that stand for its
    ``formatting``."""
    paper = _Paper(formatting)
    for number, line in enumerate(lines, 1):
        for part in line.split("\n"):
            paper.take(PaperLine(number, part.rstrip()))
    return paper.result(language)


def _last_point(said: list[str]) -> int:
    """The last number of an answer that counts its points from 1; 0 where it does not begin to, so that 1 goes on."""
    points = [int(found[1]) for found in POINT.finditer("\n".join(said))]
    return points[-1] if points[:1] == [1] else -1


def _of_all_gaps(draft: Draft, body: dict[str, Any]) -> str:
    """The mark of the whole question, where its heading gives one for each gap."""
    return str(Decimal(draft.mark) * len(body.get("gaps") or [1])) if draft.by_gap else draft.mark


class _Paper:
    """What was read so far."""

    def __init__(self, formatting: Formatting | None = None) -> None:
        self.formatting = formatting or Formatting()
        self.drafts: list[Draft] = []
        self.sections: list[str] = []
        self.mark, self.kind = "", ""
        self.material: Material | None = None
        self.answers: AnswerList | None = None
        self.left_out: list[PaperLine] = []
        self.warnings: list[ReadError] = []
        self.gap = False
        self.restarts = 0

    @property
    def draft(self) -> Draft | None:
        return self.drafts[-1] if self.drafts and self.drafts[-1].section == len(self.sections) - 1 else None

    def take(self, line: PaperLine) -> None:
        if not line.text.strip():
            self.gap = True
            return
        bare = PaperLine(line.number, without_marks(line.text))
        if self.answers is not None:
            self.answers.read(bare)
        elif self.drafts and (ANSWERS.match(line.narrow) or (is_list_line(bare) and not FIELD.match(line.narrow))):
            self.answers = AnswerList(self.sections or [""])
            if not ANSWERS.match(line.narrow):
                self.answers.read(bare)
        else:
            self._take(line)
        self.gap = False

    def _take(self, line: PaperLine) -> None:
        heading = HEADING.match(line.narrow)
        numbered = NUMBERED.match(line.narrow)
        match = FIELD.match(line.narrow)
        case = CASE.match(line.narrow)
        item = self.kind == "case" and ITEM.match(line.narrow)
        if heading and not match and not (case and case["number"]):
            self._heading(SECTIONS[heading[1].lower()], heading[2], line.number)
        elif SHARED.search(line.narrow) or ((case or item) and not numbered):
            self._begin_shared(line)
        elif match and self.drafts:
            self._field(FIELDS[match[1]], line.text[match.end() :].strip())
        elif numbered and self._is_next(int(numbered[1] or numbered[2] or numbered[3]), point=bool(numbered[3])):
            self._question(line, int(numbered[1] or numbered[2] or numbered[3]), line.text[numbered.end() :])
        elif not self._options(line):
            self._words(line)

    def _heading(self, kind: str, rest: str, line: int) -> None:
        self.sections.append(kind)
        self.kind = kind
        match = EACH_MARK.search(rest)
        self.mark = (match["mark"] or match["marks"]) if match else ""
        self.by_gap = bool(match and EACH_GAP.search(match[0]))
        if not match and ANY_MARK.search(rest):
            message = _("No mark of each question was read here: %(said)s. Write “每小题2分” or “每空2分”.")
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

    collecting, by_gap = False, False

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
        draft = Draft(
            line.number,
            len(self.sections) - 1,
            self.kind,
            number,
            [text.strip()],
            self.mark,
            self.by_gap,
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

    def _field(self, name: str, said: str) -> None:
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
        elif draft is None or (draft.is_whole and self.gap and not begins_with_option(line)):
            self._unnumbered(line)
        elif draft.last == "option":
            draft.options[-1].append(text)
        elif draft.last == "stem":
            draft.stem.append(text)
        else:
            draft.fields[draft.last].append(text)

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
        result = ReadResult(warnings=list(self.warnings), files=dict(self.formatting.files))
        for group in groups_of(self.drafts):
            self._take_group(group, language, result)
        if self.left_out and self.drafts:
            first = self.left_out[0]
            shown = " / ".join(without_marks(line.text, self.formatting).strip()[:30] for line in self.left_out[:4])
            message = _("%(count)s lines are no question and were left out: %(shown)s")
            result.warnings.append(ReadError(first.number, message % {"count": len(self.left_out), "shown": shown}))
        if not result.questions and not result.errors:
            result.errors.append(ReadError(1, _("No question was found in this paper.")))
        return result

    def _take_group(self, group: list[Draft], language: str, result: ReadResult) -> None:
        """Questions that stand alone, or a case above those that share it, where it may hold as many."""
        material = group[0].material if group[0].material is not None and group[0].material.lines else None
        as_case = material is not None and FEWEST <= len(group) <= MOST
        if material is not None:
            listed = self.answers.keys.get((group[0].section, material.number)) if self.answers else None
            result.warnings += share_out(group, material, listed[0] if listed else "")
        if material is not None and not as_case:
            result.warnings += put_above(group, material)
        found = [question for draft in group if (question := self._read(draft, language, result))]
        if material is None or not as_case:
            result.questions += found
        elif len(found) < FEWEST:
            # The others are wrong; what is right of them still says what it is about.
            put_above(group, material)
            again = (self._read(draft, language, ReadResult()) for draft in group)
            result.questions += [question for question in again if question]
        else:
            self._take_case(material, found, language, result)

    def _take_case(self, material: Material, found: list[ImportedQuestion], language: str, result: ReadResult) -> None:
        parts = [replace(part, key=f"#{len(result.questions) + place}") for place, part in enumerate(found, 1)]
        try:
            result.questions += [case_of(material, parts, language, self.formatting), *parts]
        except BodyProblems as problems:
            said = "; ".join(str(message) for _place, message in problems.problems)
            result.errors.append(ReadError(material.line, said))

    def _read(self, draft: Draft, language: str, result: ReadResult) -> ImportedQuestion | None:
        """The question, or None and an error at its line."""
        try:
            return self._finished(draft, language, result)
        except Unsure as asked:
            result.errors.append(ReadError(draft.line, asked.args[0]))
        except BodyProblems as problems:
            said = "; ".join(str(message) for _place, message in problems.problems)
            result.errors.append(ReadError(draft.line, said))
        return None

    def _finished(self, draft: Draft, language: str, result: ReadResult) -> ImportedQuestion:
        # The number of a point is none of the list's.
        place = (draft.section, 0 if draft.by_point else draft.number)
        listed = self.answers.keys.get(place) if self.answers else None
        why = self.answers.whys.get(place) if self.answers else None
        if why:
            draft.fields.setdefault("why", [why])
        notes: list[Any] = []
        own = OWN_MARK.search(PaperLine(0, draft.stem[0]).narrow)
        if own:
            draft.mark, draft.by_gap = own[1], False
            draft.stem[0] = (draft.stem[0][: own.start()] + draft.stem[0][own.end() :]).strip()
        body = body_of_draft(draft, listed[0] if listed else "", language, notes)
        body = canonical(formatted(body, self.formatting))
        kind = question_type(body["type"])
        kind.parse(body)
        result.warnings += [ReadError(draft.line, note) for note in notes]
        stem = kind.shown_stem(kind.parse(body), language)
        said = " ".join(draft.fields.get("difficulty", [])).strip().lower()
        marks = draft.fields.get("mark", [])
        mark = re.search(r"\d+(?:\.\d+)?", marks[0]) if marks else None
        topics = re.split(r"[,，、;；/]", " ".join(draft.fields.get("topic", [])))
        asked = without_marks("\n".join(draft.stem), self.formatting)
        return ImportedQuestion(
            type=kind.code,
            name=(asked if draft.shared else stem).replace("\n", " ")[:NAME_LIMIT],
            text=stem,
            category="",
            line=draft.line,
            body=body,
            tags=tuple(topic.strip() for topic in topics if topic.strip()),
            difficulty=DIFFICULTIES.get(said, ""),
            mark=str(Decimal(mark[0]) if mark else _of_all_gaps(draft, body)),
        )
