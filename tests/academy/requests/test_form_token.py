"""Forms are taken by the token of their page, which is another on each page."""

import re

import pytest
from django.test import Client

from tests.cast import bank, person

pytestmark = pytest.mark.django_db


def token_on(client, address):
    return re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', client.get(address).content.decode())[1]


def test_a_form_is_taken_by_the_token_of_any_page_of_the_sign_in_and_by_no_other():
    client, learner = Client(enforce_csrf_checks=True), person("100001", "欧阳文澜", bank()["BJ01"])
    client.force_login(learner)
    first, second = token_on(client, "/notices/"), token_on(client, "/notices/")
    assert first != second
    assert len(first) == len(second) == 64

    def post(token):
        return client.post("/language/", {"language": "en", "csrfmiddlewaretoken": token}).status_code

    assert [post(first), post(second)] == [302, 302]
    assert post(first[:-1] + ("a" if first[-1] != "a" else "b")) == 403
    assert post(first[:32] + second[32:]) == 403


def test_who_has_no_cookie_yet_gets_one_with_the_form():
    client = Client(enforce_csrf_checks=True)

    token = token_on(client, "/accounts/login/")

    assert "csrftoken" in client.cookies
    wrong = {"login": "100001", "password": "x", "csrfmiddlewaretoken": token}
    assert client.post("/accounts/login/", wrong).status_code == 200
    assert client.post("/accounts/login/", {**wrong, "csrfmiddlewaretoken": "x" * 64}).status_code == 403
