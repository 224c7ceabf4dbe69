"""Who most tests of quizzes are about, and what may be practised."""

import pytest

from academy.doors import PracticeSource, practice_sources
from academy.models import Role
from tests.cast import bank, person


@pytest.fixture
def branches():
    return bank()


@pytest.fixture
def learner(branches):
    return person("100001", "欧阳文澜", branches["BJ01"])


@pytest.fixture
def trainer(branches):
    return person("200001", "宋知远", branches["HO"], roles=[Role.TRAINER])


@pytest.fixture
def source(category):
    """The bank of the folder's own ``category`` is there for everybody to practise."""

    def course(learner):
        return [PracticeSource("course", "课程", frozenset([category.bank_id]))]

    practice_sources.register(course)
    yield
    practice_sources.functions.remove(course)
