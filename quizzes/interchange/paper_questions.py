"""The questions of a paper out of what was gathered of its lines: alone, or a case above those that share a text."""

import re
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from quizzes.interchange.base import ImportedQuestion, ReadError, ReadResult
from quizzes.interchange.marks import Formatting, formatted, without_marks
from quizzes.interchange.paper_answers import AnswerList
from quizzes.interchange.paper_body import Unsure, body_of_draft
from quizzes.interchange.paper_case import Material, case_of, groups_of, put_above, share_out
from quizzes.interchange.paper_lines import DIFFICULTIES, OWN_MARK, PaperLine
from quizzes.types import BodyProblems, canonical, question_type
from quizzes.types.case import FEWEST, MOST

if TYPE_CHECKING:
    from quizzes.interchange.paper import Draft

NAME_LIMIT = 255


def difficulty_said(said: str) -> str:
    """The difficulty that a word names, or a coefficient: the share of those who are expected to answer right."""
    said = said.strip().lower()
    if re.fullmatch(r"0?\.\d{1,3}", said):
        return "easy" if Decimal(said) >= Decimal("0.7") else "medium" if Decimal(said) >= Decimal("0.4") else "hard"
    return DIFFICULTIES.get(said, "")


def _of_all_gaps(draft: "Draft", body: dict[str, Any]) -> str:
    """The mark of the whole question, where its heading gives one for each gap."""
    return str(Decimal(draft.mark) * len(body.get("gaps") or [1])) if draft.by_gap else draft.mark


class PaperQuestions:
    """Makes the questions; what is wrong is an error at its line."""

    def __init__(self, drafts: "list[Draft]", listed: AnswerList, formatting: Formatting, language: str) -> None:
        self.drafts, self.listed, self.formatting, self.language = drafts, listed, formatting, language
        self.result = ReadResult(files=dict(formatting.files))

    def read(self) -> ReadResult:
        self.listed.settle(self._numbers())
        for group in groups_of(self.drafts):
            self._take_group(group)
        self.result.warnings += self.listed.unclaimed(self._numbers())
        return self.result

    def _numbers(self) -> set[tuple[int, int]]:
        """By what a list of answers may know the questions."""
        cases = {(draft.section, draft.material.number) for draft in self.drafts if draft.material is not None}
        return {(draft.section, draft.number) for draft in self.drafts} | cases

    def _take_group(self, group: "list[Draft]") -> None:
        """Questions that stand alone, or a case above those that share it, where it may hold as many."""
        result = self.result
        material = group[0].material if group[0].material is not None and group[0].material.lines else None
        as_case = material is not None and FEWEST <= len(group) <= MOST
        if material is not None:
            listed = self.listed.keys.get((group[0].section, material.number))
            result.warnings += share_out(group, material, listed[0] if listed else "")
        if material is not None and not as_case:
            result.warnings += put_above(group, material)
        found = [question for draft in group if (question := self._read(draft, result))]
        if material is None or not as_case:
            result.questions += found
        elif len(found) < FEWEST:
            # The others are wrong; what is right of them still says what it is about.
            put_above(group, material)
            again = (self._read(draft, ReadResult()) for draft in group)
            result.questions += [question for question in again if question]
        else:
            self._take_case(material, found)

    def _take_case(self, material: Material, found: list[ImportedQuestion]) -> None:
        result = self.result
        parts = [replace(part, key=f"#{len(result.questions) + place}") for place, part in enumerate(found, 1)]
        try:
            result.questions += [case_of(material, parts, self.language, self.formatting), *parts]
        except BodyProblems as problems:
            said = "; ".join(str(message) for _place, message in problems.problems)
            result.errors.append(ReadError(material.line, said))

    def _read(self, draft: "Draft", result: ReadResult) -> ImportedQuestion | None:
        """The question, or None and an error at its line."""
        try:
            return self._finished(draft, result)
        except Unsure as asked:
            result.errors.append(ReadError(draft.line, asked.args[0]))
        except BodyProblems as problems:
            said = "; ".join(str(message) for _place, message in problems.problems)
            result.errors.append(ReadError(draft.line, said))
        return None

    def _finished(self, draft: "Draft", result: ReadResult) -> ImportedQuestion:
        # The number of a point is none of the list's.
        place = (draft.section, 0 if draft.by_point else draft.number)
        listed = self.listed.keys.get(place)
        why = self.listed.whys.get(place)
        if why:
            draft.fields.setdefault("why", [why])
        notes: list[Any] = []
        own = OWN_MARK.search(PaperLine(0, draft.stem[0]).narrow)
        if own:
            draft.mark, draft.by_gap = own[1], False
            draft.stem[0] = (draft.stem[0][: own.start()] + draft.stem[0][own.end() :]).strip()
        body = body_of_draft(draft, listed[0] if listed else "", self.language, notes)
        body = canonical(formatted(body, self.formatting))
        kind = question_type(body["type"])
        kind.parse(body)
        result.warnings += [ReadError(draft.line, note) for note in notes]
        stem = kind.shown_stem(kind.parse(body), self.language)
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
            difficulty=difficulty_said(" ".join(draft.fields.get("difficulty", []))),
            mark=str(Decimal(mark[0]) if mark else _of_all_gaps(draft, body)),
        )
