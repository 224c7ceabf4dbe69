"""The site starts: Django's own checks pass on the database at hand, as every command would run them first."""

import pytest
from django.core.management import call_command

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def test_every_system_check_passes():
    call_command("check", databases=["default"], fail_level="WARNING")
