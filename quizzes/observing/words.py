"""Words that people write about an observation, as they may be stored."""

from django.utils.translation import gettext as _

from academy.errors.refusals import RuleViolation
from quizzes.types.checking import unprintable


class WordsMissing(RuleViolation):
    """Nothing was said where words are needed: the screen leads to their box."""


def said(text: str, *, limit: int, needed: str = "") -> str:
    """The words without the space around them. Raises ``RuleViolation``: too long, not storable, or ``needed`` and none."""
    text = text.strip()
    if needed and not text:
        raise WordsMissing(needed)
    if len(text) > limit:
        raise RuleViolation(_("At most %(count)s characters.") % {"count": limit})
    if unprintable(text):
        raise RuleViolation(_("There is a character that cannot be stored."))
    return text
