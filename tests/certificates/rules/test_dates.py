"""The date rule: Totara's help examples and the calendar's corners."""

import json
from datetime import date
from io import StringIO

import pytest
from django.core.management import call_command

from academy.dates.periods import add_months
from certificates.rules.dates import NoDates, certification_dates, first_occurrence, parse_months, posting_dates

D = date


@pytest.mark.parametrize(
    ("completed", "due", "expiry", "expires", "window_opens"),
    [
        (D(2026, 8, 15), D(2026, 12, 1), None, D(2027, 12, 1), D(2027, 10, 1)),
        (D(2027, 11, 10), None, D(2027, 12, 1), D(2028, 12, 1), D(2028, 10, 1)),
        (D(2028, 4, 10), D(2027, 12, 1), None, D(2028, 12, 1), D(2028, 10, 1)),
    ],
)
def test_fixed_mode_by_the_vectors(completed, due, expiry, expires, window_opens):
    found = certification_dates(
        mode="fixed", completed_on=completed, active=12, window=2, minimum=6, due=due, expiry=expiry
    )

    assert (found.expires, found.renew_from, found.valid_from) == (expires, window_opens, completed)


@pytest.mark.parametrize(
    ("completed", "expiry", "expires"),
    [
        (D(2027, 2, 1), D(2027, 1, 1), D(2028, 2, 1)),
        (D(2026, 12, 1), D(2027, 1, 1), D(2028, 1, 1)),
        (D(2026, 3, 1), D(2027, 1, 1), D(2027, 1, 1)),
    ],
)
def test_expiry_mode_early_in_window_and_late(completed, expiry, expires):
    found = certification_dates(mode="expiry", completed_on=completed, active=12, window=2, expiry=expiry)

    assert found.expires == expires


def test_leap_day_and_clipping_once():
    leap = certification_dates(mode="completion", completed_on=D(2024, 2, 29), active=12, window=2)

    assert (leap.expires, leap.valid_through) == (D(2025, 2, 28), D(2025, 2, 27))
    assert add_months(D(2026, 8, 31), 6) == D(2027, 2, 28)
    assert add_months(D(2026, 8, 31), 12) == D(2027, 8, 31)


@pytest.mark.parametrize(
    ("completed", "window", "expires", "window_opens"),
    [
        # Counted from the completion it would be the 29th: the window would lose a day of its two months.
        (D(2028, 2, 29), 2, D(2029, 2, 28), D(2028, 12, 28)),
        (D(2027, 2, 28), 2, D(2028, 2, 28), D(2027, 12, 28)),
        (D(2026, 8, 31), 6, D(2027, 8, 31), D(2027, 2, 28)),
        (D(2026, 5, 31), 3, D(2027, 5, 31), D(2027, 2, 28)),
    ],
)
def test_the_window_is_counted_back_from_the_expiry(completed, window, expires, window_opens):
    found = certification_dates(mode="completion", completed_on=completed, active=12, window=window)

    assert (found.expires, found.renew_from) == (expires, window_opens)


def test_last_of_december_for_the_upper_levels():
    completed = D(2026, 11, 23)
    due = first_occurrence(D(2000, 1, 1), after=completed)

    found = certification_dates(mode="fixed", completed_on=completed, active=12, window=3, minimum=6, due=due)

    assert found.valid_through == D(2027, 12, 31)
    assert found.renew_from == D(2027, 10, 1)


def test_trainee_ends_eighteen_months_after_the_posting():
    found = posting_dates(awarded_on=D(2026, 11, 23), posted_on=D(2026, 8, 25), months=18)

    assert found.valid_through == D(2028, 2, 24)
    with pytest.raises(NoDates):
        posting_dates(awarded_on=D(2028, 2, 25), posted_on=D(2026, 8, 25), months=18)


@pytest.mark.parametrize(("text", "months"), [("12m", 12), ("1y", 12), ("P1Y", 12), ("P24M", 24), ("P1Y6M", 18)])
def test_periods(text, months):
    assert parse_months(text) == months


@pytest.mark.parametrize("text", ["", "P", "12", "1w", "-1y"])
def test_wrong_periods_are_refused(text):
    with pytest.raises(ValueError, match="not a period"):
        parse_months(text)


def test_command_prints_one_line_of_json():
    out = StringIO()

    call_command(
        "simulate_dates",
        mode="fixed",
        active="12m",
        window="2m",
        minimum="6m",
        completed="2026-08-15",
        due="2026-12-01",
        json=True,
        stdout=out,
    )

    assert json.loads(out.getvalue())["expires"] == "2027-12-01"


def test_the_command_takes_the_baseline_under_the_name_that_totara_gives_it():
    said = []
    for name in ("--expiry", "--baseline"):
        out = StringIO()
        asked = ["--mode", "expiry", "--active", "12m", "--window", "2m", "--completed", "2028-11-20", "--json"]
        call_command("simulate_dates", *asked, name, "2028-12-01", stdout=out)
        said.append(json.loads(out.getvalue()))

    assert said[0] == said[1] and said[0]["expires"] == "2029-12-01"
