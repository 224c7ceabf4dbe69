"""A course whose bank may be practised."""

import pytest

from tests.quizzes.factories import bank_of


@pytest.fixture
def category():
    found = bank_of(12)
    found.bank.open_for_practice = True
    found.bank.save()
    return found
