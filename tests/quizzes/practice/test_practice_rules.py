"""Streaks, the wrong-answer book, the choice of five, the cards: properties without a database."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from academy.calendar.working_days import WorkingCalendar
from quizzes.practice.book import RIGHT_DAYS, after_answer
from quizzes.practice.cards import CardState, recall_chance, review
from quizzes.practice.choosing import DAILY, WRONG_A_DAY, choose_daily
from quizzes.practice.days import streak

MONDAY = date(2026, 11, 23)
DAYS = st.dates(date(2026, 1, 1), date(2027, 12, 31))
OFFSETS = st.frozensets(st.integers(0, 40))
CALENDARS = st.builds(
    lambda free, worked: WorkingCalendar(
        frozenset(MONDAY - timedelta(days=one) for one in free),
        frozenset(MONDAY - timedelta(days=one) for one in worked),
    ),
    OFFSETS,
    OFFSETS,
)


def back(*offsets: int) -> set[date]:
    return {MONDAY - timedelta(days=offset) for offset in offsets}


def test_a_weekend_does_not_break_the_row():
    assert streak(done=back(0, 3, 4), today=MONDAY, calendar=WorkingCalendar()) == 3


def test_a_weekend_practised_does_not_count():
    assert streak(done=back(0, 1, 2, 3), today=MONDAY, calendar=WorkingCalendar()) == 2


def test_today_is_not_missed_while_it_lasts():
    assert streak(done=back(3, 4), today=MONDAY, calendar=WorkingCalendar()) == 2


def test_a_missed_working_day_breaks_it():
    assert streak(done=back(0, 4, 5), today=MONDAY, calendar=WorkingCalendar()) == 1


def test_national_day_and_its_exchanged_saturday():
    """Seven days free from 1 October, and Saturday the 10th worked in exchange."""
    calendar = WorkingCalendar(frozenset(date(2026, 10, day) for day in range(1, 8)), frozenset([date(2026, 10, 10)]))
    done = {date(2026, 9, 30), date(2026, 10, 8), date(2026, 10, 9), date(2026, 10, 10)}

    assert streak(done=done, today=date(2026, 10, 12), calendar=calendar) == 4
    assert streak(done=done - {date(2026, 10, 10)}, today=date(2026, 10, 12), calendar=calendar) == 0


def test_a_calendar_without_any_working_day_ends():
    free = WorkingCalendar(frozenset(MONDAY - timedelta(days=one) for one in range(800)))

    assert streak(done=back(0, 1), today=MONDAY, calendar=free) == 0


@given(OFFSETS, CALENDARS)
def test_a_streak_is_made_of_working_days_done(offsets, calendar):
    done = {MONDAY - timedelta(days=offset) for offset in offsets}

    found = streak(done=done, today=MONDAY, calendar=calendar)

    assert 0 <= found <= sum(calendar.is_working(day) for day in done)


@given(OFFSETS, CALENDARS, st.integers(0, 40))
def test_one_more_day_done_never_shortens_a_streak(offsets, calendar, extra):
    done = {MONDAY - timedelta(days=offset) for offset in offsets}

    longer = streak(done=done | {MONDAY - timedelta(days=extra)}, today=MONDAY, calendar=calendar)

    assert longer >= streak(done=done, today=MONDAY, calendar=calendar)


@given(OFFSETS, CALENDARS)
def test_days_off_done_or_not_change_nothing(offsets, calendar):
    done = {MONDAY - timedelta(days=offset) for offset in offsets}
    worked = {day for day in done if calendar.is_working(day)}

    assert streak(done=done, today=MONDAY, calendar=calendar) == streak(done=worked, today=MONDAY, calendar=calendar)


ANSWERS = st.lists(st.tuples(st.booleans(), st.integers(0, 3)), max_size=30)


def played(answers):
    """The book after answers, each a step of days later than the one before."""
    entry, day = None, MONDAY
    trail = []
    for right, step in answers:
        day += timedelta(days=step)
        entry = after_answer(entry, right=right, day=day)
        trail.append((right, day, entry))
    return trail


@given(ANSWERS)
def test_nothing_leaves_the_book_before_two_right_days_in_a_row(answers):
    gathered: set[date] = set()
    stands = False
    for right, day, entry in played(answers):
        if not right:
            gathered, stands = set(), True
        elif stands:
            gathered.add(day)
        left = entry is not None and entry.left_on is not None
        assert left == (stands and len(gathered) >= RIGHT_DAYS)


@given(ANSWERS)
def test_a_wrong_answer_always_stands_in_the_book_with_nothing_gathered(answers):
    for right, _day, entry in played(answers):
        if not right:
            assert entry.left_on is None
            assert entry.right_days == 0


@given(ANSWERS)
def test_the_same_right_answer_twice_on_a_day_is_one(answers):
    for right, day, entry in played(answers):
        if right:
            assert after_answer(entry, right=True, day=day) == entry


@given(ANSWERS)
def test_two_more_right_days_always_empty_it(answers):
    trail = played(answers)
    entry, day = (trail[-1][2], trail[-1][1]) if trail else (None, MONDAY)
    for _time in range(RIGHT_DAYS):
        day += timedelta(days=1)
        entry = after_answer(entry, right=True, day=day)

    assert entry is None or entry.left_on is not None


def test_who_never_was_wrong_has_no_book():
    assert after_answer(None, right=True, day=MONDAY) is None


def card(due: int = 0, last: int = 5, stability: float = 3.0) -> CardState:
    return CardState(MONDAY + timedelta(days=due), stability, 5.0, 2, MONDAY - timedelta(days=last))


def choose(**given_):
    values = {"candidates": {}, "cards": {}, "wrong": [], "today": MONDAY, "seed": "7", **given_}
    return choose_daily(**values)


def why(chosen) -> dict[str, int]:
    counts: dict[str, int] = {}
    for one in chosen:
        counts[one.why] = counts.get(one.why, 0) + 1
    return counts


def test_five_of_wrong_due_and_new():
    candidates = {one: one % 3 for one in range(40)}
    cards = {one: card() for one in range(10)}

    chosen = choose(candidates=candidates, cards=cards, wrong=[0, 1, 2, 3])

    assert why(chosen) == {"wrong": 2, "due": 2, "new": 1}


def test_a_new_person_gets_five_from_different_courses():
    candidates = {one: one // 10 for one in range(50)}

    chosen = choose(candidates=candidates)

    assert {candidates[one.question] for one in chosen} == {0, 1, 2, 3, 4}


def test_what_is_likeliest_forgotten_comes_first():
    cards = {1: card(stability=50), 2: card(stability=1), 3: card(stability=50), 4: card(stability=1)}

    chosen = choose(candidates=dict.fromkeys(cards, 0), cards=cards, count=2)

    assert {one.question for one in chosen} == {2, 4}


CHOICES = st.builds(
    lambda ids, carded, wrong, dues, seed: (
        {one: one % 4 for one in ids},
        {one: card(due=dues[one % len(dues)], last=one % 4) for one in carded},
        wrong,
        seed,
    ),
    st.frozensets(st.integers(0, 60)),
    st.frozensets(st.integers(0, 60)),
    st.lists(st.integers(0, 60), unique=True, max_size=6),
    st.lists(st.integers(-5, 9), min_size=1, max_size=4),
    st.text(max_size=5),
)


@given(CHOICES)
def test_the_five_are_different_and_allowed_and_the_same_again(given_):
    candidates, cards, wrong, seed = given_

    chosen = choose(candidates=candidates, cards=cards, wrong=wrong, seed=seed)

    assert chosen == choose(candidates=candidates, cards=cards, wrong=wrong, seed=seed)
    assert len({one.question for one in chosen}) == len(chosen) <= DAILY
    assert {one.question for one in chosen} <= set(candidates)
    assert why(chosen).get("wrong", 0) <= WRONG_A_DAY
    answered_today = {one for one, state in cards.items() if state.last_on >= MONDAY and state.due_on > MONDAY}
    if len(set(candidates) - answered_today) >= DAILY:
        assert len(chosen) == DAILY


OUTCOMES = st.sampled_from(["right", "partial", "wrong", "blank"])


@given(st.lists(st.tuples(OUTCOMES, st.integers(0, 40)), min_size=1, max_size=20))
def test_cards_are_reckoned_in_days_and_the_same_again(answers):
    state, again, day = None, None, MONDAY
    for outcome, step in answers:
        day += timedelta(days=step)
        state = review(state, outcome=outcome, today=day)
        again = review(again, outcome=outcome, today=day)

    assert state == again
    assert day < state.due_on <= day + timedelta(days=365)
    assert 1 <= state.difficulty <= 10
    assert state.stability > 0
    assert 0 <= recall_chance(state, on=day + timedelta(days=3)) <= 1


def test_right_is_due_later_than_wrong_and_grows():
    right = review(None, outcome="right", today=MONDAY)
    wrong = review(None, outcome="wrong", today=MONDAY)
    later = review(right, outcome="right", today=right.due_on)

    assert wrong.due_on == MONDAY + timedelta(days=1)
    assert right.due_on > wrong.due_on
    assert later.due_on - right.due_on > right.due_on - MONDAY
