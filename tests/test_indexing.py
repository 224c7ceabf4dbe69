"""The indices are written late in tests, and nobody who asks them can tell."""

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from wagtail.models import ReferenceIndex
from wagtail.search.backends import get_search_backend

from quizzes.models import Question
from tests.quizzes.factories import bank_of

pytestmark = [pytest.mark.django_db, pytest.mark.database, pytest.mark.both]


def is_found(name: str) -> bool:
    return bool(list(get_search_backend().autocomplete(name, Question)))


def is_used(question: Question) -> bool:
    return ReferenceIndex.get_references_for_object(question).exists()


def taken_back(act) -> None:
    class TakenBackError(Exception):
        pass

    def act_and_take_back() -> None:
        with transaction.atomic():
            act()
            raise TakenBackError

    with pytest.raises(TakenBackError):
        act_and_take_back()


@pytest.fixture
def question() -> Question:
    return bank_of(1).questions.get()


def test_what_is_saved_waits_until_it_is_asked_for(question, indices):
    assert indices.saved

    assert is_found("q0") and is_used(question)
    assert not indices.saved


def test_who_saves_again_is_found_by_the_new_name_alone(question):
    assert is_found("q0")

    question.name = "renamed"
    question.save()

    assert is_found("renamed") and not is_found("q0")


def test_what_was_asked_within_something_taken_back_is_still_found(question):
    taken_back(lambda: is_found("q0"))
    assert is_found("q0") and is_used(question)

    taken_back(lambda: (is_found("q0"), bank_of(1, "other")))
    assert is_found("q0") and is_used(question)


def test_what_is_deleted_is_in_no_index(question):
    draft = Question.objects.create(
        bank=question.bank, category=question.category, name="draft", type="single", body=question.body
    )
    key = str(draft.pk)

    draft.delete()

    assert not is_found("draft") and is_found("q0")
    assert not ReferenceIndex.objects.filter(object_id=key, base_content_type__model="question").exists()


def test_whoever_counts_queries_counts_what_the_product_does(question):
    with CaptureQueriesContext(connection) as asked:
        assert is_used(question)
    assert len(asked) == 1, [query["sql"] for query in asked]

    with CaptureQueriesContext(connection) as asked:
        question.save()
    assert [query for query in asked if "referenceindex" in query["sql"]], "a save is counted with all it does"
