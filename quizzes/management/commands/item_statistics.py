"""What a table of marks says of its questions."""

import json
import sys
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import override

from academy.importing.faults import CellFault, FileRefused
from quizzes.statistics.marks_file import number_of, read_marks
from quizzes.statistics.report import report_json, report_lines


class Command(BaseCommand):
    help = (
        "Prints the statistics of a quiz and its questions out of a table of marks (CSV or XLSX): a heading, then one "
        "row an attempt. Columns slots.1.mark, slots.2.mark … are read; without such, all but the attempt's number "
        "and the sum. An empty cell says that the paper did not hold the question. Exit status 1 with an error."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="MARKS")
        parser.add_argument(
            "--max-marks", nargs="+", required=True, metavar="MARK", help="one for each question, or one for all: 1,1,2"
        )
        parser.add_argument(
            "--guess-scores", nargs="+", default=[], metavar="SHARE", help="what guessing earns of each mark: 0.25,0.5"
        )
        parser.add_argument("--encoding", default="", help="of a CSV that is neither UTF-8 nor has a byte order mark")
        parser.add_argument(
            "--language", choices=[code for code, _name in settings.LANGUAGES], default=settings.LANGUAGE_CODE
        )
        parser.add_argument("--json", action="store_true", help="one line of JSON on standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        with override(options["language"]):
            self._run(options)

    def _run(self, options: dict[str, Any]) -> None:
        try:
            read = read_marks(
                Path(options["file"]),
                max_marks=_numbers(options["max_marks"], "--max-marks"),
                guess_scores=_numbers(options["guess_scores"], "--guess-scores"),
                encoding=options["encoding"],
            )
            errors = [
                {"line": fault.row, "column": fault.column, "message": str(fault.message)} for fault in read.faults
            ]
        except FileRefused as refusal:
            errors = [{"line": 0, "column": "", "message": str(refusal.message)}]
        except OSError as problem:
            raise CommandError(f"{options['file']}: {problem.strerror or problem}") from None
        if errors or read.table is None:
            self._say(errors, as_json=options["json"])
            sys.exit(1)
        if options["json"]:
            self.stdout.write(json.dumps(report_json(read.table), ensure_ascii=False))
        else:
            for line in report_lines(read.table):
                self.stdout.write(line)

    def _say(self, errors: list[dict[str, Any]], *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps({"errors": errors}, ensure_ascii=False))
            return
        for error in errors:
            place = f"line {error['line']}, column {error['column']}: " if error["column"] else ""
            self.stderr.write((place or (f"line {error['line']}: " if error["line"] else "")) + error["message"])


def _numbers(said: Iterable[str], option: str) -> list[Fraction]:
    """Numbers apart by commas or spaces."""
    texts = [text for part in said for text in part.replace("，", ",").replace(",", " ").split() or [""]]
    try:
        return [number_of(text) for text in texts]
    except CellFault as fault:
        raise CommandError(f"{option}: {fault.message}") from None
