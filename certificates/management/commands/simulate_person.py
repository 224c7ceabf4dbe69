"""What will happen to a person by a day, if nothing comes or if given evidence does. Writes nothing."""

import json
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone, translation

from academy.calendar.clock import local_day
from academy.dates.periods import add_months
from academy.models import User
from certificates.award.foreseeing import Given, foresee

# The years ahead that are looked at, at most: nobody knows the rules of then.
LONGEST_MONTHS = 120


class Command(BaseCommand):
    help = (
        "Prints what will happen to a person until a day: windows, last valid days, lapses, and what is awarded. "
        "--given course:CODE@DATE (also quiz, dialogue, taught, observed, recommended, document, hours:48@DATE) adds evidence."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("staff_number")
        parser.add_argument("--until", required=True, help="YYYY-MM-DD")
        parser.add_argument("--given", action="append", default=[], metavar="KIND:CODE@DATE")
        parser.add_argument("--approve", action="store_true", help="HR awards on the day on which everything is there")
        parser.add_argument("--json", action="store_true")
        parser.add_argument("--language", default="en", choices=["en", "zh-hans"])

    def handle(self, *args: Any, **options: Any) -> None:
        today = local_day(timezone.now())
        person = User.objects.filter(staff_number=options["staff_number"]).first()
        if person is None:
            raise CommandError(f"Nobody has the staff number {options['staff_number']}.")
        last = _day(options["until"])
        if not today <= last <= add_months(today, LONGEST_MONTHS):
            raise CommandError(f"--until lies between {today} and {add_months(today, LONGEST_MONTHS)}.")
        given = [_given(text) for text in options["given"]]
        with translation.override(options["language"]):
            try:
                events = foresee(person=person, first=today, last=last, given=given, approving=options["approve"])
            except LookupError as unknown:
                raise CommandError(f"Nothing is called {unknown.args[0]}.") from None
        if options["json"]:
            rows = [
                {"on": str(event.on), "event": event.code, "track": event.track, "words": event.words}
                for event in events
            ]
            self.stdout.write(json.dumps(rows, ensure_ascii=False))
            return
        for event in events:
            self.stdout.write(f"{event.on}  {event.words}")
        if not events:
            self.stdout.write(f"Nothing happens until {last}.")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise CommandError(f"{text!r} is no day; write YYYY-MM-DD.") from None


def _given(text: str) -> Given:
    what, at, day = text.rpartition("@")
    kind, colon, about = what.partition(":")
    if not (at and colon and about):
        raise CommandError(f"{text!r} is no evidence; write KIND:CODE@YYYY-MM-DD.")
    if kind == "hours":
        try:
            Decimal(about)
        except InvalidOperation:
            raise CommandError(f"{about!r} is no number of hours.") from None
    return Given(kind, about, _day(day))
