"""What a load asks for row by row is done at its end, each thing once, and nothing of it waits at the first start."""

import pytest
from django.contrib.contenttypes.models import ContentType
from django_tasks_db.models import DBTaskResult
from modelsearch.tasks import insert_or_update_object_task
from wagtail.models import ReferenceIndex
from wagtail.search.backends import get_search_backend
from wagtail.search.models import IndexEntry
from wagtail.tasks import update_reference_index_task

from academy.jobs.tasks import job_task
from academy.operations.settling import index_together, settled
from academy.settings import TASKS
from quizzes.models import Question, Quiz
from tests.quizzes.factories import bank_of, quiz_of

pytestmark = pytest.mark.django_db


def test_a_load_leaves_no_queue_behind_and_nothing_undone(settings):
    settings.TASKS = TASKS
    quiz_of(bank_of(1), 1)
    update_reference_index_task.enqueue("quizzes", "quiz", str(Quiz.objects.get().pk))
    before = DBTaskResult.objects.count()
    assert before
    ReferenceIndex.objects.all().delete()

    with settled():
        for _time in range(3):
            update_reference_index_task.enqueue("quizzes", "question", str(Question.objects.get().pk))
        update_reference_index_task.enqueue("quizzes", "no such model", "1")
        job_task.enqueue(7)

    # What waited before is not the load's, long work is the worker's, and what raised is said there.
    assert DBTaskResult.objects.count() == before + 2
    left = list(DBTaskResult.objects.order_by("-enqueued_at")[:2])
    assert {result.task_path for result in left} == {
        "academy.jobs.tasks.job_task",
        "wagtail.tasks.update_reference_index_task",
    }
    assert ReferenceIndex.get_references_for_object(Question.objects.get()).exists()


def test_rows_of_a_load_come_into_the_search_together(settings):
    """Also what was deleted since, of which nothing stays, neither in the search nor in the queue."""
    settings.TASKS = TASKS
    questions = list(bank_of(3).questions.all())
    DBTaskResult.objects.all().delete()
    IndexEntry.objects.all().delete()

    with settled():
        for key in [*(question.pk for question in questions), 999_999]:
            insert_or_update_object_task.enqueue("quizzes", "question", str(key))

    assert not DBTaskResult.objects.exists()
    assert {found.pk for found in get_search_backend().autocomplete("q", Question)} == {one.pk for one in questions}
    assert IndexEntry.objects.filter(content_type__model="question").count() == 3


@pytest.mark.parametrize("count", [1, 3])
def test_what_comes_into_the_search_together_costs_the_same_for_many(count, django_assert_num_queries):
    keys = [question.pk for question in bank_of(count).questions.all()]
    IndexEntry.objects.all().delete()
    ContentType.objects.get_for_model(Question)

    with django_assert_num_queries(6):
        index_together(Question, keys)
