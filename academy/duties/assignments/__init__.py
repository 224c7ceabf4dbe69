"""Assignments: who is told to do what by when, followed as people move.

The concrete models stand on the upper floors, a course there and a track there; they register here, so that one rule
evaluates, extends and withdraws all of them, and one set of screens shows them.
"""

from django.utils.translation import gettext_lazy as _

from academy.calendar.turns import register_turns
from academy.models import Assignment

ASSIGNMENT_KINDS: dict[str, type[Assignment]] = {}


def register_assignments(model: type[Assignment]) -> type[Assignment]:
    """Makes a kind of assignment known."""
    ASSIGNMENT_KINDS[model.kind] = model
    register_turns(turns_name(model), label=_("Assignments follow people"), model=model, tries=3)
    # Courses before tracks, whichever floor registers first.
    ordered = sorted(ASSIGNMENT_KINDS.items())
    ASSIGNMENT_KINDS.clear()
    ASSIGNMENT_KINDS.update(ordered)
    return model


def turns_name(model: type[Assignment]) -> str:
    return f"follow people: {model.kind}"
