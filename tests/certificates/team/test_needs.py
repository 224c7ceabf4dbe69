"""What the people need from their manager: the word for a level, an observation, time, and tasks to tick."""

import pytest
from django.urls import reverse

from certificates.rules.acting import actor_for
from certificates.rules.standing import Asked, Judged
from tests.courses.programmes.test_programmes import World

pytestmark = pytest.mark.django_db


def test_the_team_page_names_tasks_to_tick_and_courses_that_want_time(client):
    world = World()
    row = world.posts(ago=40)
    client.force_login(world.manager)
    tick = f"{reverse('courses:programme_of', args=[world.learner.pk])}#step-{world.steps[2].pk}"

    before = client.get(reverse("certificates:team"))

    assert [(need.act, need.late) for need in before.context["needs"]] == [("tick", False), ("time", True)]
    assert f'href="{tick}"' in before.content.decode()
    assert f'href="{tick}"' in client.get(reverse("home")).content.decode()
    client.post(reverse("courses:programme_tick", args=[row.pk, world.steps[2].pk]), {"do": "tick"})
    world.completes(0, row.since)
    assert client.get(reverse("certificates:team")).context["needs"] == []


@pytest.mark.parametrize(
    ("kind", "mine"), [("course", True), ("quiz", True), ("recommendation", False), ("posted", False)]
)
def test_each_missing_thing_says_whose_turn_it_is(kind, mine):
    assert (actor_for(Judged(Asked(1, kind, "x"), met=False, missing="!")) == "您") is mine
    assert actor_for(Judged(Asked(1, kind, "x"), met=True)) == ""
