"""The whole demo, loaded once for the tests of this folder and rolled back behind them."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.db import transaction
from django.test import override_settings


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """One worker runs this folder, so the demo is loaded once. First, before the groups are read."""
    for item in items:
        if "/demo/" in item.nodeid.replace("\\", "/"):
            item.add_marker(pytest.mark.xdist_group("demo"))


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
