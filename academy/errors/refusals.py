"""What a rule raises when it says no."""

import re
import unicodedata
from collections.abc import Sized
from typing import Any

from django.utils.translation import gettext as _

# The tag of a message that its page shows beside the field it is about, and not in its head.
BESIDE = "beside"


class RuleViolation(Exception):
    """A refusal in words that the person can act on; shown as a message in one place, the middleware."""

    def __init__(self, message: Any) -> None:
        super().__init__(message)
        self.message = message


def refuse_nothing_ticked(ticked: Sized) -> None:
    """The one answer of a form for several rows that was sent with none: nothing happened, and what to do first."""
    if not ticked:
        raise RuleViolation(_("Nothing is ticked, so nothing was done. Tick rows of the list first."))


# As long as a telephone number; a date is written shorter, or with its parts set apart.
NUMBERED = re.compile(r"\d{7}|\d(?:[ -]?\d){8}")


def refuse_numbers(words: str) -> None:
    """Raises ``RuleViolation`` of words that hold what looks like somebody's telephone, identity or account number."""
    if NUMBERED.search(unicodedata.normalize("NFKC", words)):
        raise RuleViolation(_("Leave out telephone, identity and account numbers, then send it again."))
