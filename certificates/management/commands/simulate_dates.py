"""The date rule on its own: what a completion on a day would give."""

import json
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from academy.calendar.clock import local_day
from certificates.rules.dates import certification_dates, parse_months


class Command(BaseCommand):
    help = "Prints the dates of a certification completed on a day."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--mode", choices=["completion", "expiry", "fixed"], required=True)
        parser.add_argument("--active", required=True, help="12m, 1y or P1Y")
        parser.add_argument("--window", default="0m")
        parser.add_argument("--minimum", default=None, help="fixed mode only; the window when left out")
        parser.add_argument("--completed", default=None, help="YYYY-MM-DD; today when left out")
        parser.add_argument("--due", default=None, help="the day by which an assignment asks for it")
        parser.add_argument(
            "--expiry",
            "--baseline",
            default=None,
            help="the current expiry: the first day no longer valid. Totara calls it the baseline",
        )
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            active, window = parse_months(options["active"]), parse_months(options["window"])
            minimum = parse_months(options["minimum"]) if options["minimum"] else window
            completed, due, expiry = (
                date.fromisoformat(options[name]) if options[name] else None for name in ("completed", "due", "expiry")
            )
        except ValueError as problem:
            raise CommandError(str(problem)) from None
        if window >= active or not 0 <= minimum <= active:
            raise CommandError("The window must be shorter than the active period, and the minimum not longer than it.")
        found = certification_dates(
            mode=options["mode"],
            completed_on=completed or local_day(timezone.now()),
            active=active,
            window=window,
            minimum=minimum,
            due=due,
            expiry=expiry,
        )
        values = {
            "mode": options["mode"],
            "completed": str(found.valid_from),
            "valid_from": str(found.valid_from),
            "expires": str(found.expires),
            "valid_through": str(found.valid_through),
            "window_opens": str(found.renew_from),
            "renew_from": str(found.renew_from),
        }
        if options["json"]:
            self.stdout.write(json.dumps(values))
        else:
            for name, value in values.items():
                self.stdout.write(f"{name.replace('_', ' ')}: {value}")
