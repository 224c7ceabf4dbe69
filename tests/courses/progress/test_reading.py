"""A lesson counts once its question is settled and it was read for as long as the bank asks; off, nothing is asked."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from academy.errors.refusals import RuleViolation
from courses.models import LeastReading, LessonPage, LessonProgress
from courses.progress.learning import enrol, mark_lesson_done, record_opening, tell_and_finish
from courses.progress.reading import credited, needed_seconds, seconds_missing, tell_reading
from tests.cast import bank, person
from tests.courses.factories import course_of

NOW = timezone.now()


@pytest.mark.parametrize(
    ("passed", "said", "counts"),
    [(20, 15, 15), (10, 600, 10), (300, 280, 280), (60, None, 60), (7200, None, 1800), (-5, 15, 0)],
)
def test_no_more_counts_than_passed_here(passed, said, counts):
    assert credited(told_at=NOW - timedelta(seconds=passed), now=NOW, said=said) == counts


def test_a_page_that_never_began_counts_nothing():
    assert credited(told_at=None, now=NOW, said=600) == 0


def test_the_share_is_of_the_stated_minutes():
    assert (needed_seconds(4, 50), needed_seconds(5, 0)) == (120, 0)


@pytest.fixture
def begun(db) -> LessonProgress:
    page = LessonPage.objects.get(lesson__course=course_of("complaints"))
    LessonPage.objects.update(minutes=4)
    now = timezone.now()
    enrolment = enrol(learner=person("100001", "林见鹿", bank()["BJ01"]), course=page.lesson.course, now=now)
    progress = record_opening(enrolment=enrolment, lesson=page.lesson, now=now)
    return tell_reading(progress=progress, said=0, now=now, begins=True)


def asked(share: int) -> None:
    LeastReading.objects.update_or_create(
        pk=LeastReading.objects.values_list("pk", flat=True).first(), defaults={"share": share}
    )


def test_off_it_asks_nothing(begun):
    assert seconds_missing(progress=begun, lesson=begun.lesson_id) == 0
    mark_lesson_done(progress=begun, has_check=False, now=timezone.now())
    assert begun.done_at is not None


def test_visits_add_up_and_a_reload_begins_none_anew(begun):
    asked(50)
    at = timezone.now()
    tell_reading(progress=begun, said=60, now=at + timedelta(seconds=60))
    tell_reading(progress=begun, said=0, now=at + timedelta(hours=2), begins=True)
    with pytest.raises(RuleViolation):
        mark_lesson_done(progress=begun, has_check=False, now=at)
    assert seconds_missing(progress=begun, lesson=begun.lesson_id) == 60
    tell_reading(progress=begun, said=60, now=at + timedelta(hours=2, seconds=60))
    mark_lesson_done(progress=begun, has_check=False, now=at)
    assert LessonProgress.objects.get().done_at is not None


def test_the_page_says_what_is_missing_and_stays_open(begun, client):
    asked(100)
    client.force_login(begun.enrolment.learner)
    page = LessonPage.objects.get()

    shown = client.get(page.get_url()).text

    assert "再读约 4 分钟" in shown and "正文" in shown
    told = client.post(
        reverse("courses:lesson_step", args=[page.pk, "position"]),
        {"position": "10", "seconds": "0"},
        headers={"x-requested-with": "fetch", "accept-language": "en"},
    )
    assert "再读约 4 分钟" in told.text


def told_by_page(client, step: str, **fields: str):
    page = LessonPage.objects.get()
    address = reverse("courses:lesson_step", args=[page.pk, step])
    return client.post(address, fields, headers={"x-requested-with": "fetch"})


def test_off_what_the_page_tells_writes_nothing(begun, client):
    client.force_login(begun.enrolment.learner)
    before = LessonProgress.objects.values("read_seconds", "told_at").get()

    assert told_by_page(client, "position", position="10", seconds="20").status_code == 204

    assert LessonProgress.objects.values("read_seconds", "told_at").get() == before


def test_a_settled_question_counts_once_enough_was_read(begun):
    asked(50)
    at = timezone.now()
    begun.check_settled_at = at
    begun.save()
    told = {"progress": begun, "said": 60, "has_check": True}

    assert tell_and_finish(**told, now=at + timedelta(seconds=60)) == 60
    assert begun.done_at is None
    assert tell_and_finish(**told, now=at + timedelta(seconds=120)) == 0
    assert LessonProgress.objects.get().done_at == at + timedelta(seconds=120)


def test_enough_reading_alone_does_not_answer_the_question(begun):
    asked(50)
    now = timezone.now() + timedelta(seconds=120)

    assert tell_and_finish(progress=begun, said=120, has_check=True, now=now) == 0

    with pytest.raises(RuleViolation):
        mark_lesson_done(progress=begun, has_check=True, now=now)
    assert LessonProgress.objects.get().done_at is None
