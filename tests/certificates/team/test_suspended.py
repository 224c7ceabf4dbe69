"""One certificate, one state and one last day, whoever reads it; outside it is not said why a holder is away."""

from datetime import timedelta

import pytest
from django.utils import timezone
from django.utils.formats import date_format

from academy.models import Leave
from certificates.award.awarding import import_history
from certificates.models import Certificate
from tests.certificates.team.managing import TODAY, under

pytestmark = pytest.mark.django_db
SUSPENDED = "暂停（休假）"


def test_a_suspended_certificate_is_suspended_on_every_page_and_names_both_days(client, world):
    branches, track, boss = world
    away, works = (under(boss, number, name, branches["BJ01"]) for number, name in (("12", "苏眠"), ("13", "林晚")))
    printed, extended = TODAY() + timedelta(days=10), TODAY() + timedelta(days=60)
    for one in (away, works):
        import_history(
            person=one,
            track=track,
            awarded_on=TODAY() - timedelta(days=5),
            valid_through=printed,
            now=timezone.now(),
            actor=None,
            reason="test",
        )
    Leave.objects.create(person=away, kind="maternity", effective_from=TODAY() - timedelta(days=3))
    short, long = (date_format(extended, name) for name in ("SHORT_DATE_FORMAT", "DATE_FORMAT"))

    for reader, address in ((away, "/"), (away, "/my/certificates/"), (away, "/my/transcript/")):
        client.force_login(reader)
        text = client.get(address).text
        assert SUSPENDED in text, address
        assert short in text, address
        assert f"证书上印的有效期至为 {date_format(printed, 'SHORT_DATE_FORMAT')}" in text, address
    client.force_login(boss)
    for address in ("/team/", f"/team/{away.pk}/"):
        text = client.get(address).text
        assert text.count(SUSPENDED) >= 1, address
        assert short in text, address
    assert client.get("/team/").text.count(SUSPENDED) == 1
    assert SUSPENDED not in client.get(f"/team/{works.pk}/").text
    client.logout()
    outside = client.get(f"/verify/{Certificate.objects.get(person=away).code}/").text
    assert long in outside
    assert SUSPENDED not in outside
    assert "持证人是否休假、担任哪个岗位，此处不予显示" in outside
