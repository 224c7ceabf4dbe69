"""Writes a bank's questions into a file."""

import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from quizzes.bank.exporting import WRITERS, export_bank, exportable, kept_back
from quizzes.models import QuestionBank


class Command(BaseCommand):
    help = (
        "Exports a bank, lossless for what the format can hold. A question that the format has no form for is left out "
        "and named on standard error. So is, unnamed, what is kept for exams: an exam pool leaves by the admin only, "
        "with a second person."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--bank", required=True, help="short name of the bank")
        parser.add_argument("--format", choices=sorted(WRITERS), required=True)
        parser.add_argument(
            "--language", choices=[code for code, _name in settings.LANGUAGES], default=settings.LANGUAGE_CODE
        )
        parser.add_argument("--output", required=True, metavar="FILE", help="- writes to standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        bank = QuestionBank.objects.filter(slug=options["bank"]).first()
        if bank is None:
            raise CommandError(f"There is no question bank {options['bank']!r}.")
        written = export_bank(bank=bank, form=options["format"], language=options["language"], now=timezone.now())
        for name, reason in written.left_out:
            self.stderr.write(f"left out: {name}: {reason}")
        kept = kept_back(bank).count()
        if kept:
            self.stderr.write(
                f"left out: {kept} questions kept for exams. An exam keeper exports an exam pool in the admin, on the page "
                "of its category, with a second person."
            )
        if options["output"] == "-":
            if written.data:
                sys.stdout.buffer.write(written.data)
            else:
                sys.stdout.write(written.text)
            return
        try:
            Path(options["output"]).write_bytes(written.content)
        except OSError as fault:
            raise CommandError(str(fault)) from None
        self.stdout.write(f"{exportable(bank).count() - len(written.left_out)} questions written")
