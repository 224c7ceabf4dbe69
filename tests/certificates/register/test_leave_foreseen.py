"""Before a leave is entered, corrected or withdrawn HR reads what it does to the certificates of the person."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from academy.models import Leave, Role
from certificates.award.awarding import revoke_certification
from certificates.document.verification import verdict_on
from certificates.models import Certificate
from certificates.register.rows import RegisterQuery, rows_of_certificates
from tests.cast import bank, person
from tests.certificates.register.test_register_listing import certified

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def world(client):
    branches = bank()
    client.force_login(person("300001", "苏映雪", branches["HO"], roles=[Role.HR]))
    return certified("100001", "欧阳文澜", branches["BJ01"], days=200)


def register(client) -> str:
    """The line of the register about the person."""
    page = client.get("/cms/register/", {"q": "100001"}).content.decode()
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", page[page.index('id="listing-results"') :]))


def effects(client, address: str, form: dict) -> str:
    page = client.post(address, form).content.decode()
    return re.sub(r"\s+", " ", re.search(r'aria-labelledby="ahead">(.*?)</section>', page, re.S)[1])


def test_the_preview_of_a_leave_says_of_certificates_what_the_register_says_after_it(client, world):
    today = timezone.localdate()
    day, moved = today + timedelta(days=200), today + timedelta(days=212)
    address = f"/cms/users/{world.person_id}/leave/"
    form = {"kind": "maternity", "first": (today - timedelta(days=11)).isoformat(), "last": ""}

    entering = effects(client, address, form)
    assert f"暂停（休假），有效期至 {moved.isoformat()}（原为有效，有效期至 {day.isoformat()}）" in entering

    client.post(address, form | {"sure": "1"})
    shown = register(client)
    assert "暂停（休假）" in shown and moved.isoformat() in shown

    never = form | {"never": "on", "reason": "误录"}
    withdrawing = effects(client, f"{address}{Leave.objects.get().pk}/", never)
    assert f"有效，有效期至 {day.isoformat()}（原为暂停（休假），有效期至 {moved.isoformat()}）" in withdrawing

    # Over by now: nothing rests, and the last day moves all the same.
    over = form | {"last": (today - timedelta(days=2)).isoformat(), "reason": "提前返岗"}
    client.post(f"{address}{Leave.objects.get().pk}/", never | {"sure": "1"})
    later = (day + timedelta(days=10)).isoformat()
    assert f"有效期至 {later}（原为 {day.isoformat()}）" in effects(client, address, over)
    client.post(address, over | {"sure": "1"})
    assert later in register(client)


def test_leave_moves_nothing_of_what_was_revoked_before_it(client, world):
    """Not in the preview, in the register as list and as rows, nor for whoever verifies it."""
    today = timezone.localdate()
    revoke_certification(certification=world.certification, reason="作弊", now=timezone.now(), actor=None)
    address = f"/cms/users/{world.person_id}/leave/"
    form = {"kind": "maternity", "first": today.isoformat(), "last": (today + timedelta(days=60)).isoformat()}

    entering = effects(client, address, form)
    client.post(address, form | {"sure": "1"})

    printed, question = world.certification.valid_through, RegisterQuery(as_of=today, known_as_of=timezone.now())
    assert "有效期至" not in entering
    assert "已撤销" in register(client) and printed.isoformat() in register(client)
    assert rows_of_certificates(question, Certificate.objects.filter(pk=world.pk))[0].through == printed
    assert verdict_on(Certificate.objects.get(pk=world.pk), today).extended is None
