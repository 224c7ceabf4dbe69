"""Several queries as one statement give what each gives alone, of every kind of value and in the same order."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from django.utils import timezone

from academy.models import Leave, Posting, User
from academy.requests.prepared import PreparedQuery
from academy.requests.together import asked_together
from quizzes.attempts import start_attempt, submit_attempt
from quizzes.models import Answer, Attempt
from quizzes.rules.chances import OVERRIDES
from tests.cast import bank, person
from tests.quizzes.attempts.test_costs_of_an_attempt import course_quiz

pytestmark = [pytest.mark.django_db, pytest.mark.database, pytest.mark.both]
PAPERS = PreparedQuery(lambda who: Attempt.objects.filter(learner=who).select_related("quiz", "learner"))
SOME = PreparedQuery(
    lambda who: (
        Attempt.objects.filter(learner__in=who).with_surroundings().only("quiz__counts", "mark").select_related("quiz")
    )
)
ANSWERS = PreparedQuery(lambda who: Answer.objects.filter(attempt__learner=who).order_by("-slot"))
MARKS = PreparedQuery(lambda who: Attempt.objects.filter(learner=who).values_list("uuid", "mark", "paper", "passed"))
DAYS = PreparedQuery(lambda who: Leave.objects.filter(person=who).values_list("effective_from", "effective_until"))
NAMES = PreparedQuery(lambda name: User.objects.filter(display_name=name).values_list("display_name", flat=True))
POSTS = PreparedQuery(
    lambda who, on: Posting.objects.current().effective(on).filter(person__in=who).select_related("branch", "position")
)


@pytest.fixture
def people():
    branches = bank()
    learner, other = person("100001", "甲", branches["BJ01"]), person("100002", "乙'%", branches["BJ01"])
    quiz = course_quiz(3, [learner, other])
    for _turn in range(2):
        attempt = start_attempt(quiz=quiz, learner=learner, language="en", now=timezone.now())
        submit_attempt(attempt=attempt, now=timezone.now())
    Attempt.objects.filter(pk=attempt.pk).update(mark=Decimal("1.25"))
    today = timezone.localdate()
    Leave.objects.create(person=learner, kind="illness", effective_from=today)
    Leave.objects.create(person=learner, kind="illness", effective_from=today - timedelta(9), effective_until=today)
    return learner, other


def held(row):
    """All that a row is, and the rows that came with it."""
    if not hasattr(row, "_state"):
        return row
    fields = {name: value for name, value in vars(row).items() if not name.startswith("_")}
    joined = {name: held(value) for name, value in row._state.fields_cache.items() if value is not None}
    return type(row), fields, joined, row.get_deferred_fields()


def asked_of(who, today):
    return [
        (PAPERS, {"who": who.pk}),
        (SOME, {"who": [who.pk]}),
        (ANSWERS, {"who": who.pk}),
        (MARKS, {"who": who.pk}),
        (DAYS, {"who": who.pk}),
        (NAMES, {"name": "甲"}),
        (NAMES, {"name": "' OR 1=1 -- %s"}),
        (POSTS, {"who": [who.pk], "on": today}),
        (OVERRIDES, {"learner": who.pk, "quizzes": [1, 2]}),
    ]


def test_the_rows_are_those_of_each_alone(people, django_assert_num_queries):
    today = timezone.localdate()
    for who in people:
        asked = asked_of(who, today)
        alone = [[held(row) for row in query.rows(**values)] for query, values in asked]
        with django_assert_num_queries(1), asked_together(*(query.bound(**values) for query, values in asked)):
            for _turn in range(2):
                together = [[held(row) for row in query.rows(**values)] for query, values in asked]
                assert together == alone
    # Not two ways to say nothing.
    counts = [len(query.rows(**values)) for query, values in asked_of(people[0], today)]
    assert counts == [2, 2, 6, 2, 2, 1, 0, 1, 0]


def test_what_is_at_hand_is_asked_no_more_and_what_was_asked_goes_with_its_block(people, django_assert_num_queries):
    learner, other = people
    mine = [PAPERS.bound(who=learner.pk), DAYS.bound(who=learner.pk)]
    with django_assert_num_queries(1), asked_together(*mine):
        assert len(DAYS.rows(who=learner.pk)) == 2
        with asked_together(*mine):
            assert len(DAYS.rows(who=learner.pk)) == 2
    with django_assert_num_queries(0), asked_together(*mine):
        pass
    with django_assert_num_queries(3), asked_together(*mine):
        # Of somebody else nothing is at hand.
        assert DAYS.rows(who=other.pk) == []
        assert len(DAYS.rows(who=learner.pk)) == 2
        with asked_together(*mine, ANSWERS.bound(who=learner.pk), SOME.bound(who=[])):
            assert len(ANSWERS.rows(who=learner.pk)) == 6
    Leave.objects.filter(person=learner).delete()
    with django_assert_num_queries(1):
        assert DAYS.rows(who=learner.pk) == []


def test_two_readers_of_one_row_do_not_share_it(people):
    learner, _other = people
    with asked_together(PAPERS.bound(who=learner.pk), DAYS.bound(who=learner.pk)):
        PAPERS.rows(who=learner.pk)[0].mark = None
        PAPERS.rows(who=learner.pk)[0].paper.clear()
        assert PAPERS.rows(who=learner.pk)[0].mark is not None
        assert len(PAPERS.rows(who=learner.pk)[0].paper) == 3


def test_a_query_that_locks_is_asked_alone(people):
    locking = PreparedQuery(lambda pk: User.objects.filter(pk=pk).select_for_update())
    if not locking.bound(pk=1).written.locks:
        pytest.skip("SQLite locks no rows")
    with asked_together(locking.bound(pk=1), DAYS.bound(who=1)), pytest.raises(TypeError):
        DAYS.rows(who=1)


def test_a_row_is_locked_along_where_nothing_asked_with_it_rests_on_that(people, django_assert_num_queries):
    learner, _other = people
    locking = PreparedQuery(lambda pk: User.objects.filter(pk=pk).select_for_update().values_list("pk"))
    asks = locking.bound(pk=learner.pk), DAYS.bound(who=learner.pk)
    with transaction.atomic(), asked_together(*asks, may_lock=True), django_assert_num_queries(1):
        DAYS.rows(who=learner.pk)
        assert locking.rows(pk=learner.pk) == [(learner.pk,)]
