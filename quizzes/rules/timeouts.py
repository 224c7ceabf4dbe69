"""Running out of time: the state an attempt steps into at a moment. Pure; page loads and the clock both take it.

The rows are those of Moodle's ``handle_if_time_expired``, in its order.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from quizzes.models import Attempt, Quiz

State = Attempt.State


@dataclass(frozen=True)
class Step:
    """Where an attempt stands after a look at it.

    ``check_at`` is the next moment the clock must look, None for never. ``closed_at`` is set when the answers are
    closed by this step: ``State.FINISHED`` means hand in what is stored, ``State.ABANDONED`` that it does not count.
    """

    state: str
    check_at: datetime | None = None
    closed_at: datetime | None = None


def end_of(
    *, started_at: datetime, time_limit: timedelta | None, closes_at: datetime | None, extra: timedelta
) -> datetime | None:
    """The end of an attempt: the earlier of start and limit, and closing; later by the minutes given. None: no end."""
    ends = [started_at + time_limit] if time_limit is not None else []
    if closes_at is not None:
        ends.append(closes_at)
    return min(ends) + extra if ends else None


def timeout_step(
    *,
    state: str,
    end: datetime | None,
    now: datetime,
    time_out: str,
    grace: timedelta,
    online: bool,
    preview: bool = False,
) -> Step:
    """The step of an attempt at ``now``. ``online``: the person is there, by a page load, and not the clock."""
    if end is None or preview:
        return Step(state)
    if now < end and state in (State.IN_PROGRESS, State.OVERDUE):
        return Step(state, check_at=end)
    if state == State.OVERDUE:
        if now - end >= grace:
            return Step(State.ABANDONED, closed_at=end + grace)
        return Step(state, check_at=end + grace)
    if state != State.IN_PROGRESS:
        return Step(state)
    if time_out == Quiz.TimeOut.AUTOSUBMIT:
        # A late clock does not show extra minutes.
        return Step(State.FINISHED, closed_at=now if online else end)
    if time_out == Quiz.TimeOut.GRACE:
        return Step(State.OVERDUE, check_at=end + grace)
    return Step(State.ABANDONED, closed_at=end)
