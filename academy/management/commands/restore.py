"""Stands up again from a backup."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from academy.operations.restoring import Refused, restore_backup


class Command(BaseCommand):
    help = "Restores FILE into an empty place. Stop web, worker and clock first."

    # They ask the database, which may not be there yet.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--replace", action="store_true", help="What is here makes way; its files are put aside.")

    def handle(self, *args: Any, file: Path, replace: bool, **options: Any) -> None:
        try:
            manifest = restore_backup(file=file, replace=replace, now=timezone.now())
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(
            f"Restored what stood at {manifest['made_at']}: {sum(manifest['rows'].values())} rows, "
            f"{len(manifest['files'])} files. Now prove it: manage.py verify_journal and manage.py verify_documents."
        )
