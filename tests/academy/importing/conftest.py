"""Branches, HR of head office signed in, and the positions that files name."""

import pytest

from academy.models import Position, Role
from tests.cast import bank, person


@pytest.fixture
def branches():
    return bank()


@pytest.fixture
def hr(branches, client):
    found = person("300001", "苏映雪", branches["HO"], roles=[Role.HR])
    client.force_login(found)
    return found


@pytest.fixture
def teller():
    """A branch's file names positions and creates none."""
    return Position.objects.create(code="teller", name="柜员", line="operations")
