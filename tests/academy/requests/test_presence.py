"""Tables in which a person has no row are told by one query, while an answer about that person is put together."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from academy.models import Branch, Employment, Leave
from academy.requests.kept.presence import answer_about, none_of
from tests.cast import bank, person

pytestmark = [pytest.mark.django_db, pytest.mark.database, pytest.mark.both]


@pytest.fixture
def people():
    branches = bank()
    away, never_away = (person(f"10000{number}", f"学员{number}", branches["BJ01"]) for number in range(2))
    today = timezone.localdate()
    Leave.objects.create(person=away, kind="illness", effective_from=today, effective_until=today)
    return away, never_away


def test_one_query_tells_of_all_tables(people):
    away, never_away = people
    for learner, has_left in ((away, True), (never_away, False)):
        with answer_about(learner.pk), CaptureQueriesContext(connection) as captured:
            assert none_of(Leave, [learner.pk]) is not has_left
            assert not none_of(Employment, [learner.pk])
            # A part of the same answer, put together within it.
            with answer_about(learner.pk):
                assert none_of(Leave, {learner.pk}) is not has_left
        assert len(captured) == 1


def test_nothing_is_known_of_others_nor_outside_of_an_answer(people):
    away, never_away = people
    with CaptureQueriesContext(connection) as captured:
        assert not none_of(Leave, [never_away.pk])
        with answer_about(away.pk):
            assert not none_of(Leave, [never_away.pk])
            assert not none_of(Leave, [away.pk, never_away.pk])
            assert not none_of(Leave, [])
    assert not captured


def test_a_table_whose_changes_raise_no_version_of_a_person_is_refused(people):
    with answer_about(people[0].pk), pytest.raises(LookupError):
        none_of(Branch, [people[0].pk])
