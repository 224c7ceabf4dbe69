"""Reads and writes cases as YAML: a document each, both languages in one.

``code``, ``category``, ``title`` and ``stem`` ({zh-hans, en}, Markdown) and ``questions``: identifiers of questions that
the bank holds, or whole questions (``id``, ``name``, ``difficulty``, ``tags``, ``body``). What is written is read back as
it was.
"""

from collections.abc import Iterable
from typing import Any

import yaml
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from quizzes.interchange.base import ImportedQuestion, ReadError, ReadResult
from quizzes.interchange.gift_writer import Exported, Written
from quizzes.interchange.rich_writing import CannotBeWritten, refuse_files
from quizzes.types import BodyProblems, canonical, question_type
from quizzes.types.case import FEWEST, MOST, UNFIT_FOR_CASES
from quizzes.types.checking import LANGUAGES

LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
DUMPER: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
KEYS = {"code", "bank", "category", "title", "stem", "difficulty", "tags", "questions", "name"}
DEPTH = 12


class _Unread(Exception):
    """A place of the file that cannot be read, with its line."""

    def __init__(self, line: int, message: Any) -> None:
        super().__init__(str(message))
        self.line, self.message = line, message


def read_cases(text: str, *, language: str = "") -> ReadResult:
    """Every case of a file with the questions that it brings. Never raises: a fault is an error of its line."""
    result = ReadResult()
    try:
        lines = _lines_of_documents(text)
        documents = [document for document in yaml.load_all(text, Loader=LOADER) if document is not None]  # nosec B506
    except _Unread as unread:
        result.errors.append(ReadError(unread.line, unread.message))
        return result
    except (yaml.YAMLError, ValueError, RecursionError) as fault:
        mark = getattr(fault, "problem_mark", None)
        what = getattr(fault, "problem", None) or type(fault).__name__
        message = _("This is not YAML (%(what)s). A text that holds a comma, a colon or a bracket is put in quotes.")
        result.errors.append(ReadError(mark.line + 1 if mark else 1, message % {"what": what}))
        return result
    for line, data in zip(lines, documents, strict=False):
        try:
            result.questions += _read_document(data, line)
        except _Unread as unread:
            result.errors.append(ReadError(unread.line, unread.message))
        except BodyProblems as faults:
            result.errors += [ReadError(line, f"{place}: {message}") for place, message in faults.problems]
    return result


def _line_of(mark: Any) -> int:
    """As a person counts; the reader always has it, though its types leave it open."""
    return mark.line + 1


def _lines_of_documents(text: str) -> list[int]:
    """Where each document begins. Before anything is built: a file that nests or refers is not one of ours."""
    depth, lines = 0, []
    for event in yaml.parse(text, Loader=LOADER):
        line = _line_of(event.start_mark)
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise _Unread(line, _("References (“&” and “*”) are not read."))
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth == 1:
                lines.append(line)
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > DEPTH:
            raise _Unread(line, _("This is nested too deeply."))
    return lines


def _read_document(data: Any, line: int) -> list[ImportedQuestion]:
    if not isinstance(data, dict) or not data.get("code"):
        raise _Unread(line, _("A case begins with “code:”."))
    unknown = sorted(str(key) for key in data if key not in KEYS)
    if unknown:
        raise _Unread(line, _("“%(name)s” is not part of a case.") % {"name": unknown[0]})
    asked = data.get("questions")
    if not isinstance(asked, list) or not FEWEST <= len(asked) <= MOST:
        raise _Unread(line, _("A case has two to six questions."))
    category, parts = str(data.get("category") or ""), []
    brought = [_question(question, category, line) for question in asked if isinstance(question, dict)]
    for part in asked:
        parts.append(str(part.get("id") or "") if isinstance(part, dict) else str(part))
    if len(set(parts)) != len(parts) or not all(parts):
        raise _Unread(line, _("Each question of a case has an identifier of its own."))
    texts = {name: _texts(data.get(name) or {}, line) for name in ("title", "stem")}
    body = canonical({"type": "case", **texts, "feedback": {}})
    kind = question_type("case")
    parsed = kind.parse(body)
    head = ImportedQuestion(
        type="case",
        name=str(data.get("name") or kind.shown_stem(parsed, LANGUAGES[0]))[:255],
        text=kind.shown_stem(parsed, LANGUAGES[0]),
        category=category,
        line=line,
        body=body,
        external_id=str(data["code"])[:80],
        tags=_tags(data),
        difficulty=str(data.get("difficulty") or ""),
        parts=tuple(parts),
    )
    return [*brought, head]


def _question(data: dict[str, Any], category: str, line: int) -> ImportedQuestion:
    """A whole question, checked as its type asks. Raises ``BodyProblems``."""
    body = data.get("body")
    if not isinstance(body, dict) or not isinstance(body.get("type"), str):
        raise _Unread(line, _("A question of a case is an identifier, or has “id” and “body”."))
    body = canonical(body)
    try:
        kind = question_type(body["type"])
    except LookupError as unknown:
        raise _Unread(line, str(unknown)) from None
    if kind.code in UNFIT_FOR_CASES:
        raise _Unread(line, _("A case holds questions that are answered on the paper."))
    stem = kind.shown_stem(kind.parse(body), LANGUAGES[0])
    return ImportedQuestion(
        type=kind.code,
        name=str(data.get("name") or stem)[:255],
        text=stem,
        category=category,
        line=line,
        body=body,
        external_id=str(data.get("id") or "")[:80],
        tags=_tags(data),
        difficulty=str(data.get("difficulty") or ""),
    )


def _tags(data: dict[str, Any]) -> tuple[str, ...]:
    tags = data.get("tags") or []
    return tuple(str(tag) for tag in tags) if isinstance(tags, list) else (str(tags),)


def _texts(value: Any, line: int) -> dict[str, str]:
    if not isinstance(value, dict) or any(key not in LANGUAGES for key in value):
        raise _Unread(line, _("A text of a case is written as {zh-hans: …, en: …}."))
    return {key: str(text or "") for key, text in value.items()}


def write_cases(questions: Iterable[Exported], *, language: str = "") -> Written:
    """Every case with its questions, both languages in one."""
    rows, left_out = list(questions), []
    parts: dict[str, list[Exported]] = {}
    for row in rows:
        if row.case:
            parts.setdefault(row.case, []).append(row)
        elif row.type != "case":
            left_out.append((row.name, _t("It is neither a case nor part of one.")))
    documents = []
    for row in rows:
        if row.type != "case":
            continue
        mine = parts.get(row.external_id, [])
        if not FEWEST <= len(mine) <= MOST:
            left_out.append((row.name, _t("A case has two to six questions.")))
            continue
        try:
            for part in (row, *mine):
                refuse_files(part.body)
        except CannotBeWritten as reason:
            left_out.append((row.name, str(reason)))
            continue
        documents.append(yaml.dump(_document(row, mine), Dumper=DUMPER, allow_unicode=True, sort_keys=False, width=100))
    return Written("---\n".join(documents), left_out)


def _document(case: Exported, parts: list[Exported]) -> dict[str, Any]:
    return {
        "code": case.external_id,
        "name": case.name,
        **({"category": case.category} if case.category else {}),
        "difficulty": case.difficulty,
        **({"tags": list(case.tags)} if case.tags else {}),
        "title": canonical(case.body.get("title") or {}),
        "stem": canonical(case.body["stem"]),
        "questions": [
            {
                "id": part.external_id,
                "name": part.name,
                "difficulty": part.difficulty,
                **({"tags": list(part.tags)} if part.tags else {}),
                "body": canonical(part.body),
            }
            for part in parts
        ],
    }
