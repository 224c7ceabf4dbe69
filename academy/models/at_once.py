"""Names and numbers that a rule chooses from what stands, where somebody else may choose the same at the same moment."""

from collections.abc import Callable
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max

# So many who choose the same at the same moment each get their own; it ends, should the rows refuse for another reason.
TRIES = 20


def chosen_again[Row](write: Callable[[], Row], *, lost: Callable[[], bool]) -> Row:
    """What ``write`` gives, which chooses and writes; where the database refuses that it chooses again from what stands
    then. ``lost`` says after a refusal whether it was because somebody else chose the same."""
    for tries_left in reversed(range(TRIES)):
        try:
            with transaction.atomic():
                return write()
        except IntegrityError:
            if not tries_left or not lost():
                raise
    raise AssertionError("the last try gives a row or raises")


def last_number(rows: Any) -> int:
    """The highest number that rows have, 0 without any."""
    highest: int | None = rows.aggregate(last=Max("number"))["last"]
    return highest or 0


def written_as_next[Row](rows: Any, write: Callable[[int], Row]) -> Row:
    """What ``write`` gives with the number after the last of the rows."""
    last = last_number(rows)

    def behind() -> bool:
        nonlocal last
        before, last = last, last_number(rows)
        return last != before

    return chosen_again(lambda: write(last + 1), lost=behind)
