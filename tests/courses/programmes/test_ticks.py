"""A tick is what somebody saw on a day: it goes only knowingly, and comes back with its day where it went by mistake."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from courses.models import ProgrammeTick
from courses.programmes.acts import tick_task
from tests.courses.programmes.test_programmes import TODAY, World

pytestmark = pytest.mark.django_db


def test_a_tick_is_taken_back_once_its_day_was_seen(client):
    world = World()
    row = world.posts(ago=40)
    step, day = world.steps[2], TODAY() - timedelta(days=5)
    tick_task(row=row, step=step, note="谈过", now=timezone.now(), actor=world.manager)
    ProgrammeTick.objects.update(done_on=day)
    client.force_login(world.manager)
    address = reverse("courses:programme_tick", args=[row.pk, step.pk])

    asked = client.post(address, {"do": "untick"}).text

    assert day.isoformat() in asked and "谈过" in asked
    assert ProgrammeTick.objects.filter(withdrawn_at=None).exists()
    client.post(address, {"do": "untick", "sure": "1"})
    assert not ProgrammeTick.objects.filter(withdrawn_at=None).exists()
    client.post(address, {"do": "tick"})
    assert ProgrammeTick.objects.get(withdrawn_at=None).done_on == day
