"""An exam that is sat today, in a session of Beijing."""

import pytest
from django.utils import timezone

from academy.models import Role
from tests.cast import person
from tests.quizzes.factories import bank_of, quiz_of
from tests.quizzes.hall.exam_days import MINUTE, a_session


@pytest.fixture
def hr(branches):
    return person("300001", "苏映雪", branches["BJ"], roles=[Role.HR])


@pytest.fixture
def watch(branches):
    return person("510001", "沈观澜", branches["BJ"], roles=[Role.INVIGILATOR])


@pytest.fixture
def learners(branches):
    return [
        person(f"10000{number}", name, branches["BJ01"])
        for number, name in enumerate(("欧阳文澜", "谢长宁", "罗素衣"), 1)
    ]


@pytest.fixture
def exam():
    return quiz_of(
        bank_of(3), 3, code="exam", kind="exam", time_limit_minutes=60, attempts_allowed=2, wait_minutes=0, pass_mark=60
    )


@pytest.fixture
def session(exam, branches, hr, watch):
    """Began ten minutes ago, goes on for two hours, late entry for half an hour."""
    return a_session(exam, branches["BJ"], hr, [watch], timezone.now() - 10 * MINUTE)
