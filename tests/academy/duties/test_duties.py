"""The state of a duty on a day."""

from datetime import date, timedelta

import pytest

from academy.dates.remind_days import read_remind_days
from academy.duties.duty import Duty, DutyState

DUE = date(2026, 6, 30)


def duty(**values):
    return Duty(
        person_id=1,
        kind="course",
        key="assignment:1",
        title={"en": "Etiquette"},
        path="/",
        since=date(2026, 1, 1),
        **values,
    )


@pytest.mark.parametrize(
    ("day", "state"),
    [
        (DUE - timedelta(days=31), DutyState.OPEN),
        (DUE - timedelta(days=30), DutyState.SOON),
        (DUE, DutyState.SOON),
        (DUE + timedelta(days=1), DutyState.OVERDUE),
    ],
)
def test_the_due_day_is_the_last_one_in_time(day, state):
    assert duty(due_on=DUE).state_on(day) == state


def test_done_counts_from_its_day_on_and_leave_stops_lateness():
    late = DUE + timedelta(days=9)

    assert duty(due_on=DUE, done_on=late).state_on(late) == DutyState.DONE
    assert duty(due_on=DUE, done_on=late).state_on(late - timedelta(days=1)) == DutyState.OVERDUE
    assert duty(due_on=DUE, paused=True).state_on(late) == DutyState.PAUSED
    assert duty().state_on(late) == DutyState.OPEN


def test_reminder_days_are_read_as_people_write_them_and_nonsense_is_refused():
    assert read_remind_days("7, 30，60 90、90") == (90, 60, 30, 7)
    assert read_remind_days(" ") == ()
    for wrong in ("soon", "0", "-7", "800", "１０", "1,2,3,4,5,6,7,8,9"):
        with pytest.raises(ValueError, match=r"."):
            read_remind_days(wrong)
