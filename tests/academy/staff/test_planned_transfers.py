"""A transfer that is entered for a later day: shown at the person, withdrawn with a reason, and replaced only knowingly."""

from datetime import timedelta

import pytest
from django.utils import timezone

from academy.models import JournalEntry, Notice, Posting, Role, User
from academy.staff.people import end_employment, post_person
from tests.cast import bank, person, position

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def world(client):
    branches = bank()
    hr = person("300001", "苏映雪", branches["HO"], roles=[Role.HR])
    mover = person("100001", "欧阳文澜", branches["BJ01"])
    client.force_login(hr)
    return branches, mover


def planned(branches, mover, days: int = 5, branch: str = "SH01", **fields) -> Posting:
    now = timezone.now()
    first = timezone.localdate() + days * DAY
    post = {"branch": branches[branch], "position": position(), "effective_from": first, "actor": None}
    return post_person(person=mover, now=now, **post, **fields)


def stands(mover) -> list[tuple]:
    rows = Posting.objects.current().filter(person=mover).order_by("effective_from")
    return [(row.branch.code, row.effective_from, row.effective_until) for row in rows]


def test_a_planned_transfer_is_withdrawn_and_the_post_before_goes_on(client, world):
    branches, mover = world
    boss = person("400001", "贺兰舟", branches["SH01"])
    before = stands(mover)
    coming = planned(branches, mover, manager=boss)
    address = f"/cms/users/{mover.pk}/transfer/{coming.pk}/"

    assert f'href="{address}"' in client.get(f"/cms/users/inspect/{mover.pk}/").text
    assert "reason" in client.post(address, {"sure": "1"}).context["form"].errors
    asked = client.post(address, {"reason": "调动取消"}).text
    assert "将产生的影响" in asked and "陆家嘴网点" in asked and len(stands(mover)) == 2

    client.post(address, {"reason": "调动取消", "sure": "1"})
    assert stands(mover) == before
    entry = JournalEntry.objects.get(action="academy.withdraw_post", person=mover)
    assert (entry.reason, entry.payload["before"]["branch"]) == ("调动取消", "SH01")
    told = Notice.objects.filter(kind="academy.post_withdrawn").values_list("person__staff_number", flat=True)
    assert sorted(told) == ["100001", "400001"]
    assert client.post(address, {"reason": "再次", "sure": "1"}).status_code == 404


def test_of_several_the_one_in_the_middle_goes_and_no_day_is_without_a_post(client, world):
    branches, mover = world
    middle, last = planned(branches, mover, 5), planned(branches, mover, 9, "BJ")
    middle = Posting.objects.current().get(person=mover, effective_from=middle.effective_from)

    client.post(f"/cms/users/{mover.pk}/transfer/{middle.pk}/", {"reason": "调动取消", "sure": "1"})

    (first, _from, until), (second, began, _open) = stands(mover)
    assert (first, until, second, began) == ("BJ01", last.effective_from - DAY, "BJ", last.effective_from)


def test_who_leaves_meanwhile_leaves_all_the_same(client, world):
    branches, mover = world
    coming = planned(branches, mover, 5)
    leaves = timezone.localdate() + 20 * DAY
    end_employment(person=mover, last_day=leaves, now=timezone.now(), actor=None, reason="辞职")
    coming = Posting.objects.current().get(person=mover, effective_from=coming.effective_from)

    client.post(f"/cms/users/{mover.pk}/transfer/{coming.pk}/", {"reason": "调动取消", "sure": "1"})

    assert [(branch, until) for branch, _from, until in stands(mover)] == [("BJ01", leaves)]


def test_one_that_has_begun_or_is_of_oneself_is_not_withdrawn(client, world):
    branches, mover = world
    today = Posting.objects.current().get(person=mover)
    own = planned(branches, User.objects.get(staff_number="300001"))

    for posting in (today, own):
        address = f"/cms/users/{posting.person_id}/transfer/{posting.pk}/"
        assert client.post(address, {"reason": "取消", "sure": "1"}).status_code == 404


def test_who_has_not_begun_keeps_the_one_post(client, world):
    branches, _mover = world
    newcomer = User.objects.create(staff_number="000901", display_name="重明")
    only = planned(branches, newcomer)

    page = client.post(f"/cms/users/{newcomer.pk}/transfer/{only.pk}/", {"reason": "取消", "sure": "1"}).text

    assert "撤销后该员工将没有任何岗位" in page and len(stands(newcomer)) == 1


def test_a_second_transfer_of_the_same_day_says_what_it_replaces_and_asks(client, world):
    branches, mover = world
    coming = planned(branches, mover)
    form = {"branch": branches["BJ"].pk, "position": position().pk, "first": coming.effective_from.isoformat()}
    address = f"/cms/users/{mover.pk}/transfer/"

    asked = client.post(address, {**form, "sure": "1"}).text
    assert "起已登记另一岗位" in asked and "陆家嘴网点" in asked and f'name="replaces" value="{coming.pk}"' in asked
    assert stands(mover)[-1][0] == "SH01"

    client.post(address, {**form, "sure": "1", "replaces": coming.pk})
    assert [branch for branch, _from, _until in stands(mover)] == ["BJ01", "BJ"]
    assert JournalEntry.objects.filter(action="academy.post").latest("pk").payload["before"]["branch"] == "SH01"
