"""Prints the demo's logins, as ./run shows them."""

from typing import Any

from django.core.management.base import BaseCommand

from academy.demo.bank import LOGINS, PASSWORD


class Command(BaseCommand):
    help = "Prints the logins of the demo."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"Demo logins (password {PASSWORD}):")
        for one in LOGINS:
            self.stdout.write(f"  {one.number}  {one.name}  {one.says_en} · {one.says}")
