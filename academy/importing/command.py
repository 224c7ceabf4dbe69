"""The import on the command line: check, and write when there is nothing to mend."""

import hashlib
import json
import sys
import tempfile
from collections.abc import Collection, Iterable
from contextlib import nullcontext
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import override

from academy.calendar.clock import local_day
from academy.errors.refusals import RuleViolation
from academy.importing.checking import Check
from academy.importing.columns import recognise
from academy.importing.faults import FileRefused
from academy.importing.kinds import FILE_KINDS, Context
from academy.importing.reading import SIZE_LIMIT, Source
from academy.importing.values import DAY_FIRST, MONTH_FIRST
from academy.importing.writing import import_lease, record_import, write_rows


class ImportCommand(BaseCommand):
    """The base of ``import_staff`` and its kin; ``kind`` names the kind of file."""

    kind = ""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", help="CSV or XLSX; - reads standard input")
        parser.add_argument("--encoding", default="", help="of a CSV that is neither UTF-8 nor has a byte order mark")
        parser.add_argument("--dry-run", action="store_true", help="check only, write nothing")
        parser.add_argument("--json", action="store_true", help="one line of JSON on standard output")
        parser.add_argument(
            "--effective", default="", metavar="DATE", help="day from which changes are in force; today"
        )
        parser.add_argument(
            "--day-order",
            default="",
            choices=["", DAY_FIRST, MONTH_FIRST],
            help="which comes first in days like 03/04/2024; without it such a day is an error",
        )
        asked = FILE_KINDS[self.kind].asked_for_new if self.kind in FILE_KINDS else ()
        if asked:
            parser.add_argument(
                "--for-new",
                default=[],
                action="append",
                metavar="KEY=VALUE",
                help=f"what holds for new people where the file has no such column: {', '.join(asked)}",
            )
        if FILE_KINDS.get(self.kind) and FILE_KINDS[self.kind].may_be_complete:
            parser.add_argument("--complete", action="store_true", help="whoever is not in the file has left the bank")

    def handle(self, *args: Any, **options: Any) -> None:
        with override(settings.LANGUAGE_CODE), tempfile.TemporaryDirectory(prefix="academy-import-") as folder:
            answer = self._run(options, Path(folder))
        if options["json"]:
            self.stdout.write(json.dumps(answer, ensure_ascii=False))
        else:
            for error in answer["errors"]:
                self.stderr.write(f"row {error['row']}, {error['column']}: {error['message']}")
            self.stdout.write(
                f"{answer['rows']} rows, {len(answer['errors'])} errors; {answer['created']} created, "
                f"{answer['updated']} updated, {answer['unchanged']} unchanged"
                + (" (nothing was written)" if options["dry_run"] or answer["errors"] else "")
            )
        if answer["errors"]:
            sys.exit(1)

    def _run(self, options: dict[str, Any], folder: Path) -> dict[str, Any]:
        answer: dict[str, Any] = {"rows": 0, "created": 0, "updated": 0, "unchanged": 0, "errors": []}
        now = timezone.now()
        context = Context(
            now=now,
            today=local_day(now),
            effective_on=_day(options["effective"]),
            complete=options.get("complete", False),
            day_order=options["day_order"],
            for_new=_for_new(options.get("for_new", ()), FILE_KINDS[self.kind].asked_for_new),
        )
        try:
            path = _stored(options["file"], folder)
            with nullcontext() if options["dry_run"] else import_lease():
                kind_class = FILE_KINDS[self.kind]
                check = Check(kind_class(context), folder / "rows")
                with Source(path, encoding=options["encoding"]) as source:
                    check.read(source, recognise(source, kind_class.columns))
                for _change in check.compare():
                    pass
                faults = sorted(check.faults.found, key=lambda fault: fault.row)
                for _part, row, text in check.left_out:
                    self.stderr.write(f"row {row} is left out: {text}")
                answer.update(rows=check.rows, errors=[fault.as_json() for fault in faults])
                if options["dry_run"] or not faults:
                    answer.update(created=check.created, updated=check.updated, unchanged=check.unchanged)
                if not faults and not options["dry_run"] and (check.created or check.updated):
                    kind = kind_class(context)
                    write_rows(kind, check.spool)
                    with path.open("rb") as file:
                        digest = hashlib.file_digest(file, "sha256").hexdigest()
                    record_import(
                        kind=kind,
                        about="",
                        actor=None,
                        facts={"file": Path(options["file"]).name, "sha256": digest, **check.counts},
                    )
        except FileRefused as refusal:
            answer["errors"] = [{"row": 0, "column": "", "message": str(refusal.message)}]
        except RuleViolation as refusal:
            raise CommandError(str(refusal.message)) from None
        except OSError as problem:
            raise CommandError(f"{options['file']}: {problem.strerror or problem}") from None
        return answer


def _stored(name: str, folder: Path) -> Path:
    """Standard input is put into a file first, since rows are read more than once."""
    if name != "-":
        return Path(name)
    path = folder / "input"
    with path.open("wb") as file:
        size = 0
        while chunk := sys.stdin.buffer.read(1 << 20):
            size += len(chunk)
            if size > SIZE_LIMIT:
                break
            file.write(chunk)
        file.truncate()
    if size > SIZE_LIMIT:
        raise FileRefused(f"The file is larger than {SIZE_LIMIT // 1024 // 1024} MB.")
    return path


def _for_new(said: Iterable[str], asked: Collection[str]) -> dict[str, str]:
    found = dict(pair.split("=", 1) for pair in said if "=" in pair)
    if len(found) != len(list(said)) or not set(found) <= set(asked):
        raise CommandError(f"--for-new: write KEY=VALUE, with one of {', '.join(asked)}.")
    return found


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise CommandError(f"--effective {text}: write it as 2026-12-01.") from None
