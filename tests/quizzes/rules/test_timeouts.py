"""Running out of time: the table of Moodle's ``handle_if_time_expired`` row by row, and what holds for every look."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizzes.models import OPEN_STATES, Attempt, Quiz
from quizzes.rules.timeouts import Step, end_of, timeout_step

END = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
GRACE = timedelta(minutes=10)
MINUTE = timedelta(minutes=1)
S, T = Attempt.State, Quiz.TimeOut


def step(state=S.IN_PROGRESS, end=END, now=END, time_out=T.AUTOSUBMIT, online=True, preview=False) -> Step:
    return timeout_step(state=state, end=end, now=now, time_out=time_out, grace=GRACE, online=online, preview=preview)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        # 1. no end time, or a preview: nothing, and never looked at again
        ({"end": None}, Step(S.IN_PROGRESS)),
        ({"end": None, "state": S.OVERDUE}, Step(S.OVERDUE)),
        ({"preview": True, "now": END + MINUTE}, Step(S.IN_PROGRESS)),
        # 2. before the end: look again at the end
        ({"now": END - MINUTE}, Step(S.IN_PROGRESS, check_at=END)),
        ({"now": END - MINUTE, "state": S.OVERDUE}, Step(S.OVERDUE, check_at=END)),
        # 3. overdue: until the grace is over look again at its end, from then on abandon
        ({"state": S.OVERDUE, "now": END + GRACE - MINUTE}, Step(S.OVERDUE, check_at=END + GRACE)),
        ({"state": S.OVERDUE, "now": END + GRACE}, Step(S.ABANDONED, closed_at=END + GRACE)),
        ({"state": S.OVERDUE, "now": END + 9 * GRACE}, Step(S.ABANDONED, closed_at=END + GRACE)),
        # 4. in no other state is there anything to do
        *(
            ({"state": state, "now": END + MINUTE}, Step(state))
            for state in (S.NOT_STARTED, S.SUBMITTED, S.FINISHED, S.ABANDONED)
        ),
        # 5. in progress at or past the end, by the rule
        ({"now": END}, Step(S.FINISHED, closed_at=END)),
        ({"now": END + MINUTE}, Step(S.FINISHED, closed_at=END + MINUTE)),
        ({"now": END + MINUTE, "online": False}, Step(S.FINISHED, closed_at=END)),
        ({"now": END + MINUTE, "time_out": T.GRACE}, Step(S.OVERDUE, check_at=END + GRACE)),
        ({"now": END + MINUTE, "time_out": T.ABANDON}, Step(S.ABANDONED, closed_at=END)),
        ({"now": END + MINUTE, "time_out": "unheard of"}, Step(S.ABANDONED, closed_at=END)),
    ],
)
def test_row(facts, expected):
    assert step(**facts) == expected


@given(
    state=st.sampled_from(S.values),
    minutes=st.integers(-600, 600),
    time_out=st.sampled_from(T.values),
    online=st.booleans(),
)
def test_every_look_leads_on(state, minutes, time_out, online):
    now = END + minutes * MINUTE

    found = step(state=state, now=now, time_out=time_out, online=online)

    # Closed answers are never looked at again and an open one always is; nothing is closed before its end.
    assert (found.check_at is not None) == (found.state in OPEN_STATES)
    assert (found.closed_at is not None) == (state in OPEN_STATES and found.state not in OPEN_STATES)
    assert found.closed_at is None or END <= found.closed_at <= max(now, END + GRACE)
    # A second look at the same moment changes nothing, but for the clock that finds end and grace passed at once.
    again = step(state=found.state, now=now, time_out=time_out, online=online)
    assert again.state == found.state or (found.state == S.OVERDUE and again.state == S.ABANDONED)


@pytest.mark.parametrize(
    ("limit", "closes", "extra", "expected"),
    [
        (None, None, 0, None),
        (30, None, 0, 30),
        (None, 20, 0, 20),
        (30, 20, 0, 20),
        (20, 30, 0, 20),
        (30, 20, 5, 25),
        (None, None, 5, None),
    ],
)
def test_end_is_the_earlier_of_limit_and_closing(limit, closes, extra, expected):
    found = end_of(
        started_at=END,
        time_limit=timedelta(minutes=limit) if limit else None,
        closes_at=END + closes * MINUTE if closes else None,
        extra=extra * MINUTE,
    )

    assert found == (None if expected is None else END + expected * MINUTE)
