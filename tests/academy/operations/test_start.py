"""The site starts: Django's own checks pass on the database at hand, as every command would run them first."""

import sys

import pytest
from django.core.management import call_command

from academy.models import User

pytestmark = [pytest.mark.django_db, pytest.mark.database, pytest.mark.both]


def test_a_mistyped_address_of_the_demo_shows_no_list_of_addresses(client, settings):
    settings.DEBUG = True

    for address in ("/nope/", "/quizzes/nope/", "/cms/nope/"):
        client.force_login(User.objects.get_or_create(staff_number="100099")[0])
        response = client.get(address)
        assert response.status_code == 404
        assert "页面不存在" in response.content.decode()
        assert "academy.urls" not in response.content.decode()


def test_every_system_check_passes():
    call_command("check", databases=["default"], fail_level="WARNING")


def test_no_process_carries_an_api_that_nobody_serves():
    """Wagtail would load it with each: a third of the start of a command."""
    assert [name for name in sys.modules if name.startswith(("wagtail.api.v3", "ninja"))] == []
