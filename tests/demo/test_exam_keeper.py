"""The demo's exam keeper reads the pools that are closed to all others."""

import pytest
from django.utils import timezone

from academy.models import User
from quizzes.models import Question
from quizzes.pools.exam_pools import exam_pool_refusal, pools

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.mark.parametrize(
    ("number", "reads"), [("200003", True), ("200002", True), ("200001", False), ("900001", False)]
)
def test_who_reads_the_pools_of_the_demo(number, reads):
    person = User.objects.get(staff_number=number)
    questions = Question.objects.filter(category__in=pools())

    assert questions.exists()
    for question in questions[:5]:
        refusal = exam_pool_refusal(user=person, question=question, now=timezone.now())
        assert (refusal is None) == reads
