"""Joins the questions of a file that name a case to that case, in formats that have a question a row or a block."""

from collections import defaultdict
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext_lazy as _

from quizzes.interchange.base import ImportedQuestion, ReadError, ReadResult
from quizzes.types.case import MOST, UNFIT_FOR_CASES


def gather_cases(result: ReadResult) -> ReadResult:
    """The same questions, each case before those that name it by identifier, name or title. What names a case that the
    file does not hold, or a seventh question of one, is an error of its line."""
    heads = {
        name: question
        for question in reversed(result.questions)
        if question.type == "case"
        for name in _names(question)
    }
    parts: dict[int, list[ImportedQuestion]] = defaultdict(list)
    others: list[ImportedQuestion] = []
    for place, question in enumerate(result.questions, 1):
        head = heads.get(question.case)
        refusal = _refusal(question, head, len(parts[id(head)])) if question.case else None
        if refusal:
            result.errors.append(ReadError(question.line, refusal))
        elif question.case:
            parts[id(head)].append(question if question.external_id else replace(question, key=f"#{place}"))
        else:
            others.append(question)
    result.questions = []
    for other in others:
        mine = parts.get(id(other), [])
        result.questions += [replace(other, parts=tuple(part.called for part in mine)) if mine else other, *mine]
    return result


def _names(case: ImportedQuestion) -> list[str]:
    titles = (case.body.get("title") or {}).values()
    return [name for name in (case.called, case.name, *titles) if name]


def _refusal(imported_question: ImportedQuestion, head: ImportedQuestion | None, before: int) -> Any:
    """Why the question cannot go into the case, or None."""
    if head is None:
        return _("The case “%(name)s” is not in this file.") % {"name": imported_question.case[:80]}
    if imported_question.type in UNFIT_FOR_CASES:
        return _("A case holds questions that are answered on the paper.")
    if before >= MOST:
        return _("A case has two to six questions.")
    return None
