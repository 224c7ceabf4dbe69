"""A category of six questions that may be practised."""

import pytest

from tests.quizzes.factories import bank_of


@pytest.fixture
def category():
    found = bank_of(6)
    found.bank.open_for_practice = True
    found.bank.save()
    return found
