"""Writes the ZIP of certificates and register for a question."""

import os
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from academy.calendar.clock import local_day
from academy.journal import record
from academy.models import Branch, User
from certificates.models import CertificationTrack
from certificates.register.exporting import EXPORT, write_archive
from certificates.register.rows import RegisterQuery


class Command(BaseCommand):
    help = "Exports certificates as PDFs with register.xlsx and manifest.csv."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--track", default="")
        parser.add_argument("--branch", default="")
        parser.add_argument("--as-of", default="", help="YYYY-MM-DD; today when left out")
        parser.add_argument("--known-as-of", default="", help="moment in ISO form; now when left out")
        parser.add_argument("--output", required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        track, branch = options["track"], options["branch"]
        found = CertificationTrack.objects.filter(code__iexact=track).first() if track else None
        if track and found is None:
            raise CommandError(f"There is no track {track!r}.")
        if branch and not Branch.objects.filter(code=branch).exists():
            raise CommandError(f"There is no branch {branch!r}.")
        try:
            as_of = date.fromisoformat(options["as_of"]) if options["as_of"] else local_day(now)
            known = datetime.fromisoformat(options["known_as_of"]) if options["known_as_of"] else now
        except ValueError as problem:
            raise CommandError(str(problem)) from None
        if timezone.is_naive(known):
            known = timezone.make_aware(known)
        question = RegisterQuery(as_of=as_of, known_as_of=known, track=found.code if found else "", branch=branch)
        target = Path(options["output"])
        partial = target.with_name(target.name + ".part")
        faults: list[list[str]] = []
        try:
            with partial.open("wb") as file:
                count = write_archive(
                    target=file, question=question, people=User.objects.all(), limited=False, faults=faults
                )
                file.flush()
                os.fsync(file.fileno())
        except OSError as problem:
            raise CommandError(f"{target}: {problem}") from None
        partial.replace(target)
        with transaction.atomic():
            record(EXPORT, now=now, actor=None, after=question.to_json())
        self.stdout.write(f"{count - len(faults)} certificates in {target}")
        if faults:
            named = "\n".join(f"{serial} ({problem})" for serial, _number, _digest, problem in faults)
            raise CommandError(f"{len(faults)} stored documents are not in it; faults.csv names them:\n{named}")
