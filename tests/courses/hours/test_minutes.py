"""Hours of a course follow from its minutes; other hours need a reason, and hold for what is completed from then on."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from academy.calendar.clock import local_day
from academy.models import JournalEntry, Role
from courses.hours.ledger import credit_completion, credit_missed_completions, take_over_hours
from courses.hours.minutes import Minutes, follow_minutes, minutes_of, otherwise
from courses.models import Course, CourseHours, Enrolment, HourEntry, JobAid, Lesson, LessonPage
from courses.pages.settings import change_course, hours_foreseen
from courses.progress.learning import enrol, mark_lesson_done, record_opening
from tests.cast import bank, person
from tests.courses.factories import course_of
from tests.quizzes.factories import bank_of, quiz_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def course() -> Course:
    made = course_of("complaints", lessons=3)
    LessonPage.objects.update(minutes=10)
    return made


def set_hours(course: Course, hours: str, *, now=None, reason: str = "另有作业", day=None) -> None:
    course.refresh_from_db()
    change_course(
        course=course,
        topic=None,
        hours=Decimal(hours),
        hours_reason=reason,
        hours_from=day,
        quizzes_after_lessons=True,
        quizzes=[],
        now=now or timezone.now(),
        actor=None,
    )


def completed(learner, course: Course, now) -> Enrolment:
    enrolment = enrol(learner=learner, course=course, now=now)
    for lesson in Lesson.objects.all():
        progress = record_opening(enrolment=enrolment, lesson=lesson, now=now)
        mark_lesson_done(progress=progress, has_check=False, now=now)
    return Enrolment.objects.get(pk=enrolment.pk)


def test_forty_five_minutes_are_one_hour():
    assert Minutes(lessons=25, dialogues=5, quizzes=12, aids=5).hours == Decimal("1.0")
    assert Minutes(lessons=67).hours == Decimal("1.5")
    assert Minutes(lessons=1).hours == Decimal("0.1")


def test_a_new_course_says_what_its_minutes_give_until_somebody_gives_a_reason(course):
    # Three lessons of four minutes were published, and nobody said a word of hours.
    assert Course.objects.get().hours == Decimal("0.3")
    LessonPage.objects.get(slug="lesson-1").save_revision().publish()
    assert Course.objects.get().hours == Decimal("0.7")
    set_hours(course, "0.7", reason="")
    quiz = quiz_of(bank_of(1), 1, time_limit_minutes=45)
    change_course(
        course=course,
        topic=None,
        hours=Decimal("0.7"),
        quizzes_after_lessons=True,
        quizzes=[quiz],
        now=timezone.now(),
        actor=None,
    )
    assert Course.objects.get().hours == Decimal("1.7")
    set_hours(course, "3.0")
    assert follow_minutes(Course.objects.all()) == 0
    assert Course.objects.get().hours == 3


def test_what_somebody_completed_is_not_changed_by_the_way(course):
    Course.objects.update(hours=1)
    enrolment = enrol(learner=person("100001", "林见鹿", bank()["BJ01"]), course=course, now=timezone.now())
    Enrolment.objects.update(completed_at=timezone.now(), completed_on=local_day(timezone.now()))
    LessonPage.objects.get(slug="lesson-1").save_revision().publish()
    assert Course.objects.get().hours == 1
    Enrolment.objects.filter(pk=enrolment.pk).update(completed_at=None, completed_on=None)
    assert follow_minutes(Course.objects.all()) == 1
    assert Course.objects.get().hours == Decimal("0.7")


def test_each_part_counts_once(course):
    lessons = list(Lesson.objects.all())
    aid = JobAid.objects.create(code="card", name="卡片", body="一句话", taught_by=lessons[0])
    aid.lessons.set(lessons)
    other = course_of("etiquette", lessons=1)
    aid.lessons.add(Lesson.objects.get(course=other))
    taken = minutes_of([course, other])
    assert taken[course.pk] == Minutes(lessons=30, aids=5)
    assert taken[other.pk].aids == 0


def test_four_queries_however_many_courses(course, django_assert_num_queries):
    with django_assert_num_queries(3):
        minutes_of([course])
    others = [course_of(f"course-{number}", lessons=1) for number in range(3)]
    with django_assert_num_queries(3):
        minutes_of([course, *others])


def test_who_completed_before_keeps_the_hours_of_that_day(course):
    branches, today = bank(), timezone.now()
    set_hours(course, "2.0", now=today - timedelta(days=20))
    early = completed(person("100001", "林见鹿", branches["BJ01"]), course, today - timedelta(days=10))
    entry = HourEntry.objects.get(enrolment=early)
    set_hours(course, "0.7", now=today - timedelta(days=5))
    late = completed(person("100002", "沈知夏", branches["BJ01"]), course, today)
    assert HourEntry.objects.get(enrolment=late).hours == Decimal("0.7")
    assert HourEntry.objects.get(pk=entry.pk).hours == Decimal("2.0")


def test_what_was_missed_counts_as_on_its_day(course):
    today = timezone.now()
    set_hours(course, "2.0", now=today - timedelta(days=20))
    early = completed(person("100001", "林见鹿", bank()["BJ01"]), course, today - timedelta(days=10))
    HourEntry.objects.all().delete()
    set_hours(course, "0.7", now=today - timedelta(days=5))
    assert credit_missed_completions(now=today) == 1
    assert HourEntry.objects.get().hours == Decimal("2.0")
    assert credit_completion(enrolment=early, now=today) is None


def test_a_change_says_whom_it_concerns(course):
    today = timezone.now()
    branches = bank()
    completed(person("100001", "林见鹿", branches["BJ01"]), course, today)
    enrol(learner=person("100002", "沈知夏", branches["BJ01"]), course=course, now=today)
    lines = hours_foreseen({"course": course.pk, "before": {"hours": "2"}, "after": {"hours": "0.7"}})
    assert lines == [
        "已完成的 1 人次仍按原来的 2 学时计。",
        "正在学习的 1 人，以及生效当日起完成的人，按 0.7 学时计。",
    ]
    assert hours_foreseen({"course": course.pk, "before": {"hours": "2"}, "after": {"hours": "2"}}) == []


def test_other_hours_need_a_reason(course, client):
    client.force_login(person("300001", "顾行舟", bank()["HO"], roles=[Role.TRAINER]))
    address = reverse("course_admin:edit", args=[course.pk])
    data = {"topic": "", "hours": "2", "hours_reason": "", "days_needed": course.days_needed, "quizzes-count": "0"}
    assert "折合 0.7 学时" in client.get(address).text
    assert "另定学时须写明理由" in client.post(address, data).text
    assert Course.objects.get().hours == Decimal("0.3")
    client.post(address, {**data, "hours_reason": "另有两次作业"})
    assert Course.objects.get().hours == 2
    client.post(address, {**data, "hours": "0.7"})
    assert Course.objects.get().hours == Decimal("0.7")


def test_the_list_finds_what_states_other_hours(course, client):
    assert [one.pk for one in otherwise([course])] == [course.pk]
    client.force_login(person("300001", "顾行舟", bank()["HO"], roles=[Role.TRAINER]))
    assert "complaints" in client.get(reverse("course_admin:index"), {"state": "hours"}).text
    set_hours(course, "0.7", reason="")
    assert otherwise(Course.objects.all()) == []
    assert "没有" in client.get(reverse("course_admin:index"), {"state": "hours"}).text


def test_hours_of_a_later_day_hold_from_it_and_not_before(course):
    branches, now = bank(), timezone.now()
    day = local_day(now) + timedelta(days=10)
    set_hours(course, "2.0", now=now)
    set_hours(course, "0.7", now=now, day=day)
    assert Course.objects.get().hours == Decimal("2.0")
    before = completed(person("100001", "林见鹿", branches["BJ01"]), course, now + timedelta(days=9))
    late = completed(person("100002", "沈知夏", branches["BJ01"]), course, now + timedelta(days=10))
    assert HourEntry.objects.get(enrolment=before).hours == Decimal("2.0")
    assert HourEntry.objects.get(enrolment=late).hours == Decimal("0.7")

    assert take_over_hours(now=now, today=day - timedelta(days=1)) == 0
    assert take_over_hours(now=now, today=day) == 1
    assert take_over_hours(now=now, today=day) == 0

    assert Course.objects.get().hours == Decimal("0.7")
    assert JournalEntry.objects.get(action="courses.take_over_hours").payload["after"]["hours"] == "0.7"


def test_another_decision_takes_the_place_of_the_later_day(course):
    now = timezone.now()
    day = local_day(now) + timedelta(days=10)
    set_hours(course, "2.0", now=now)
    set_hours(course, "0.7", now=now, day=day)
    set_hours(course, "3.0", now=now, day=day + timedelta(days=1))
    assert CourseHours.objects.get(taken_over=False).after == 3
    set_hours(course, "2.0", now=now)
    assert not CourseHours.objects.filter(taken_over=False).exists()
    assert Course.objects.get().hours == 2


def test_the_form_says_who_is_under_way_before_it_saves(course, client):
    now = timezone.now()
    client.force_login(person("300001", "顾行舟", bank()["HO"], roles=[Role.TRAINER, Role.HR]))
    enrol(learner=person("100002", "沈知夏", bank()["BJ01"]), course=course, now=now)
    day = local_day(now) + timedelta(days=10)
    address = reverse("course_admin:edit", args=[course.pk])
    data = {"topic": "", "hours": "2", "hours_reason": "另有作业", "days_needed": "7", "quizzes-count": "0"}
    data["hours_from"] = day.isoformat()

    asked = client.post(address, data)

    assert "正在学习的有 1 人" in asked.text and "沈知夏" in asked.text
    assert "尚未保存" in asked.text and "错误" not in asked.text
    assert not CourseHours.objects.exists()
    seen = asked.context["impact"]["seen"]
    assert seen in asked.text
    client.post(address, {**data, "hours_seen": seen})
    assert CourseHours.objects.get().holds_from == day
    assert "按 2.0 学时计" in client.get(address).text
    # Saved as it stands, it stays.
    client.post(address, {**data, "days_needed": "8"})
    assert CourseHours.objects.get().holds_from == day


def test_a_day_that_has_passed_is_refused(course, client):
    client.force_login(person("300001", "顾行舟", bank()["HO"], roles=[Role.TRAINER]))
    data = {"topic": "", "hours": "2", "hours_reason": "另有作业", "days_needed": "7", "quizzes-count": "0"}
    data["hours_from"] = (local_day(timezone.now()) - timedelta(days=1)).isoformat()
    assert "该日期已过" in client.post(reverse("course_admin:edit", args=[course.pk]), data).text
