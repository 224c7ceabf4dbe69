"""What a load asks for row by row is done at its end, each thing once, and nothing of it waits at the first start."""

import pytest
from django_tasks_db.models import DBTaskResult
from wagtail.models import ReferenceIndex
from wagtail.tasks import update_reference_index_task

from academy.jobs.tasks import job_task
from academy.operations.settling import settled
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
