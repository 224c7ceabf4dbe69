"""Lists of people sort by the sounds of their names, as a Chinese directory does, on either database."""

import pytest
from django.utils import timezone

from academy.models import Role, User
from academy.models.name_keys import name_key, signs_of
from academy.staff.people import rename_person
from tests.cast import bank, person

MIXED = ["张伟", "Zoe Li", "章程", "欧阳文澜", "曾岚", "安然", "单雪", "吕布", "路遥", "张安", "Adam Xu"]
ORDERED = ["Adam Xu", "安然", "路遥", "吕布", "欧阳文澜", "单雪", "曾岚", "张安", "张伟", "章程", "Zoe Li"]


def test_family_names_are_read_as_families_read_them_and_stand_together():
    assert sorted(MIXED, key=name_key) == ORDERED


def test_a_person_is_shown_by_the_end_of_a_chinese_name_and_by_the_initials_of_another():
    names = ["谢长宁", "欧阳文澜", "路遥", "Zoe Li", "Adam", ""]
    assert [signs_of(name) for name in names] == ["长宁", "文澜", "路遥", "ZL", "A", ""]


@pytest.mark.django_db
@pytest.mark.database
@pytest.mark.both
def test_hr_sorts_people_and_a_new_name_finds_its_place(client):
    branches = bank()
    hr = person("300001", "安心", branches["HO"], roles=[Role.HR])
    people = [person(str(n), name, branches["BJ01"]) for n, name in enumerate(["张伟", "曾岚", "单雪"], 100)]
    rename_person(person=people[0], display_name="白雪", now=timezone.now(), actor=None, reason="更名")
    client.force_login(hr)

    shown = client.get("/cms/users/?ordering=name_key").content.decode()
    places = [
        shown.index(f">{name}<") if f">{name}<" in shown else shown.index(name) for name in ("白雪", "单雪", "曾岚")
    ]
    assert places == sorted(places)
    assert list(User.objects.order_by("name_key").values_list("display_name", flat=True)) == [
        "安心",
        "白雪",
        "单雪",
        "曾岚",
    ]


@pytest.mark.django_db
def test_the_manager_sorts_the_team_so(client):
    branches = bank()
    boss = person("4", "贺兰舟", branches["BJ01"], roles=[Role.LINE_MANAGER])
    for number, name in enumerate(["张伟", "曾岚", "安然"], 11):
        person(str(number), name, branches["BJ01"]).postings.update(manager=boss)
    client.force_login(boss)

    shown = client.get("/team/?sort=name").content.decode()
    assert shown.index("安然") < shown.index("曾岚") < shown.index("张伟")
