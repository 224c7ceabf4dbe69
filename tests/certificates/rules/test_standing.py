"""Standing on a track: by table, without a database."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from academy.dates.years import years_within
from certificates.rules.known import Evidence, Held, Post
from certificates.rules.standing import Asked, evaluate
from certificates.rules.statuses import Span, Status, status_on

D = date
TODAY = D(2026, 11, 23)


def asked(kind, **fields):
    return Asked(pk=1, kind=kind, label=kind, **fields)


def test_course_and_quiz():
    wanted = (asked("course", course=1), asked("quiz", quiz=2, score=Decimal(80)))
    evidence = Evidence(courses={1: (D(2026, 1, 5),)}, quizzes={2: ((D(2026, 2, 1), Decimal("79.99"), True),)})

    standing = evaluate(wanted, evidence, TODAY)

    assert [line.met for line in standing.lines] == [True, False]
    assert standing.met is False


def test_everything_met_is_complete_on_the_last_evidence():
    evidence = Evidence(courses={1: (D(2026, 1, 5),), 2: (D(2026, 3, 1),)})

    standing = evaluate((asked("course", course=1), asked("course", course=2)), evidence, TODAY)

    assert standing.met
    assert standing.completed_on == D(2026, 3, 1)


def test_no_requirements_is_never_met():
    assert evaluate((), Evidence(), TODAY).met is False


def test_a_kind_that_cannot_be_judged_is_never_met_and_says_so():
    line = evaluate((asked("recommendation"),), Evidence(), TODAY).lines[0]

    assert line.met is False
    assert line.missing


def test_one_of_a_group_is_enough():
    wanted = (asked("course", course=1, group="a"), asked("course", course=2, group="a"))

    assert evaluate(wanted, Evidence(courses={2: (D(2026, 1, 1),)}), TODAY).met


def test_level_held_sums_days_bridges_grace_and_counts_higher_levels():
    twelve = (asked("level_held", rank=2, amount=12),)
    gap = (Held(2, D(2025, 1, 1), D(2025, 6, 30), 90), Held(3, D(2025, 8, 1), D(2027, 1, 1)))
    short = (Held(2, D(2026, 6, 1), D(2027, 1, 1)),)

    assert evaluate(twelve, Evidence(held=gap), TODAY).met
    assert not evaluate(twelve, Evidence(held=short), TODAY).met
    line = evaluate(twelve, Evidence(held=short), TODAY).lines[0]
    assert line.possible_on == D(2027, 6, 1)
    # It ends before its months are full.
    assert "2027-06-01" in line.missing and "2027-01-01" in line.missing
    longer = (Held(2, D(2026, 6, 1), D(2027, 6, 1)),)
    assert evaluate(twelve, Evidence(held=longer), TODAY).lines[0].missing.count("2027-") == 1


def test_level_that_is_no_longer_held_does_not_count():
    held = (Held(2, D(2023, 1, 1), D(2025, 1, 1)),)

    assert not evaluate((asked("level_held", rank=2, amount=12),), Evidence(held=held), TODAY).met


def test_months_in_post_run_from_the_posting():
    evidence = Evidence(posts=(Post("cm", D(2026, 8, 1)),))

    standing = evaluate((asked("months_in_post", amount=6, phase="apply"),), evidence, TODAY)

    assert not standing.met
    assert standing.earliest == D(2027, 2, 1)


def test_years_in_finance_are_calendar_years_minus_breaks():
    three = (asked("years_in_finance", amount=3),)

    assert evaluate(three, Evidence(finance_since=D(2023, 11, 23)), TODAY).met
    assert not evaluate(three, Evidence(finance_since=D(2023, 11, 24)), TODAY).met
    assert not evaluate(three, Evidence(finance_since=D(2023, 11, 1), finance_breaks=60), TODAY).met


def test_evidence_within_months_and_each_cycle():
    evidence = Evidence(courses={1: (D(2025, 10, 1),)})
    within = asked("course", course=1, lasts="within", lasts_months=12)
    cycle = asked("course", course=1, lasts="cycle")

    assert not evaluate((within,), evidence, TODAY).met
    assert not evaluate((cycle,), evidence, TODAY, cycle_from=D(2026, 10, 1)).met
    assert evaluate((cycle,), evidence, TODAY, cycle_from=D(2025, 10, 1)).met


def test_statuses_by_day():
    span = Span(D(2026, 1, 1), D(2026, 12, 31), D(2026, 10, 1), 90)

    days = [
        D(2025, 12, 31),
        D(2026, 1, 1),
        D(2026, 10, 1),
        D(2026, 12, 31),
        D(2027, 1, 1),
        D(2027, 3, 31),
        D(2027, 4, 1),
    ]

    assert [status_on(span, day) for day in days] == [
        Status.UPCOMING,
        Status.VALID,
        Status.DUE,
        Status.DUE,
        Status.GRACE,
        Status.GRACE,
        Status.EXPIRED,
    ]


def test_hours_of_the_period_are_summed_and_leave_makes_fewer_of_them_needed():
    wanted = (asked("hours", amount=48, lasts="within", lasts_months=12),)
    hours = (
        (D(2025, 1, 5), Decimal(40)),
        (TODAY - timedelta(days=90), Decimal(20)),
        (TODAY - timedelta(days=9), Decimal(16)),
    )
    half_a_year = (TODAY - timedelta(days=200), TODAY - timedelta(days=18))

    short = evaluate(wanted, Evidence(hours=hours), TODAY).lines[0]
    enough = evaluate(wanted, Evidence(hours=hours, leaves=(half_a_year,)), TODAY).lines[0]

    assert not short.met and "36" in short.missing and "12" in short.missing
    assert enough.met and enough.evidence_on == TODAY - timedelta(days=9)


def test_observations_are_counted_over_the_practices_named():
    two = asked("observation", practices=(1, 2), amount=2)
    evidence = Evidence(observed={1: (date(2026, 3, 2),), 2: (date(2026, 5, 4),), 3: (date(2026, 1, 1),)})

    before, after = evaluate((two,), evidence, date(2026, 5, 3)), evaluate((two,), evidence, date(2026, 5, 4))

    assert not before.met and "1" in before.lines[0].missing and "2" in before.lines[0].missing
    assert after.met and after.completed_on == date(2026, 5, 4)
    assert not evaluate((asked("observation"),), evidence, date(2026, 6, 1)).met


def test_a_document_counts_while_it_is_valid_and_says_that_it_is_being_checked():
    wanted = asked("outside_document", documents=(1, 2))
    ended, standing = (date(2026, 1, 5), date(2026, 6, 30)), (date(2026, 3, 1), None)

    assert evaluate((wanted,), Evidence(documents={1: (ended,)}), date(2026, 6, 30)).met
    assert not evaluate((wanted,), Evidence(documents={1: (ended,)}), date(2026, 7, 1)).met
    assert evaluate((wanted,), Evidence(documents={2: (standing,)}), date(2030, 1, 1)).met
    waiting = evaluate((wanted,), Evidence(documents_checked_now=frozenset({2})), date(2026, 7, 1)).lines[0]
    assert waiting.missing != evaluate((wanted,), Evidence(), date(2026, 7, 1)).lines[0].missing
    recent = asked("outside_document", documents=(2,), lasts="within", lasts_months=12)
    assert evaluate((recent,), Evidence(documents={2: (standing,)}), date(2027, 3, 1)).met
    assert not evaluate((recent,), Evidence(documents={2: (standing,)}), date(2027, 3, 2)).met


def test_a_course_taught_is_the_one_named_or_any():
    taught = Evidence(taught={0: (date(2026, 2, 1),), 7: (date(2026, 3, 1),)})

    assert evaluate((asked("course_taught", course=7),), taught, date(2026, 3, 1)).met
    assert not evaluate((asked("course_taught", course=7),), taught, date(2026, 2, 28)).met
    assert evaluate((asked("course_taught"),), taught, date(2026, 2, 1)).met
    assert not evaluate((asked("course_taught", amount=3),), taught, date(2026, 6, 1)).met


def test_hours_of_the_validity_count_from_its_first_day_not_from_the_window():
    hours = asked("hours", amount=48, lasts="span")
    evidence = Evidence(hours=((date(2025, 12, 20), Decimal(40)), (date(2026, 2, 1), Decimal(48))))
    validity = (date(2026, 1, 1), date(2026, 12, 31))

    standing = evaluate((hours,), evidence, date(2026, 10, 5), cycle_from=date(2026, 10, 1), validity=validity)
    early = evaluate(
        (hours,),
        Evidence(hours=((date(2025, 12, 20), Decimal(48)),)),
        date(2026, 10, 5),
        cycle_from=date(2026, 10, 1),
        validity=validity,
    )

    assert standing.met and not early.met


@pytest.mark.parametrize(
    ("passed_on", "on", "met", "year"),
    [
        ([date(2026, 6, 1), date(2027, 6, 1)], date(2027, 11, 1), True, ""),
        ([date(2027, 6, 1), date(2027, 7, 1)], date(2027, 11, 1), False, "2026"),
        ([date(2026, 6, 1)], date(2027, 11, 1), False, "2027"),
        ([date(2026, 12, 31), date(2027, 1, 1)], date(2027, 11, 1), True, ""),
        ([], date(2026, 2, 1), False, "2026"),
    ],
)
def test_each_natural_year_of_the_validity_wants_its_own(passed_on, on, met, year):
    refresher = asked("quiz", quiz=7, lasts="yearly")
    evidence = Evidence(quizzes={7: tuple((day, Decimal(90), True) for day in passed_on)})

    standing = evaluate((refresher,), evidence, on, validity=(date(2025, 12, 1), date(2027, 12, 31)))

    assert standing.met is met
    assert year in standing.lines[0].missing


def test_hours_of_a_validity_without_a_whole_year_name_its_days_not_the_year_it_began_in():
    hours = asked("hours", amount=48, lasts="yearly")
    validity, on = (date(2025, 12, 26), date(2026, 12, 22)), date(2026, 12, 1)

    (line,) = evaluate((hours,), Evidence(), on, validity=validity).lines

    assert line.missing.startswith("2025-12-26 至 2026-12-22：")
    assert not line.past
    assert evaluate((hours,), Evidence(hours=((on, Decimal(48)),)), on, validity=validity).met


def test_a_validity_without_a_whole_year_is_one_span():
    assert years_within(date(2026, 5, 1), date(2026, 12, 31)) == [(date(2026, 5, 1), date(2026, 12, 31))]
    assert years_within(date(2026, 1, 1), date(2027, 12, 30)) == [(date(2026, 1, 1), date(2026, 12, 31))]
