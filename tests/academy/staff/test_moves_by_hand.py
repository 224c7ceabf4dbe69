"""HR transfers one person and enters one leave: what comes of it is said first and nothing is written until it is sure."""

from datetime import timedelta

import pytest
from django.utils import timezone

from academy.models import CareerLevel, JournalEntry, Leave, Position, Posting, Role
from certificates.models import CertificationTrack
from certificates.posts.asking import require_level
from tests.cast import OPENED, bank, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(client):
    branches = bank()
    hr = person("300001", "苏映雪", branches["HO"], roles=[Role.HR])
    mover = person("100001", "欧阳文澜", branches["BJ01"])
    client.force_login(hr)
    return branches, mover


def test_a_transfer_says_which_level_the_new_post_asks_for_then_is_entered(client, world):
    branches, mover = world
    level = CareerLevel.objects.create(code="CM1", rank=1, name="见习客户经理", name_en="Trainee")
    CertificationTrack.objects.create(code="cm1", level=level, name="见习认证", name_en="Trainee certification")
    asking = Position.objects.create(code="adviser", name="理财顾问", name_en="Adviser")
    require_level(level=level, position=asking, within_days=60, effective_from=OPENED, now=timezone.now(), actor=None)
    boss = person("400001", "贺兰舟", branches["SH01"])
    day = timezone.localdate() + timedelta(days=3)
    form = {"branch": branches["SH01"].pk, "position": asking.pk, "first": day.isoformat(), "manager": "400001"}
    address = f"/cms/users/{mover.pk}/transfer/"

    asked = client.post(address, form).content.decode()
    assert "将产生的影响" in asked and "新增：" in asked and "见习" in asked
    assert Posting.objects.filter(person=mover).count() == 1

    client.post(address, {**form, "sure": "1"})
    new = Posting.objects.current().get(person=mover, effective_until=None)
    assert (new.branch, new.position, new.manager, new.effective_from) == (branches["SH01"], asking, boss, day)
    assert JournalEntry.objects.filter(action="academy.post", person=mover, actor__staff_number="300001").exists()
    assert "没有此工号" not in asked and "没有此工号" in client.post(address, {**form, "manager": "9"}).content.decode()


def test_a_leave_is_entered_once_and_not_over_another(client, world):
    _branches, mover = world
    today = timezone.localdate()
    form = {"kind": "illness", "first": today.isoformat(), "last": (today + timedelta(days=40)).isoformat()}
    address = f"/cms/users/{mover.pk}/leave/"

    assert "该员工的待办不会变化" in client.post(address, form).content.decode()
    assert not Leave.objects.exists()
    assert "休假已登记" in client.post(address, {**form, "sure": "1"}, follow=True).content.decode()
    assert Leave.objects.get().effective_until == today + timedelta(days=40)
    assert "与已登记的休假重叠" in client.post(address, {**form, "sure": "1"}).content.decode()
    assert JournalEntry.objects.filter(action="academy.leave", person=mover).count() == 1


def test_hr_of_another_branch_and_oneself_are_refused(client, world):
    branches, mover = world
    assert "调动" in client.get(f"/cms/users/inspect/{mover.pk}/").content.decode()
    local = person("300002", "上海人力", branches["SH"], roles=[Role.HR])
    client.force_login(local)
    for pk in (mover.pk, local.pk):
        assert client.get(f"/cms/users/{pk}/transfer/").status_code == 404
        assert client.get(f"/cms/users/{pk}/leave/").status_code == 404
