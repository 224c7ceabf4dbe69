"""The exams' own questions as these tests read them: no database, the same readers as the loader."""

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from academy.house_rules.formatting import Text, said
from academy.house_rules.quoting import codes_in, filled
from courses.starter.exam_pools import CaseFile, read_case_files, read_questions
from courses.starter.loading import FOLDER
from quizzes.interchange.base import ImportedQuestion

LANGUAGES = ("zh-hans", "en")
EXAMS = FOLDER / "exams"


@functools.cache
def house_rules() -> dict[str, dict[str, Text]]:
    """By code what a rule says in each scope of the file, '' the whole bank."""
    found: dict[str, dict[str, Text]] = {}
    for spec in yaml.safe_load((FOLDER / "house_rules.yaml").read_text(encoding="utf-8")):
        for one in [{"value": spec["value"]}, *spec.get("scopes", [])]:
            value = one["value"]
            words = (value["zh-hans"], value["en"]) if isinstance(value, dict) else (str(value),)
            scope = one.get("line") or one.get("branch") or ""
            found.setdefault(spec["code"], {})[scope] = said(spec["unit"], *words)
    return found


def bank_values() -> dict[str, Text]:
    return {code: scopes[""] for code, scopes in house_rules().items()}


@dataclass(frozen=True)
class Level:
    """One folder of exam questions."""

    folder: Path

    @property
    def code(self) -> str:
        return self.folder.name

    @functools.cached_property
    def questions(self) -> list[ImportedQuestion]:
        return read_questions(self.folder)

    @functools.cached_property
    def cases(self) -> list[CaseFile]:
        return read_case_files(self.folder)

    @functools.cached_property
    def filled(self) -> dict[str, dict[str, Any]]:
        """By identifier each body as the whole bank reads it."""
        return {question.external_id: filled(question.body, bank_values()) for question in self.questions}

    def singles(self) -> Iterator[tuple[str, list[dict[str, Any]]]]:
        """Identifier and options of each single choice, filled."""
        for question in self.questions:
            if question.type == "single":
                yield question.external_id, self.filled[question.external_id]["options"]

    def printed(self, imported_question: ImportedQuestion) -> frozenset[str]:
        """The house rules that the question says before it is answered: in its stem, or in its case."""
        heads = [case.head.body for case in self.cases if imported_question.external_id in case.head.parts]
        return codes_in([imported_question.body["stem"], *(head["stem"] for head in heads)])


def asked(imported_question: ImportedQuestion) -> frozenset[str]:
    """The house rules that its right options or answers are."""
    rows = [*imported_question.body.get("options", []), *imported_question.body.get("answers", [])]
    return codes_in([row.get("text") for row in rows if Decimal(str(row.get("fraction", 0))) > 0])


@functools.cache
def levels() -> tuple[Level, ...]:
    return tuple(Level(path) for path in sorted(EXAMS.glob("*")) if (path / "questions.en.gift").exists())
