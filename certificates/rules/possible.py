"""From when something can be met that only time brings, in words. Pure."""

from datetime import date

from django.utils.translation import gettext as _


def possible_words(possible: date, held_through: date | None = None) -> str:
    """``held_through`` is the last day of the level whose months are counted: where it ends before, it has to be renewed."""
    if held_through is not None and held_through < possible:
        return _("Possible from %(day)s, if it is renewed by %(through)s.") % {
            "day": possible.isoformat(),
            "through": held_through.isoformat(),
        }
    return _("Possible from %(day)s.") % {"day": possible.isoformat()}
