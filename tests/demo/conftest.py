"""The whole demo, loaded once for the tests of this folder and rolled back behind them."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.db import transaction
from django.test import override_settings


@pytest.fixture(scope="package")
def demo(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), transaction.atomic():
        with override_settings(DEBUG=True):
            call_command("load_demo", stdout=StringIO(), stderr=StringIO())
        yield
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def _demo(demo, db):
    """Every test of this folder stands in the demo and leaves it as it was."""


@pytest.fixture
def record_walk(request):
    """Counts a walk by one role; the sum stands at the end of the run, from whichever worker it comes."""

    def record(**counts: int) -> None:
        request.node.user_properties.append(("walk", counts))

    return record
