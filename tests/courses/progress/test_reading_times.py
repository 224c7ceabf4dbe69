"""How long people took over a lesson stands where the least reading time is set."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from academy.models import Role
from courses.models import LeastReading, Lesson, LessonProgress
from courses.progress.learning import enrol
from courses.progress.reading_times import reading_times
from tests.cast import bank, person
from tests.courses.factories import course_of

pytestmark = pytest.mark.django_db


def done(number: int, lesson: Lesson, *, minutes: int, in_sight: int = 0) -> None:
    now = timezone.now()
    enrolment = enrol(learner=person(f"10{number:04}", "学员", bank()["BJ01"]), course=lesson.course, now=now)
    opened = now - timedelta(days=2)
    LessonProgress.objects.create(
        enrolment=enrolment,
        lesson=lesson,
        opened_at=opened,
        done_at=opened + timedelta(minutes=minutes),
        read_seconds=60 * in_sight,
    )


def test_the_median_is_of_one_sitting_where_nothing_was_measured():
    lesson = course_of("etiquette", lessons=1).lessons.get()
    for number, minutes in enumerate((3, 5, 9, 300)):
        done(number, lesson, minutes=minutes)

    (time,) = reading_times(timezone.now())

    assert (time.seconds, time.count, time.measured) == (5 * 60, 3, False)


def test_what_was_measured_goes_before_what_is_guessed():
    lesson = course_of("etiquette", lessons=1).lessons.get()
    done(1, lesson, minutes=2)
    done(2, lesson, minutes=400, in_sight=6)
    done(3, lesson, minutes=9, in_sight=8)

    (time,) = reading_times(timezone.now())

    assert (time.seconds, time.count, time.measured) == (7 * 60, 2, True)


@pytest.mark.parametrize("lessons", [1, 3])
def test_it_stands_under_the_share_and_costs_the_same(client, lessons, django_assert_num_queries):
    course = course_of("etiquette", lessons=lessons)
    for number, lesson in enumerate(course.lessons.all()):
        done(number, lesson, minutes=4)
    client.force_login(person("300001", "顾行舟", bank()["HO"], roles=[Role.TRAINER]))
    setting = LeastReading.objects.first() or LeastReading.objects.create()
    address = reverse("least_reading:edit", args=[setting.pk])

    assert client.get(address).text.count("1 ·") == lessons
    with django_assert_num_queries(11):
        client.get(address)
