"""Prints the demo's logins, as ./run shows them."""

import unicodedata
from itertools import batched
from typing import Any

from django.core.management.base import BaseCommand

from academy.demo.bank import LOGINS, PASSWORD

# Wide enough for the longest, and two stand in a line.
COLUMN = 54


class Command(BaseCommand):
    help = "Prints the logins of the demo."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"Demo logins (password {PASSWORD}):")
        told = [f"  {login.number}  {login.says_en} · {login.says}" for login in LOGINS]
        for pair in batched(told, 2):
            self.stdout.write("".join(text + " " * (COLUMN - _columns(text)) for text in pair).rstrip())


def _columns(text: str) -> int:
    """As a terminal counts: a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)
