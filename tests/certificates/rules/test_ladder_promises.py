"""Who began under the earlier requirements reads through which day these hold; each missing thing says whose turn it is."""

from datetime import timedelta

import pytest
from django.utils import timezone

from certificates.models import Requirement, RuleVersion
from certificates.rules.ladder import ladder_of
from certificates.rules.ladder_words import day_of
from tests.certificates.deciding.scenes import World
from tests.courses.factories import course_of

pytestmark = pytest.mark.django_db


def test_the_ladder_names_the_last_day_of_the_earlier_requirements(client):
    world, today = World(), timezone.localdate()
    world.learns(world.learner, 0, ago=20)
    until = today + timedelta(days=60)
    newer = RuleVersion.objects.create(
        track=world.cm1, number=2, effective_from=today - timedelta(days=1), transition_until=until
    )
    for course in (*world.courses[:2], course_of("four")):
        Requirement.objects.create(rule_version=newer, kind="course", course=course)

    began, new = (
        next(step for step in ladder_of(who, today) if step.state == "current") for who in (world.learner, world.other)
    )

    assert (began.finishes_by, began.missing) == (until, 1)
    assert (new.finishes_by, new.missing) == (None, 3)
    client.force_login(world.learner)
    page = client.get("/").content.decode()
    assert day_of(until) in page
    assert "由谁办理：您" in page


def test_the_home_names_what_the_level_asks_next_where_no_course_is_open(client):
    world = World()
    client.force_login(world.learner)

    first = client.get("/").text.partition('id="continue-title"')[2].partition("</section>")[0]

    assert world.courses[0].local_title in first and world.courses[0].code in first
    assert "选择" not in first
