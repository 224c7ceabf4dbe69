"""Reads a paper as trainers have it: headings with marks, numbered questions, options, answers where they stand.

The answer stands in the brackets of the question, behind 答案：, or in a list at the end. What is not certain is an
error at its line that says what to write; no text of a paper becomes a question that earns nothing.
"""

import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from quizzes.interchange.base import ImportedQuestion, ReadError, ReadResult
from quizzes.interchange.marks import Formatting, formatted, without_marks
from quizzes.interchange.paper_answers import AnswerList, is_list_line
from quizzes.interchange.paper_body import Unsure, body_of_draft
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
    NUMBERED,
    OWN_MARK,
    SECTIONS,
    SHARED,
    PaperLine,
    begins_with_option,
    options_in,
)
from quizzes.types import BodyProblems, canonical, question_type

NAME_LIMIT = 255
POINT = re.compile(r"(?:^|(?<=[\s；;。]))[(（]?(\d{1,2})[.．、)）](?!\d)", re.MULTILINE)


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
    options: list[list[str]] = field(default_factory=list)
    fields: dict[str, list[str]] = field(default_factory=dict)
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
        self.shared: list[str] = []
        self.shared_until = 0
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
        if heading and not FIELD.match(line.narrow):
            self._heading(SECTIONS[heading[1].lower()], heading[2], line.number)
        elif SHARED.search(line.narrow) or (CASE.match(line.narrow) and not numbered):
            self._begin_shared(line)
        elif match and self.drafts:
            self._field(FIELDS[match[1]], line.text[match.end() :].strip())
        elif numbered and self._is_next(int(numbered[1] or numbered[2] or numbered[3])):
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
        self.shared, self.shared_until = [], 0

    def _begin_shared(self, line: PaperLine) -> None:
        """A stem for several questions: until the number it names, else until the next one or the next heading."""
        match = SHARED.search(line.narrow)
        if not self.sections:
            self.sections.append("")
        self.shared = [] if match else [line.text.strip()]
        self.shared_until = int(match[2]) if match else 10_000
        if match and not line.narrow[: match.start()].strip() and match.end() < len(line.text):
            rest = line.text[match.end() :].strip("。：:；; ，,）)")
            self.shared = [rest] if rest else []
        self.collecting = True

    collecting, by_gap = False, False

    def _is_next(self, number: int) -> bool:
        """Whether a number goes on with the questions, or is part of what is said."""
        before = self.draft
        if before is None:
            return True
        said = before.fields.get(before.last, []) if before.last in ("key", "why") else []
        if said and number == _last_point(said) + 1 and not before.options:
            # The answer has points of its own.
            return False
        if said and number != before.number + 1:
            return number == 1 and bool(before.options)
        return number == before.number + 1 or (number == 1 and before.is_whole) or number > before.number

    def _question(self, line: PaperLine, number: int, text: str) -> None:
        if not self.sections:
            self.sections.append("")
        before = self.draft
        if before is not None and number == 1 and number <= before.number and not self.shared:
            # Numbers that begin anew without a heading are a section of their own.
            self.sections.append(self.kind)
        self.collecting = False
        shared = "\n".join(self.shared) if self.shared and number <= self.shared_until else ""
        if self.shared and number > self.shared_until:
            self.shared = []
        draft = Draft(
            line.number,
            len(self.sections) - 1,
            self.kind,
            number,
            [text.strip()],
            self.mark,
            self.by_gap,
            shared=shared,
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
        if self.collecting:
            self.shared.append(text)
        elif draft is None and self.kind == "case":
            self.shared.append(text)
            self.shared_until = 10_000
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
            self.shared, self.shared_until, self.collecting = [line.text.strip()], 10_000, True
            return
        self._question(line, draft.number + 1 if draft else 1, line.text)

    def _looks_asked(self, line: PaperLine) -> bool:
        """Whether words without a number are a question."""
        return bool(EMPTY.search(line.narrow) or re.search(r"[(]\s*([A-H]+|√|×)\s*[)]|\?\s*$", line.narrow)) or (
            bool(self.sections) and bool(self.sections[-1]) and self.sections[-1] not in ("case", "essay")
        )

    def result(self, language: str) -> ReadResult:
        result = ReadResult(warnings=list(self.warnings), files=dict(self.formatting.files))
        for draft in self.drafts:
            try:
                result.questions.append(self._finished(draft, language, result))
            except Unsure as asked:
                result.errors.append(ReadError(draft.line, asked.args[0]))
            except BodyProblems as problems:
                said = "; ".join(str(message) for _place, message in problems.problems)
                result.errors.append(ReadError(draft.line, said))
        if self.left_out and self.drafts:
            first = self.left_out[0]
            shown = " / ".join(without_marks(line.text, self.formatting).strip()[:30] for line in self.left_out[:4])
            message = _("%(count)s lines are no question and were left out: %(shown)s")
            result.warnings.append(ReadError(first.number, message % {"count": len(self.left_out), "shown": shown}))
        if not result.questions and not result.errors:
            result.errors.append(ReadError(1, _("No question was found in this paper.")))
        return result

    def _finished(self, draft: Draft, language: str, result: ReadResult) -> ImportedQuestion:
        listed = self.answers.keys.get((draft.section, draft.number)) if self.answers else None
        why = self.answers.whys.get((draft.section, draft.number)) if self.answers else None
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
