"""Assignments: who is told to do what by when, followed as people move.

The concrete models stand on the upper floors, a course there and a track there; they register here, so that one rule
evaluates, extends and withdraws all of them, and one set of screens shows them.
"""

from academy.models import Assignment

KINDS: dict[str, type[Assignment]] = {}


def register_assignments(model: type[Assignment]) -> type[Assignment]:
    """Makes a kind of assignment known."""
    KINDS[model.kind] = model
    # Courses before tracks, whichever floor registers first.
    ordered = sorted(KINDS.items())
    KINDS.clear()
    KINDS.update(ordered)
    return model
