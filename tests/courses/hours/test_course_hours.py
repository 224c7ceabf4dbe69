"""课程学时: HR sees for how many hours each course counts, and sets them with a reason and a day."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from academy.calendar.clock import local_day
from academy.models import JournalEntry, Role
from courses.models import Course, CourseHours
from courses.progress.learning import enrol
from tests.cast import bank, person
from tests.courses.factories import course_of

pytestmark = pytest.mark.django_db
LIST = "course_hours:index"


def hr(client, at: str = "HO"):
    who = person("300001", "顾行舟", bank()[at], roles=[Role.HR])
    client.force_login(who)
    return who


def address(course: Course) -> str:
    return reverse("course_hours:edit", args=[course.pk])


def test_hr_finds_hours_minutes_and_what_holds_later(client):
    hr(client)
    course = course_of("complaints", lessons=3)
    day = local_day(timezone.now()) + timedelta(days=9)
    CourseHours.objects.create(course=course, holds_from=day, before=course.hours, after=4, taken_over=False)

    page = client.get(reverse(LIST))

    assert address(course) in page.text and f"{day:%Y-%m-%d} · 4.0" in page.text
    assert reverse(LIST) in client.get(reverse("wagtailadmin_home")).text


def test_hr_sets_hours_with_a_reason_and_the_rest_stays(client):
    who, course = hr(client), course_of("complaints", lessons=3)
    Course.objects.filter(pk=course.pk).update(days_needed=9)

    refused = client.post(address(course), {"hours": "3", "hours_reason": "", "hours_from": ""}).text
    assert "另定学时须写明理由" in refused and Course.objects.get().hours != 3
    client.post(address(course), {"hours": "3", "hours_reason": "另有两次作业", "hours_from": ""})

    stored = Course.objects.get()
    assert (stored.hours, stored.hours_reason, stored.days_needed) == (Decimal(3), "另有两次作业", 9)
    assert JournalEntry.objects.get(action="courses.change_settings").actor == who


def test_whom_it_concerns_is_read_first_and_is_no_error(client):
    hr(client)
    course = course_of("complaints", lessons=3)
    enrol(learner=person("100002", "沈知夏", bank()["BJ01"]), course=course, now=timezone.now())
    day = local_day(timezone.now()) + timedelta(days=10)
    data = {"hours": "3", "hours_reason": "另有作业", "hours_from": day.isoformat()}

    asked = client.post(address(course), data)

    assert "正在学习的有 1 人" in asked.text and "沈知夏" in asked.text and "尚未保存" in asked.text
    assert "academy-errors" not in asked.text and "error-message" not in asked.text
    assert not CourseHours.objects.exists()
    client.post(address(course), {**data, "hours_seen": asked.context["impact"]["seen"]})
    assert CourseHours.objects.get().holds_from == day


def test_hr_of_a_branch_reads_and_does_not_set(client):
    hr(client, at="BJ")
    course = course_of("complaints", lessons=3)

    page = client.get(address(course)).text

    assert 'name="hours"' not in page and "总行" in page
    assert client.post(address(course), {"hours": "3", "hours_reason": "另有作业"}).status_code == 404
    assert Course.objects.get().hours != 3


@pytest.mark.parametrize("courses", [1, 3])
def test_the_list_costs_the_same_however_long_it_is(client, courses, django_assert_num_queries):
    hr(client)
    for number in range(courses):
        course_of(f"c{number}")
    client.get(reverse(LIST))
    with django_assert_num_queries(12):
        client.get(reverse(LIST))
