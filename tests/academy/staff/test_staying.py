"""Whoever opens the page to sign out and stays is where they were."""

import pytest

from tests.cast import bank, person

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("back", "leads"), [("/my/todo/", "/my/todo/"), ("https://elsewhere.example/", "/"), ("", "/")]
)
def test_whoever_stays_instead_of_signing_out_is_where_they_were(client, back, leads):
    client.force_login(person("100001", "欧阳文澜", bank()["BJ01"]))

    page = client.get("/accounts/logout/", {"back": back}).text.partition("<main")[2]

    assert f'href="{leads}">' in page
