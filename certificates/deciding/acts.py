"""What can be decided, by the code of the act: each refuses with a ``RuleViolation`` or writes for one person."""

from collections.abc import Callable

from certificates.deciding import ending, extending, giving, waiving
from certificates.deciding.cases import DecisionCase
from certificates.deciding.making import Making
from certificates.deciding.plan import (
    ACCEPT,
    AWARD,
    CORRECT,
    END,
    EXTEND,
    LOWER,
    REINSTATE,
    REVOKE,
    TAKE_BACK,
    WAIVE,
)
from certificates.models import Decision

# Handed the case as it stood before, under the person's lock; gives the decisions written, the one about the level first.
type Maker = Callable[[Making, DecisionCase], list[Decision]]

MAKERS: dict[str, Maker] = {
    WAIVE: waiving.waive,
    ACCEPT: waiving.accept,
    EXTEND: extending.extend,
    AWARD: giving.award,
    REVOKE: ending.revoke,
    REINSTATE: giving.reinstate,
    LOWER: ending.lower,
    END: ending.end,
    CORRECT: giving.correct,
    TAKE_BACK: waiving.take_back,
}
