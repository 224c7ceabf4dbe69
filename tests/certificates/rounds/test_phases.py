"""In which phase a round stands: a pure function of its days and of what was done."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from certificates.models.rounds import DAYS
from certificates.rounds.phases import (
    FOLLOWS,
    Days,
    Done,
    Phase,
    award_date_refusal,
    days_refusal,
    move_refusal,
    past_refusal,
    phase_on,
)

# A laden machine draws slowly; that says nothing about the rule.
PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
FIRST = date(2027, 3, 1)
ORDER = list(Phase)
PLAN = Days(
    apply_from=date(2027, 3, 1),
    apply_until=date(2027, 3, 10),
    judged_on=date(2027, 3, 11),
    objections_until=date(2027, 3, 15),
    exams_from=date(2027, 3, 20),
    exams_until=date(2027, 3, 25),
    resits_until=date(2027, 4, 5),
    results_on=date(2027, 4, 8),
    publicity_from=date(2027, 4, 9),
    publicity_until=date(2027, 4, 15),
    award_on=date(2027, 4, 20),
)
ANNOUNCED = Done(announced=True)
JUDGED = Done(announced=True, judged=True)
LISTED = Done(announced=True, judged=True, listed=True)

TABLE = [
    (Done(), date(2027, 3, 5), Phase.DRAFT),
    (ANNOUNCED, date(2027, 2, 28), Phase.ANNOUNCED),
    (ANNOUNCED, date(2027, 3, 1), Phase.APPLYING),
    (ANNOUNCED, date(2027, 3, 10), Phase.APPLYING),
    (ANNOUNCED, date(2027, 3, 11), Phase.ELIGIBILITY),
    (ANNOUNCED, date(2027, 5, 1), Phase.ELIGIBILITY),
    (JUDGED, date(2027, 3, 15), Phase.ELIGIBILITY),
    (replace(JUDGED, objections=1), date(2027, 3, 16), Phase.ELIGIBILITY),
    (JUDGED, date(2027, 3, 16), Phase.EXAMINING),
    (JUDGED, date(2027, 3, 26), Phase.EXAMINING),
    (JUDGED, date(2027, 4, 5), Phase.EXAMINING),
    (JUDGED, date(2027, 4, 6), Phase.RESULTS),
    (LISTED, date(2027, 4, 8), Phase.RESULTS),
    (LISTED, date(2027, 4, 9), Phase.PUBLICITY),
    (LISTED, date(2027, 4, 15), Phase.PUBLICITY),
    (LISTED, date(2027, 4, 16), Phase.DECIDING),
    (replace(LISTED, waiting=3), date(2027, 4, 17), Phase.DECIDED),
    (replace(LISTED, waiting=1, issued=2), date(2027, 4, 20), Phase.DECIDED),
    (replace(LISTED, issued=3), date(2027, 4, 20), Phase.ISSUED),
    (replace(LISTED, issued=3, closed=True), date(2027, 4, 20), Phase.CLOSED),
    (replace(JUDGED, cancelled=True), date(2027, 3, 21), Phase.CANCELLED),
]


@pytest.mark.parametrize(("done", "day", "phase"), TABLE)
def test_each_phase_on_its_first_and_last_day(done, day, phase):
    assert phase_on(PLAN, done, day) == phase


def test_the_re_sits_end_the_exams_where_there_are_some():
    assert phase_on(replace(PLAN, resits_until=None), JUDGED, date(2027, 3, 26)) == Phase.RESULTS


def plan_of(gaps: list[int], resits: bool) -> Days:
    """Days in order, so many days apart beyond what they must be."""
    day, values = FIRST, {}
    for (name, later), gap in zip(DAYS, gaps, strict=True):
        if name == "resits_until" and not resits:
            values[name] = None
            continue
        day += timedelta(days=int(later) + gap)
        values[name] = day
    return Days(**values)


def moved_by(days: Days, shift: int) -> Days:
    """All days so many days later."""
    kept = {name: getattr(days, name) for name, _later in DAYS}
    return Days(**{name: day and day + timedelta(days=shift) for name, day in kept.items()})


def plans() -> st.SearchStrategy[Days]:
    """Any days in order, with or without re-sits."""
    gaps = st.lists(st.integers(0, 9), min_size=len(DAYS), max_size=len(DAYS))
    return st.builds(plan_of, gaps, st.booleans())


# What is done one after the other, each from the first day on which it may be done.
ACTS = [
    ("announced", lambda days: days.apply_from - timedelta(days=3), {"announced": True}),
    ("judged", lambda days: days.judged_on, {"judged": True}),
    ("listed", lambda days: max(days.results_on, days.last_exam_day), {"listed": True}),
    ("decided", lambda days: days.publicity_until + timedelta(days=1), {"waiting": 2}),
    ("issued", lambda days: days.award_on, {"waiting": 0, "issued": 2}),
    ("closed", lambda days: days.award_on, {"closed": True}),
]


@PATIENT
@given(plans(), st.lists(st.integers(0, 3), min_size=6, max_size=6), st.integers(0, 6))
def test_a_round_goes_its_way_and_never_back(days, lateness, how_far):
    """Day by day, with each act on its day or some days late: only along the table, never to an earlier phase."""
    done, seen, late = Done(), [Phase.DRAFT], 0
    plan = []
    for (_name, due, change), delay in zip(ACTS[:how_far], lateness, strict=False):
        late = max(late, 0) + delay
        plan.append((due(days) + timedelta(days=late), change))
    for number in range((days.award_on - FIRST).days + 40):
        today = FIRST - timedelta(days=5) + timedelta(days=number)
        while plan and plan[0][0] <= today:
            done = replace(done, **plan.pop(0)[1])
            _step(seen, phase_on(days, done, today))
        _step(seen, phase_on(days, done, today))
    assert [ORDER.index(one) for one in seen] == sorted({ORDER.index(one) for one in seen})


def _step(seen: list[Phase], phase: Phase) -> None:
    """Notes another phase. Late acts may leave the phases between out."""
    if phase == seen[-1]:
        return
    assert _leads(seen[-1], phase), (seen, phase)
    seen.append(phase)


def _leads(before: Phase, after: Phase) -> bool:
    reached, todo = set(), [before]
    while todo:
        for one in FOLLOWS[todo.pop()]:
            if one not in reached:
                reached.add(one)
                todo.append(one)
    return after in reached


@PATIENT
@given(plans(), st.sampled_from(TABLE), st.integers(-20, 90))
def test_cancelling_holds_on_every_day_and_a_closed_round_stays_closed(days, row, shift):
    done, today = row[0], FIRST + timedelta(days=shift)
    assert phase_on(days, replace(done, cancelled=True), today) == Phase.CANCELLED
    if not done.cancelled:
        assert phase_on(days, replace(done, closed=True), today) == Phase.CLOSED


def test_what_ends_a_round_has_no_way_on_and_all_else_ends():
    assert FOLLOWS[Phase.CLOSED] == FOLLOWS[Phase.CANCELLED] == ()
    for phase in ORDER[:-2]:
        assert _leads(phase, Phase.CLOSED)
        assert (Phase.CANCELLED in FOLLOWS[phase]) == (phase in ORDER[:8]), phase


@PATIENT
@given(plans(), st.sampled_from([name for name, _later in DAYS]), st.integers(1, 40))
def test_days_out_of_order_are_named(days, name, back):
    assert days_refusal(days) is None
    names = [one for one, _later in DAYS if getattr(days, one) is not None]
    if name not in names[1:]:
        return
    before = getattr(days, names[names.index(name) - 1])
    refused = days_refusal(replace(days, **{name: before - timedelta(days=back)}))
    assert refused is not None
    assert refused[0] == name


@PATIENT
@given(plans(), st.integers(1, 30))
def test_an_announced_day_is_only_moved_forward(days, shift):
    today = days.apply_from - timedelta(days=1)
    assert move_refusal(days, moved_by(days, shift), today, ANNOUNCED) is None
    refused = move_refusal(moved_by(days, shift), days, today, ANNOUNCED)
    assert refused is not None
    assert refused[0] == "apply_from"


def test_a_past_day_is_neither_announced_nor_moved():
    assert past_refusal(PLAN, PLAN.apply_from) is None
    assert past_refusal(PLAN, PLAN.apply_from + timedelta(days=1))[0] == "apply_from"
    later = replace(PLAN, judged_on=PLAN.judged_on + timedelta(days=1))
    assert move_refusal(PLAN, later, PLAN.judged_on, JUDGED) is None
    assert move_refusal(PLAN, later, PLAN.judged_on + timedelta(days=1), JUDGED)[0] == "judged_on"
    assert move_refusal(PLAN, replace(PLAN, resits_until=None), FIRST, ANNOUNCED)[0] == "resits_until"


def test_the_common_award_date_lies_not_in_the_past_of_the_first_who_is_awarded():
    late = PLAN.award_on + timedelta(days=1)
    listed = replace(JUDGED, listed=True)
    assert award_date_refusal(PLAN, listed, PLAN.award_on) is None
    assert award_date_refusal(PLAN, listed, late)
    # Who was objected against is awarded later, on the day of the others; and that day is not moved any more.
    begun = replace(listed, issued=3)
    assert award_date_refusal(PLAN, begun, late) is None
    moved = replace(PLAN, award_on=late)
    assert move_refusal(PLAN, moved, late, listed) is None
    assert move_refusal(PLAN, moved, late, begun)[0] == "award_on"


@pytest.mark.parametrize(
    ("done", "missed"), [(ANNOUNCED, "objections_until"), (JUDGED, "publicity_from")], ids=["judging", "listing"]
)
def test_a_missed_day_is_moved_to_today_or_later_while_its_step_is_to_be_done(done, missed):
    day = getattr(PLAN, missed)
    today = day + timedelta(days=2)
    assert move_refusal(PLAN, replace(PLAN, **{missed: today}), today, done) is None
    assert move_refusal(PLAN, replace(PLAN, **{missed: day + timedelta(days=1)}), today, done)[0] == missed
    after = replace(done, judged=True, listed=done.judged)
    assert move_refusal(PLAN, replace(PLAN, **{missed: today}), today, after)[0] == missed
    applied = replace(PLAN, apply_until=today)
    assert move_refusal(PLAN, applied, today, done)[0] == "apply_until"
