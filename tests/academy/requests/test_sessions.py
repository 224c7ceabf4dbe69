"""Whoever has no session that holds is nobody, and the session's query is one."""

from datetime import timedelta
from importlib import import_module

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.urls import reverse
from django.utils import timezone

from tests.cast import bank, person

pytestmark = [pytest.mark.django_db, pytest.mark.database, pytest.mark.both]


def test_a_session_holds_until_it_ends(client):
    learner = person("100001", "欧阳文澜", bank()["BJ01"])
    client.force_login(learner)
    assert client.get(reverse("todo")).status_code == 200

    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    assert client.get(reverse("todo")).headers["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize("key", ["a" * 32, "short", "", "é" * 32])
def test_a_key_that_nobody_has_is_nobody(client, key):
    client.cookies[settings.SESSION_COOKIE_NAME] = key
    assert client.get(reverse("todo")).status_code == 302


def test_a_session_is_read_by_one_query_and_written_as_ever(django_assert_num_queries):
    store = import_module(settings.SESSION_ENGINE).SessionStore
    made = store()
    made["word"] = "言"
    made.create()

    with django_assert_num_queries(1):
        assert store(made.session_key)["word"] == "言"
    made.flush()
    assert "word" not in store(made.session_key or "a" * 32)
