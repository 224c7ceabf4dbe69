"""A row written by a prepared statement is the row that ``save`` would have written."""

from decimal import Decimal

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone

from academy.models import Job
from academy.requests.prepared_writes import PreparedInsert, PreparedUpdate
from courses.models import CoursePage
from quizzes.models import Attempt, Question
from tests.cast import bank, person
from tests.quizzes.factories import bank_of, quiz_of

pytestmark = [pytest.mark.django_db, pytest.mark.database, pytest.mark.both]
NEW = PreparedInsert(Attempt)
MARKED = PreparedUpdate(Attempt, "state", "mark", "max_mark", "passed", "paper", "finished_at")


def held(attempt):
    return {
        field.attname: getattr(attempt, field.attname)
        for field in Attempt._meta.concrete_fields
        if field.name not in ("id", "uuid")
    }


@pytest.fixture
def values():
    learner = person("100001", "欧阳文澜", bank()["BJ01"])
    place = {"slot": 1, "page": 1, "version": 7, "mark": "1", "order": {"options": ["甲", "b"]}}
    now = timezone.now()
    return {
        "quiz": quiz_of(bank_of(1), 1),
        "learner": learner,
        "paper": [place],
        "pass_mark": 80,
        "max_mark": 1,
        "occasion": "a",
        "language": "en",
        "started_at": now,
        "drawn_at": now,
    }


def test_a_new_row_is_as_saved(values, django_assert_num_queries):
    closed = {**values, "state": "submitted", "finished_at": timezone.now()}
    for number in (1, 2):
        saved = Attempt.objects.create(**closed, number=2 * number)
        written = Attempt(**closed, number=2 * number + 1)
        with django_assert_num_queries(1):
            NEW.write(written)
        assert written.pk > saved.pk and not written._state.adding
        written.refresh_from_db()
        saved.refresh_from_db()
        assert held(written) | {"number": 0} == held(saved) | {"number": 0}


def test_a_row_that_may_not_be_is_refused(values):
    first = Attempt(**values, number=1, state="in_progress")
    NEW.write(first)
    second = Attempt(**values, number=2, state="in_progress")
    with pytest.raises(IntegrityError), transaction.atomic():
        NEW.write(second)


def test_only_the_named_fields_change_and_the_row_has_to_be_there(values, django_assert_num_queries):
    attempt = Attempt.objects.create(**values, number=1, state="in_progress")
    attempt.mark, attempt.max_mark, attempt.passed, attempt.paper = Decimal("0.3333"), Decimal(1), False, []
    attempt.state, attempt.finished_at, attempt.language = "finished", timezone.now(), "zh-hans"

    with django_assert_num_queries(1):
        MARKED.write(attempt)

    kept = Attempt.objects.get(pk=attempt.pk)
    assert held(kept) == held(attempt) | {"language": "en"}
    attempt.pk = 0
    with pytest.raises(DatabaseError), transaction.atomic():
        MARKED.write(attempt)


@pytest.mark.parametrize("model", [CoursePage, Question])
def test_what_others_are_told_of_is_refused(model):
    with pytest.raises(TypeError):
        PreparedInsert(model).write(model())
    assert PreparedInsert(Job)._fields
