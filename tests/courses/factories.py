"""Courses for tests: a course with its Chinese page and as many lessons as asked."""

import contextlib
from collections.abc import Iterator

from django.db.models.signals import post_save
from modelsearch.signal_handlers import post_save_signal_handler
from wagtail.models import Locale, Page
from wagtail.signal_handlers import update_reference_index_on_save

from courses.models import Course, CoursePage, CourseQuiz, LessonPage
from courses.starter.loading import ensure_catalogues


def course_of(code: str, *, lessons: int = 1, quiz=None, language: str = "zh-hans") -> Course:
    catalogue = ensure_catalogues([])[language]
    catalogue.refresh_from_db()
    page = CoursePage(
        title=f"课程 {code}", slug=code, summary="一句话", locale=Locale.objects.get(language_code=language)
    )
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
    """A new page is saved three times on its way, and its indices are the last one's."""
    with not_indexed(type(page)):
        parent.add_child(instance=page)
        revision = page.save_revision()
    revision.publish()


@contextlib.contextmanager
def not_indexed(model: type[Page]) -> Iterator[None]:
    """Within it pages of the kind are saved without writing what the search and the list of uses read."""
    receivers = (post_save_signal_handler, update_reference_index_on_save)
    for receiver in receivers:
        post_save.disconnect(receiver, sender=model)
    try:
        yield
    finally:
        for receiver in receivers:
            post_save.connect(receiver, sender=model)
