"""What a manager writes about a person: sent, noted, and never empty; and until when it is undone with a press."""

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from academy.calendar.clock import local_day
from academy.errors.refusals import RuleViolation
from academy.models import User
from academy.staff.access import team_of

WORDS_LIMIT = 500


def checked_words(words: str) -> str:
    """Raises ``RuleViolation`` where nothing is said, or too much."""
    words = words.strip()
    if not words:
        raise RuleViolation(_("Write a message: it is sent and noted."))
    if len(words) > WORDS_LIMIT:
        raise RuleViolation(_("At most %(count)s characters.") % {"count": WORDS_LIMIT})
    return words


def words_of_taking_back(words: str, *, at_once: bool) -> str:
    """``at_once``, on its own day, an act is undone without a word; later it was relied on, so that a reason is asked for."""
    return words.strip()[:WORDS_LIMIT] if at_once else checked_words(words)


def in_team(*, manager: User, picked: Sequence[int], now: datetime) -> list[User]:
    """The picked people. Raises ``LookupError`` when one is not of the manager's team on the day."""
    people = list(team_of(manager, local_day(now)).filter(pk__in=picked))
    if len(people) != len(set(picked)):
        raise LookupError("not of the team")
    return people
