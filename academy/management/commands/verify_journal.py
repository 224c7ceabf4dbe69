"""Proves the journal's chain, or names its first broken link."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from academy.journal import find_broken_link
from academy.models import JournalEntry


class Command(BaseCommand):
    help = "Walks the journal's chain of seals from the start. Exit status 1 at the first broken link."

    def handle(self, *args: Any, **options: Any) -> None:
        broken = find_broken_link()
        if broken is not None:
            raise CommandError(f"Journal entry {broken.entry_id} (number {broken.number}): {broken.problem}.")
        sealed = JournalEntry.objects.filter(number__isnull=False).count()
        waiting = JournalEntry.objects.filter(number=None).count()
        self.stdout.write(f"{sealed} entries sealed, the chain holds; {waiting} wait for the next tick.")
