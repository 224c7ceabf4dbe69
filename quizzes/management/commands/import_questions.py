"""Reads a question file into a bank."""

import json
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from quizzes.bank.comparing import CHANGED, MATCHES, NEW, UNCHANGED
from quizzes.bank.import_runs import import_at_once, other_language_refusal
from quizzes.bank.importing import Imported, read_file, store_questions
from quizzes.bank.other_language import join_paper
from quizzes.interchange import FORMATS, ReadResult, Undecodable
from quizzes.models import QuestionImport


class Command(BaseCommand):
    help = "Imports questions. With errors nothing is written and the exit status is 1, unless --skip-errors."
    # The checks load every page of the admin, a quarter of what a large import takes; nothing here serves one.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file")
        parser.add_argument("--bank", required=True, help="short name of the bank; an unknown one is created")
        parser.add_argument("--format", choices=sorted(FORMATS), default="", help="else recognised")
        parser.add_argument(
            "--language", choices=[code for code, _name in settings.LANGUAGES], default=settings.LANGUAGE_CODE
        )
        parser.add_argument("--encoding", default="")
        parser.add_argument(
            "--match",
            choices=MATCHES,
            default="id",
            help="name: a question without an identifier writes over the one of the same name and type",
        )
        parser.add_argument(
            "--other-language-of",
            type=int,
            metavar="IMPORT",
            help="number of the import whose questions the file brings in the other language, each at its place",
        )
        parser.add_argument("--skip-errors", action="store_true")
        parser.add_argument("--dry-run", action="store_true")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        path = Path(options["file"])
        try:
            data = sys.stdin.buffer.read() if options["file"] == "-" else path.read_bytes()
            result = read_file(data, form=options["format"], language=options["language"], encoding=options["encoding"])
        except (OSError, Undecodable) as problem:
            if options["json"]:
                answer = {"questions": [], "errors": [{"line": 0, "message": str(problem)}], "created": 0, "updated": 0}
                self.stdout.write(json.dumps(answer, ensure_ascii=False))
                sys.exit(1)
            raise CommandError(str(problem)) from None
        self._join(result, options)
        done, noted = _stored(result, Path(options["file"]).name, options)
        result = done.result
        if options["json"]:
            answer = {**_answer(done), "import": noted.pk if noted is not None else None}
            self.stdout.write(json.dumps(answer, ensure_ascii=False))
        else:
            for error in result.errors:
                self.stderr.write(f"line {error.line}: {error.message}")
            self.stdout.write(
                f"{len(result.questions)} questions read, {len(result.errors)} errors; "
                f"{done.created} created, {done.updated} updated in {options['bank']}, "
                f"{len(done.comparison.of(UNCHANGED))} unchanged, {len(done.comparison.doubled)} possible doubles"
            )
            for row in done.comparison.doubled:
                for double in row.doubles:
                    where = f"line {double.line}" if double.line else f"question {double.number}"
                    self.stdout.write(f"possible double: line {row.question.line} of {where}: {row.question.text[:60]}")
            if noted is not None:
                self.stdout.write(f"import {noted.pk}")
        if result.errors and not options["skip_errors"]:
            sys.exit(1)

    def _join(self, result: ReadResult, options: dict[str, Any]) -> None:
        number = options["other_language_of"]
        if number is None:
            return
        refusal = other_language_refusal(number=number, bank_slug=options["bank"], language=options["language"])
        if refusal:
            raise CommandError(refusal)
        join_paper(result, QuestionImport.objects.get(pk=number))


def _stored(result: ReadResult, name: str, options: dict[str, Any]) -> tuple[Imported, QuestionImport | None]:
    facts = {"result": result, "bank_slug": options["bank"], "language": options["language"], "now": timezone.now()}
    said = {"match": options["match"], "skip_errors": options["skip_errors"]}
    if options["dry_run"]:
        return store_questions(**facts, **said, actor=None, dry_run=True), None
    return import_at_once(**facts, **said, name=name)


def _answer(done: Imported) -> dict[str, Any]:
    """What was read, what became of it, and what may be double."""
    comparison = done.comparison
    return {
        "questions": [question.as_json() for question in done.result.questions],
        "rows": [
            {
                "line": row.question.line,
                "id": row.question.external_id,
                "fate": row.fate,
                "mark": row.question.mark,
            }
            for row in comparison.rows
        ],
        "format": done.result.form,
        "errors": [error.as_json() for error in done.result.errors],
        "warnings": [warning.as_json() for warning in done.result.warnings],
        "possible_doubles": [row.doubles_as_json() for row in comparison.doubled],
        "new": len(comparison.of(NEW)),
        "changed": len(comparison.of(CHANGED)),
        "unchanged": len(comparison.of(UNCHANGED)),
        "created": done.created,
        "updated": done.updated,
    }
