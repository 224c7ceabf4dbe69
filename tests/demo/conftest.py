"""The whole demo, for the tests of this folder."""

import pytest

from tests import worlds


@pytest.fixture(scope="package")
def demo(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), worlds.standing_in("demo"):
        yield


@pytest.fixture(autouse=True)
def _demo(demo, db):
    """Every test of this folder stands in the demo and leaves it as it was."""


@pytest.fixture
def record_walk(request):
    """Counts a walk by one role; the sum stands at the end of the run, from whichever worker it comes."""

    def record(**counts: int) -> None:
        request.node.user_properties.append(("walk", counts))

    return record
