"""Makes a person a superuser, or ends it, with an entry in the journal."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from academy.models import User
from academy.staff.facts import set_superuser


class Command(BaseCommand):
    help = "Makes a person a superuser, or ends it. Changed by SQL instead, verify_journal names the person."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("staff_number")
        parser.add_argument("--end", action="store_true", help="Take it away.")
        parser.add_argument("--reason", required=True, help="Why; it stands in the journal.")

    def handle(self, *args: Any, staff_number: str, end: bool, reason: str, **options: Any) -> None:
        with transaction.atomic():
            person = User.objects.select_for_update().filter(staff_number=staff_number).first()
            if person is None:
                raise CommandError(f"Nobody has the staff number {staff_number}.")
            set_superuser(person=person, holds=not end, reason=reason, now=timezone.now())
        self.stdout.write(f"{person}: {'superuser' if person.is_superuser else 'no superuser'}.")
