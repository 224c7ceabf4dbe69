"""A tick is what somebody saw on a day: it goes only knowingly, and comes back with its day where it went by mistake."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from courses.models import ProgrammeTick
from courses.programmes.acts import tick_task
from tests.cast import person
from tests.courses.programmes.test_programmes import TODAY, World

pytestmark = pytest.mark.django_db


def test_a_tick_is_taken_back_once_its_day_was_seen(client):
    world = World()
    row = world.posts(ago=40, mentored=True)
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


@pytest.mark.parametrize("reader", ["learner", "manager"])
def test_what_was_seen_stands_under_the_tick_for_whom_the_form_says(client, reader):
    world = World()
    row = world.posts(ago=40, mentored=True)
    client.force_login(world.manager)
    address = reverse("courses:programme_of", args=[world.learner.pk])
    assert "本人、导师、直属上级和人力资源部都会在这里看到" in client.get(address).text
    tick = reverse("courses:programme_tick", args=[row.pk, world.steps[2].pk])
    done = client.post(tick, {"do": "tick", "note": "先问再答", "back": "/team/7/"})
    assert done.url == f"{address}?back=%2Fteam%2F7%2F#step-{world.steps[2].pk}"
    said = client.get(done.url.partition("#")[0]).text
    assert 'href="/team/7/"' in said and said.index(f'id="step-{world.steps[2].pk}"') < said.index('accent beside"')

    client.force_login(getattr(world, reader))
    page = client.get(reverse("courses:programme") if reader == "learner" else address).text

    assert "<q>先问再答</q>" in page and "程经理" in page


def test_another_mentor_is_asked_about_and_a_newcomer_is_none(client):
    world = World()
    row = world.posts(ago=40)
    newcomer = person("100009", "陆新", world.branches["BJ01"])
    world.posts(newcomer)
    client.force_login(world.manager)
    address, page = (
        reverse("courses:programme_mentor", args=[row.pk]),
        reverse("courses:programme_of", args=[world.learner.pk]),
    )

    client.post(address, {"mentor": "100009"}, HTTP_REFERER=f"http://testserver{page}")
    row.refresh_from_db()
    assert row.mentor is None
    assert 'value="100009"' not in client.get(page).text and 'value="100002"' in client.get(page).text
    client.post(address, {"mentor": "100002"})
    asked = client.post(address, {"mentor": "400001"}).text
    row.refresh_from_db()
    assert row.mentor == world.mentor and "程经理" in asked
    client.post(address, {"mentor": "400001", "sure": "1"})
    row.refresh_from_db()
    assert row.mentor == world.manager


def test_a_note_holds_no_numbers_of_people_and_who_was_the_mentor_is_told(client):
    world = World()
    row = world.posts(ago=40, mentored=True)
    client.force_login(world.manager)
    tick = reverse("courses:programme_tick", args=[row.pk, world.steps[2].pk])
    mentor = reverse("courses:programme_mentor", args=[row.pk])
    newcomer = person("100009", "陆新", world.branches["BJ01"])
    world.posts(newcomer)

    said = client.post(tick, {"do": "tick", "note": "电话 13812345678"}, follow=True).text
    refused = client.post(mentor, {"mentor": "陆新"}, follow=True).text
    unknown = client.post(mentor, {"mentor": "没有这个人"}, follow=True).text
    client.post(mentor, {"mentor": "400001", "sure": "1"})

    assert "请去掉电话、证件号码和账号" in said and not ProgrammeTick.objects.exists()
    # Refused before anybody is asked whether they are sure.
    assert "新人不能担任导师" in refused and "没有姓名或工号为“没有这个人”" in unknown
    assert [notice.kind for notice in world.mentor.notices.all()] == ["courses.mentor_ended", "courses.mentor_named"]
