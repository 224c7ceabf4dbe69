"""A learner of a course whose bank may be practised."""

import pytest

from academy.doors import PracticeSource, practice_sources
from tests.cast import bank, person
from tests.quizzes.factories import bank_of


@pytest.fixture
def learner():
    return person("100001", "欧阳文澜", bank()["BJ01"])


@pytest.fixture
def category():
    found = bank_of(12)
    found.bank.open_for_practice = True
    found.bank.save()
    return found


@pytest.fixture
def source(category):
    def course(learner):
        return [PracticeSource("course", "课程", frozenset([category.bank_id]))]

    practice_sources.register(course)
    yield
    practice_sources.functions.remove(course)
