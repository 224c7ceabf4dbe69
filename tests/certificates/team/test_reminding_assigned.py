"""HR reminds the overdue people of an assignment: shown first, once a day, within one's part of the bank."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from academy.models import Audience, Notice, Role
from courses.models import CourseAssignment
from tests.cast import bank, person
from tests.courses.factories import course_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def world():
    branches, today = bank(), timezone.localdate()
    audience = Audience.objects.create(name="北京", branch=branches["BJ"])
    made = CourseAssignment.objects.create(
        course=course_of("etiquette"),
        audience=audience,
        effective_from=today - timedelta(days=60),
        due_from="fixed",
        due_date=today - timedelta(days=1),
    )
    for number, name, days in (("100001", "欧阳文澜", -1), ("100002", "林一舟", -3), ("100003", "陆知秋", 20)):
        CourseAssignment.assignees().objects.create(
            assignment=made,
            person=person(number, name, branches["BJ01"]),
            since=today - timedelta(days=60),
            due_on=today + timedelta(days=days),
        )
    return {
        "hr": person("300001", "苏映雪", branches["HO"], roles=[Role.HR]),
        "far": person("300002", "方知远", branches["SH"], roles=[Role.HR]),
        "auditor": person("600001", "严守正", branches["HO"], roles=[Role.AUDITOR]),
        "people": reverse("assignments:people", args=["course", made.pk]),
        "remind": reverse("remind_assigned", args=["course", made.pk]),
    }


def told() -> list[str]:
    found = Notice.objects.filter(kind="certificates.nudge").order_by("person__staff_number")
    return list(found.values_list("person__staff_number", flat=True))


def test_the_overdue_of_an_assignment_are_shown_then_reminded_once_a_day(client, world):
    client.force_login(world["hr"])
    assert world["remind"] in client.get(world["people"]).content.decode()
    form = client.get(world["remind"])
    page = form.content.decode()
    assert form.context["count"] == 2 and "欧阳文澜" in page and "陆知秋" not in page
    words = {"words": form.context["words"], "whom": "all"}

    shown = client.post(world["remind"], words).content.decode()
    assert "将发出 2 条通知" in shown and told() == []
    client.post(world["remind"], words | {"sure": "1"})
    assert told() == ["100001", "100002"]

    again = client.post(world["remind"], words | {"sure": "1"}, follow=True).content.decode()
    assert told() == ["100001", "100002"] and "您今天已催办过" in again


def test_who_does_not_answer_for_people_reminds_nobody(client, world):
    for who, status in (("auditor", 404), ("far", 404)):
        client.force_login(world[who])
        assert client.post(world["remind"], {"words": "x", "whom": "all", "sure": "1"}).status_code == status, who
    client.force_login(world["auditor"])
    assert world["remind"] not in client.get(world["people"]).content.decode()
    assert told() == []
