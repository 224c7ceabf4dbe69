"""What a course without its lessons, or in one language of two, says to trainers and to learners."""

import pytest
from django.urls import reverse
from django.utils import timezone
from wagtail.models import Locale

from academy.models import Role
from courses.models import CataloguePage, CoursePage, LessonPage, LessonProgress
from courses.progress.learning import enrol
from quizzes.models import Quiz
from tests.cast import bank, person
from tests.courses.factories import add_lesson, course_of, publish_below
from tests.quizzes.factories import bank_of, quiz_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def trainer():
    return person("200001", "宋知远", bank()["BJ"], roles=[Role.TRAINER, Role.REVIEWER])


@pytest.fixture
def pages(trainer):
    """A course in both languages with a lesson in each."""
    page = CoursePage.objects.get(course=course_of("counter"))
    english = CoursePage(title="At the counter", slug="counter", summary="A sentence", course=page.course)
    english.locale, english.translation_key = Locale.objects.get(language_code="en"), page.translation_key
    publish_below(CataloguePage.objects.get(locale=english.locale), english)
    lesson = add_lesson(english, 1)
    return page, CoursePage.objects.get(pk=english.pk), lesson


def unpublish(client, page, **ticked):
    return client.post(reverse("wagtailadmin_pages:unpublish", args=[page.pk]), ticked, follow=True)


def test_who_takes_a_page_offline_reads_of_the_other_language_and_may_take_both(trainer, client, pages):
    chinese, english, _lesson = pages
    client.force_login(trainer)

    asked = client.get(reverse("wagtailadmin_pages:unpublish", args=[english.pk])).text
    unpublish(client, english)
    alone = CoursePage.objects.get(pk=chinese.pk).live
    english.save_revision().publish()
    unpublish(client, english, other_languages="1", include_descendants="on")

    assert "课程 counter" in asked and "各语言版本一并下线" in asked
    assert alone
    assert not CoursePage.objects.filter(live=True).exists() and not LessonPage.objects.filter(live=True).exists()


def test_a_course_without_a_published_lesson_is_not_shown_as_one_of_no_minutes(trainer, client, pages):
    chinese, _english, lesson = pages
    LessonPage.objects.child_of(chinese).get().unpublish()
    client.force_login(trainer)

    in_the_other = client.get("/zh-hans/").text
    LessonPage.objects.get(pk=lesson.pk).unpublish()
    nowhere, page = client.get("/zh-hans/").text, client.get(chinese.url).text

    assert "At the counter" in in_the_other and "课程 counter" not in in_the_other
    assert "还没有发布章节" in nowhere and "阅读 0 分钟" not in nowhere
    assert "还没有发布章节" in page and "0 节" not in page and "开始学习" not in page


def test_publishing_a_course_page_alone_says_that_learners_find_no_lesson(trainer, client, pages):
    chinese, _english, _lesson = pages
    LessonPage.objects.child_of(chinese).get().unpublish()
    client.force_login(trainer)
    address = reverse("wagtailadmin_pages:edit", args=[chinese.pk])
    form = {"title": "课程", "summary": "一句话", "outcomes": "", "cover": "", "slug": "counter", "action-publish": "1"}

    answer = client.post(address, form, follow=True)

    assert "没有章节的课程" in answer.text


def test_the_course_says_what_its_button_does_and_what_stays_offline(trainer, client, pages):
    chinese, _english, lesson = pages
    client.force_login(trainer)
    address = reverse("course_admin:edit", args=[chinese.course_id])

    nothing = client.get(address).text
    LessonPage.objects.get(pk=lesson.pk).unpublish()
    offline = client.get(address).text
    changed_page = CoursePage.objects.get(pk=chinese.pk)
    changed_page.title = "新标题"
    changed_page.save_revision()
    changed = client.get(address).text

    assert "发布课程" not in nothing and "均已发布" in nothing
    assert "有 1 个页面已下线" in offline and "均已发布" not in offline
    assert "发布课程" in changed and "将课程提交审核" not in changed


def test_a_course_whose_quiz_is_offline_says_so_before_and_after(trainer, client):
    """Before it goes the trainer reads which course nobody can complete; after it nobody is left without a word."""
    quiz = quiz_of(bank_of(2), 1, code="course-quiz")
    quiz.save_revision().publish()
    course = course_of("counter", lessons=1, quiz=quiz)
    learner = person("100001", "欧阳文澜", bank()["BJ01"])
    enrolment = enrol(course=course, learner=learner, now=timezone.now())
    LessonProgress.objects.create(enrolment=enrolment, lesson=course.lessons.get(), done_at=timezone.now())
    page, settings = CoursePage.objects.get(course=course), reverse("course_admin:edit", args=[course.pk])
    client.force_login(trainer)
    unpublishing = reverse("wagtailsnippets_quizzes_quiz:unpublish", args=[quiz.pk])

    asked = client.get(unpublishing).text
    assert "课程“课程 counter”要求通过此测验" in asked and "1 人正在学习" in asked and "被引用" not in asked
    assert "目前已下线" not in client.get(settings).text
    client.post(unpublishing)

    assert not Quiz.objects.get().live
    edited = client.get(settings).text
    assert "目前已下线：重新发布或移出课程之前" in edited and "该课程的内容均已发布" not in edited
    client.force_login(learner)
    for address in (page.url, "/", reverse("todo")):
        assert "该测验目前已下线" in client.get(address).text, address
    # Who has not begun reads it, too.
    client.force_login(person("100002", "林晚", bank()["BJ01"]))
    assert "该测验目前已下线" in client.get(page.url).text


def test_a_lesson_is_read_only_where_its_course_is_published_and_publishing_it_says_so(trainer, client, pages):
    chinese, _english, _lesson = pages
    client.force_login(trainer)
    below = LessonPage.objects.child_of(chinese).get()
    assert client.get(below.url).status_code == 200

    unpublish(client, chinese)

    assert client.get(below.url).status_code == 404
    CoursePage.objects.get(pk=chinese.pk).save_revision().publish()
    assert client.get(below.url).status_code == 200
