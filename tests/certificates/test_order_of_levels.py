"""Levels outside the ladder have no rank: lists put them last whichever way they are sorted, on either database."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from academy.models import CareerLevel, Role
from certificates.award.awarding import import_history
from certificates.models import CertificationTrack
from tests.cast import bank, person

pytestmark = [pytest.mark.django_db, pytest.mark.database, pytest.mark.both]
LEVELS = {"CM2": 2, "ZZ": None, "CM1": 1}


@pytest.fixture
def hr(client):
    branches = bank()
    holder = person("100001", "欧阳文澜", branches["BJ01"])
    for code, rank in LEVELS.items():
        level = CareerLevel.objects.create(code=code, rank=rank, name=f"等级{code}")
        import_history(
            person=holder,
            track=CertificationTrack.objects.create(code=code.lower(), level=level, name=f"认证{code}"),
            awarded_on=timezone.localdate() - timedelta(days=100),
            valid_through=timezone.localdate() + timedelta(days=100),
            now=timezone.now(),
            actor=None,
        )
    found = person("300001", "苏映雪", branches["HO"], roles=[Role.HR, Role.ADMINISTRATOR])
    client.force_login(found)
    return found


@pytest.mark.parametrize(
    ("address", "column"), [("/cms/levels/", "rank"), ("/cms/register/", "certification__track__level__rank")]
)
def test_who_has_no_rank_stands_last_whichever_way_a_list_is_sorted(hr, client, address, column):
    def order(asked: str) -> list[str]:
        page = client.get(f"{address}?ordering={asked}").content.decode()
        listed = page[page.rindex("<tbody") :]
        return list(dict.fromkeys(re.findall(r"\b(CM1|CM2|ZZ)\b", listed)))

    assert order(column) == ["CM1", "CM2", "ZZ"]
    assert order(f"-{column}") == ["CM2", "CM1", "ZZ"]
