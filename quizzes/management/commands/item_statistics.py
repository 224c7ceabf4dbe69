"""What marks say of questions: those of a file, or of a quiz."""

import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import override

from academy.calendar.clock import local_day
from academy.importing.faults import CellFault, FileRefused
from quizzes.models import Quiz
from quizzes.statistics.answers import counted_attempts, quiz_marks
from quizzes.statistics.choices import answers_made
from quizzes.statistics.differential import Differential
from quizzes.statistics.groups import compare_groups, group_condition
from quizzes.statistics.marks_file import MarksRead, number_of, read_marks
from quizzes.statistics.report import QuizReport, quiz_report_json, quiz_report_lines, report_json, report_lines
from quizzes.statistics.times import seconds_spent


class Command(BaseCommand):
    help = (
        "Prints the statistics of a quiz and its questions out of a table of marks (CSV or XLSX): a heading, then one "
        "row an attempt. Columns slots.1.mark, slots.2.mark … are read; without such, all but the attempt's number "
        "and the sum. An empty cell says that the paper did not hold the question. With --quiz the same of a quiz here, "
        "each version of a question by itself. Exit status 1 with an error."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="MARKS", nargs="?")
        parser.add_argument("--quiz", default="", metavar="CODE", help="a quiz of the academy instead of a file")
        parser.add_argument(
            "--max-marks", nargs="+", default=[], metavar="MARK", help="one for each question, or one for all: 1,1,2"
        )
        parser.add_argument(
            "--guess-scores", nargs="+", default=[], metavar="SHARE", help="what guessing earns of each mark: 0.25,0.5"
        )
        parser.add_argument(
            "--compare",
            nargs="+",
            default=[],
            metavar="GROUP",
            help="with --quiz: one group with the others, or two: language:en, line:retail, branch:BJ0000",
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
        if not options["file"] and not options["quiz"] and len(options["max_marks"]) > 1:
            # Maxima apart by spaces take the file that stands after them, too.
            *options["max_marks"], options["file"] = options["max_marks"]
        if bool(options["file"]) == bool(options["quiz"]):
            raise CommandError("Name a file of marks or --quiz, one of them.")
        if options["quiz"]:
            self._report_quiz(options)
        else:
            self._report_file(options)

    def _report_quiz(self, options: dict[str, Any]) -> None:
        quiz = Quiz.objects.filter(code=options["quiz"]).first()
        if quiz is None:
            raise CommandError(f"There is no quiz {options['quiz']}.")
        groups = _groups(quiz, options["compare"])
        attempts = list(counted_attempts(quiz))
        report = QuizReport(quiz_marks(quiz), answers_made(attempts), groups, seconds_spent(attempts))
        self._print(lambda: quiz_report_json(report), lambda: quiz_report_lines(report), as_json=options["json"])

    def _report_file(self, options: dict[str, Any]) -> None:
        if not options["max_marks"]:
            raise CommandError("--max-marks is needed with a file.")
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
            read, errors = MarksRead(), [{"line": 0, "column": "", "message": str(refusal.message)}]
        except OSError as problem:
            raise CommandError(f"{options['file']}: {problem.strerror or problem}") from None
        table = read.table
        if errors or table is None:
            self._say(errors, as_json=options["json"])
            sys.exit(1)
        self._print(lambda: report_json(table), lambda: report_lines(table), as_json=options["json"])

    def _print(
        self, answer: Callable[[], dict[str, Any]], lines: Callable[[], Iterable[str]], *, as_json: bool
    ) -> None:
        if as_json:
            self.stdout.write(json.dumps(answer(), ensure_ascii=False))
        else:
            self.stdout.write("\n".join(lines()))

    def _say(self, errors: list[dict[str, Any]], *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps({"errors": errors}, ensure_ascii=False))
            return
        for error in errors:
            place = f"line {error['line']}, column {error['column']}: " if error["column"] else ""
            self.stderr.write((place or (f"line {error['line']}: " if error["line"] else "")) + error["message"])


def _groups(quiz: Quiz, names: Sequence[str]) -> Mapping[int, Differential]:
    if not names:
        return {}
    if len(names) > 2:
        raise CommandError("--compare takes one group or two.")
    today = local_day(timezone.now())
    try:
        first, second = (group_condition(name, today) for name in [*names, ""][:2])
    except LookupError as unknown:
        raise CommandError(f"--compare: there is no group {unknown}.") from None
    return compare_groups(quiz=quiz, focal=first, reference=second)


def _numbers(said: Iterable[str], option: str) -> list[Fraction]:
    """Numbers apart by commas or spaces."""
    texts = [text for part in said for text in part.replace("，", ",").replace(",", " ").split() or [""]]
    try:
        return [number_of(text) for text in texts]
    except CellFault as fault:
        raise CommandError(f"{option}: {fault.message}") from None
