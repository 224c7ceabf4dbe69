"""When the question of a lesson lets the lesson count: answered right, or explained twice. Pure; what is stored is a fact.

A wrong answer is explained by what it overlooks, without the key; the second one by the key. The same answer sent again
is no second try.
"""

from dataclasses import dataclass

EXPLANATIONS = 2


@dataclass(frozen=True)
class CheckStand:
    """How often an answer was explained, and whether the question lets its lesson count."""

    explained: int = 0
    settled: bool = False


def after_answer(stand: CheckStand, *, right: bool, repeated: bool, silent: bool) -> CheckStand:
    """The stand with one answer more. A settled question stays settled.

    ``silent``: nothing may be said of the answer just now. It settles then, right or wrong, or the lesson would tell.
    """
    explained = stand.explained + (not right and not repeated and not silent)
    return CheckStand(explained, stand.settled or right or silent or explained >= EXPLANATIONS)
