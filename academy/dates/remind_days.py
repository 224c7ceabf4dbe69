"""The days before a due date on which a reminder goes out, as a person types them."""

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

REMIND_DAYS = (90, 60, 30, 7)


MOST_REMINDERS, LONGEST_AHEAD = 8, 730


def read_remind_days(text: str) -> tuple[int, ...]:
    """ "90, 60, 30, 7" as numbers, the longest ahead first; empty means that nobody is reminded. Raises ``ValueError``."""
    parts = [part for part in re.split(r"[\s,，、;；]+", text.strip()) if part]
    if not all(part.isascii() and part.isdigit() for part in parts):
        raise ValueError(text)
    days = sorted({int(part) for part in parts}, reverse=True)
    if len(days) > MOST_REMINDERS or any(not 1 <= day <= LONGEST_AHEAD for day in days):
        raise ValueError(text)
    return tuple(days)


def check_remind_days(text: str) -> None:
    """The validator of a field of such days."""
    try:
        read_remind_days(text)
    except ValueError:
        raise ValidationError(
            _("Enter up to %(most)s numbers of days from 1 to %(longest)s, separated by commas: 90, 60, 30, 7."),
            params={"most": MOST_REMINDERS, "longest": LONGEST_AHEAD},
        ) from None
