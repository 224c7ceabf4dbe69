"""What every reader of question files gives back: good questions beside errors with their lines."""

import re
from dataclasses import dataclass, field, replace
from typing import Any

from django.utils.translation import gettext_lazy as _

from quizzes.interchange.files import TextFile
from quizzes.interchange.joining import NotCertain, join_body
from quizzes.types import BodyProblems, canonical, question_type


@dataclass(frozen=True)
class ImportedQuestion:
    """A question read from a file. ``text`` is its stem, plain; ``line`` where it begins, from 1."""

    type: str
    name: str
    text: str
    category: str
    line: int
    body: dict[str, Any]
    external_id: str = ""
    tags: tuple[str, ...] = ()
    difficulty: str = ""
    # What a case of the same file calls it where it has no identifier.
    key: str = ""
    # Of a case: the identifiers or keys of its questions, in order.
    parts: tuple[str, ...] = ()
    # Of a question, while its file is read: by what its case is known there.
    case: str = ""
    # What a paper says that it is worth; a quiz says it anew.
    mark: str = ""

    @property
    def called(self) -> str:
        """By what a case of the same file names it; '' where it has neither identifier nor key."""
        return self.external_id or self.key

    def as_json(self) -> dict[str, Any]:
        return {"type": self.type, "name": self.name, "text": self.text, "category": self.category, "line": self.line}


@dataclass(frozen=True)
class ReadError:
    """What is wrong, and in which line."""

    line: int
    message: Any

    def as_json(self) -> dict[str, Any]:
        return {"line": self.line, "message": str(self.message)}


@dataclass
class ReadResult:
    """The whole file's answer."""

    questions: list[ImportedQuestion] = field(default_factory=list)
    errors: list[ReadError] = field(default_factory=list)
    # What was read in another way than it stands in the file: a person looks at it.
    warnings: list[ReadError] = field(default_factory=list)
    # The format as it was recognised or said.
    form: str = ""
    # The pictures and sounds that the texts name, by digest.
    files: dict[str, TextFile] = field(default_factory=dict)
    # The headings of a table whose meaning is not known; all of them where no table of questions was found.
    unknown: list[str] = field(default_factory=list)
    # The language in which the questions seem to be, where that is not the one that was said; else ''.
    other_language: str = ""
    # The imports whose other language this may be, the most alike first; set by the bank.
    first_languages: list[Any] = field(default_factory=list)
    # What a paper is called by its own first line; '' where it begins with something else.
    title: str = ""
    # The shape in which options of a Word paper stand out whose answers are not found otherwise; else ''.
    answers_in: str = ""


def category_path(path: str) -> str:
    """The path without the context in which another platform keeps it."""
    return re.sub(r"^(\$\w+\$/?)?(top(/|$))?", "", path.strip()).strip()


def join_languages(results: dict[str, ReadResult]) -> ReadResult:
    """Joins the files of two languages by external id; rows are joined by what carries the mark (``joining``).

    A question that stands in one file only stays as it is. What cannot be joined for certain is an error that names
    both lines, and why.
    """
    joined = ReadResult(errors=[error for result in results.values() for error in result.errors])
    for result in results.values():
        joined.files |= result.files
    by_id: dict[str, ImportedQuestion] = {}
    for language, result in results.items():
        for question in result.questions:
            key = question.external_id or f"#{language}:{question.line}:{question.name}"
            first = by_id.get(key)
            if first is None:
                by_id[key] = question
                continue
            try:
                body = canonical(join_body(first.body, question.body, language))
                question_type(first.type).parse(body)
            except (NotCertain, BodyProblems) as why:
                joined.errors.append(_does_not_fit(question, first.line, why))
                continue
            by_id[key] = replace(first, body=body)
    joined.questions = list(by_id.values())
    return joined


def _does_not_fit(question: ImportedQuestion, line: int, why: Exception) -> ReadError:
    message = _("“%(id)s” does not fit the other language's question in line %(line)s: %(why)s.")
    return ReadError(question.line, message % {"id": question.external_id, "line": line, "why": why})
