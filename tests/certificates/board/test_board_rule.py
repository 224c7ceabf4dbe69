"""What the post asks for, against what is held, on a day: the pure rule."""

from dataclasses import replace
from datetime import date

import pytest

from certificates.board.rule import Ask, BoardPost, Cover, Held, judge_posts

D = date
ON = D(2026, 11, 24)
CM1, CM2 = Ask(1, 1, 180), Ask(2, 2, 730)
POSTS = (BoardPost(date(2026, 1, 1), (CM1,)),)
BEGAN = D(2026, 1, 1)
# 180 days after 1 January 2026.
DUE = D(2026, 6, 30)


def judged(*, posts=POSTS, held=(), leaves=(), on=ON):
    return judge_posts(posts=posts, held=held, leaves=leaves, on=on, soon_days=30)


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        ({"on": DUE}, Cover.MISSING),
        ({"on": D(2026, 7, 1)}, Cover.WITHOUT),
        ({"held": [Held(1, D(2026, 2, 1), D(2026, 12, 31))]}, Cover.HELD),
        # Its last valid day is 30 days off: expiring, and held all the same.
        ({"held": [Held(1, D(2026, 2, 1), D(2026, 12, 24))]}, Cover.SOON),
        ({"held": [Held(1, D(2026, 2, 1), D(2026, 11, 24))]}, Cover.SOON),
        ({"held": [Held(1, D(2026, 2, 1), D(2026, 11, 23))]}, Cover.WITHOUT),
        # A higher level counts for a lower one, a lower one for nothing.
        ({"held": [Held(3, D(2026, 2, 1), D(2027, 2, 1))]}, Cover.HELD),
        (
            {"posts": [BoardPost(BEGAN, (Ask(2, 2, 30),))], "held": [Held(1, D(2026, 2, 1), D(2027, 2, 1))]},
            Cover.WITHOUT,
        ),
        # The longer of two decides whether it runs out.
        ({"held": [Held(1, D(2026, 2, 1), D(2026, 12, 1)), Held(2, D(2026, 3, 1), D(2027, 6, 1))]}, Cover.HELD),
        # One that begins later is not held yet.
        ({"held": [Held(1, D(2026, 12, 1), D(2027, 12, 1))]}, Cover.WITHOUT),
        # In the grace after it ran out nobody works without.
        ({"held": [Held(1, D(2026, 2, 1), D(2026, 11, 1), grace_days=90)]}, Cover.MISSING),
        ({"held": [Held(1, D(2026, 2, 1), D(2026, 8, 1), grace_days=90)]}, Cover.WITHOUT),
        # A grace that counts for the post covers it through its last day, as what expires soon.
        ({"held": [Held(1, D(2026, 2, 1), D(2026, 8, 26), grace_days=90, grace_counts=True)]}, Cover.SOON),
        ({"held": [Held(1, D(2026, 2, 1), D(2026, 8, 25), grace_days=90, grace_counts=True)]}, Cover.WITHOUT),
        # Leave: not late while away, and the days away are added afterwards.
        ({"leaves": [(D(2026, 6, 1), None)]}, Cover.MISSING),
        ({"leaves": [(D(2026, 3, 1), D(2026, 10, 31))]}, Cover.MISSING),
        ({"leaves": [(D(2026, 3, 1), D(2026, 3, 31))]}, Cover.WITHOUT),
        # A rule younger than the post counts from its own day.
        ({"posts": [BoardPost(D(2020, 1, 1), (Ask(1, 1, 180, counts_from=D(2026, 10, 1)),))]}, Cover.MISSING),
        # Nobody is late before it is asked, nor on its first day, however long ago the days began to run.
        ({"posts": [BoardPost(BEGAN, (Ask(1, 1, 30, counts_from=BEGAN, starts=ON),))]}, Cover.MISSING),
        ({"posts": [BoardPost(BEGAN, (Ask(1, 1, 30, counts_from=BEGAN, starts=D(2026, 11, 23)),))]}, Cover.WITHOUT),
        # Several posts: the worst of what they ask, and the same level by the earlier day.
        (
            {
                "posts": [BoardPost(BEGAN, (CM1,)), BoardPost(D(2026, 10, 1), (CM2,))],
                "held": [Held(1, BEGAN, D(2027, 5, 1))],
            },
            Cover.MISSING,
        ),
        ({"posts": [BoardPost(D(2026, 10, 1), (CM1,)), BoardPost(BEGAN, (CM1,))]}, Cover.WITHOUT),
    ],
)
def test_what_a_person_is_on_a_day(case, expected):
    assert judged(**case).cover == expected


def test_a_post_that_asks_for_nothing_says_nothing():
    assert judged(posts=[BoardPost(BEGAN, ())]) is None


def test_each_level_is_asked_once_with_its_day_and_how_late():
    found = judged(posts=[BoardPost(D(2026, 10, 1), (CM1, CM2)), BoardPost(BEGAN, (CM1,))])

    assert [(demand.level, demand.due_on, demand.days_late(ON)) for demand in found.demands] == [
        (1, DUE, 147),
        (2, D(2028, 9, 30), 0),
    ]
    assert [one.level for one in found.lacking] == [1, 2]


@pytest.mark.parametrize(
    ("decided", "due"),
    # Decided before it was had, it was in time; decided afterwards, nothing of it changes.
    [(D(2026, 6, 1), D(2027, 9, 30)), (D(2026, 9, 1), DUE)],
)
def test_an_extension_moves_no_day_of_what_was_done_before_it(decided, due):
    ask = replace(CM1, extensions=((decided, D(2027, 9, 30)),))
    done = judged(posts=(BoardPost(BEGAN, (ask,)),), held=[Held(1, D(2026, 8, 1), D(2027, 8, 1))])
    assert done.demands[0].due_on == due
    assert judged(posts=(BoardPost(BEGAN, (ask,)),)).demands[0].due_on == D(2027, 9, 30)
