"""Writes everything into one file, while people work."""

import sqlite3
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError
from django.utils import timezone

from academy.operations.backup import write_backup


class Command(BaseCommand):
    help = "Writes the database, private and public files into FILE; of the keys it holds the ids only."
    # Half of a start; the web server does not run them either, and ``check`` is an operator's to run.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        if file.exists():
            raise CommandError(f"{file} exists. A backup overwrites nothing: name another file.")
        try:
            done = write_backup(file=file, now=timezone.now())
        except (OSError, sqlite3.Error, DatabaseError) as fault:
            raise CommandError(f"{file} was not written: {fault}") from fault
        self.stdout.write(
            f"{file}: {done['rows']} rows of {done['tables']} tables, {done['files']} files. "
            "Keep SECRET_KEY and JOURNAL_KEY (with JOURNAL_KEYS_OLD) apart from it: without them it cannot be restored."
        )
