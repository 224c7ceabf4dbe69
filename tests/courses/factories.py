"""Courses for tests: a course with its Chinese page and as many lessons as asked."""

from django.utils import timezone
from wagtail.models import Page
from wagtail.signals import page_published

from courses.models import CataloguePage, Course, CoursePage, CourseQuiz, LessonPage
from courses.starter.loading import ensure_catalogues


def course_of(code: str, *, lessons: int = 1, quiz=None, language: str = "zh-hans") -> Course:
    catalogue = CataloguePage.objects.filter(locale__language_code=language).select_related("locale").first()
    # They stand from the start (tests/conftest.py), except in a process of one's own.
    catalogue = catalogue or ensure_catalogues([])[language]
    page = CoursePage(title=f"课程 {code}", slug=code, summary="一句话", locale=catalogue.locale)
    publish_below(catalogue, page)
    for number in range(1, lessons + 1):
        add_lesson(page, number)
    if quiz is not None:
        CourseQuiz.objects.create(course=page.course, quiz=quiz)
    return page.course


def add_lesson(page: CoursePage, number: int) -> LessonPage:
    page = CoursePage.objects.get(pk=page.pk)
    lesson = LessonPage(title=f"第 {number} 节", slug=f"lesson-{number}", locale=page.locale)
    lesson.body = [("text", "<p>正文</p>"), ("remember", "记住这一句")]
    publish_below(page, lesson)
    return lesson


def publish_below(parent: Page, page: Page) -> None:
    """A new page as it stands once it is published, in one save; a test of drafts and revisions makes its own."""
    page.first_published_at = page.last_published_at = timezone.now()
    parent.add_child(instance=page)
    page_published.send(sender=type(page), instance=page, revision=None)
