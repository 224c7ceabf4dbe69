"""Making a page makes its identity; translations share it; publishing tells the identity its names and order.

A lesson without a published page gates nothing, whichever way the page went: as a draft, offline, deleted, moved.
"""

from django.utils import timezone
from wagtail.models import Page

from academy.models.slugs import slug_of, written_as_free
from courses.models import Course, CoursePage, Lesson, LessonPage
from courses.pages.teaching import follow_lesson


def identify_course(page: CoursePage) -> None:
    """Gives a new course page its course: the one of its translation, else a new one."""
    if page.course_id:
        twin = CoursePage.objects.filter(course=page.course_id).exclude(pk=page.pk or 0)
        if page.pk or not twin.exclude(translation_key=page.translation_key).exists():
            return
    sibling = CoursePage.objects.filter(translation_key=page.translation_key).exclude(pk=page.pk or 0).first()
    if sibling is not None:
        page.course_id = sibling.course_id
        return
    wanted = page.slug or slug_of(page.title, otherwise="course")
    page.course = written_as_free(
        wanted, Course.objects, lambda code: Course.objects.create(code=code), field="code", length=70
    )


def identify_lesson(page: LessonPage, course_id: int) -> None:
    """Gives a new lesson page its lesson within the course."""
    if page.lesson_id and page.lesson.course_id == course_id:
        same = LessonPage.objects.filter(lesson=page.lesson_id).exclude(pk=page.pk or 0)
        if page.pk or not same.exclude(translation_key=page.translation_key).exists():
            return
    # Also the page itself, where a draft from before it was moved is saved.
    sibling = LessonPage.objects.filter(translation_key=page.translation_key, lesson__course=course_id).first()
    if sibling is not None:
        page.lesson_id = sibling.lesson_id
        return
    lessons = Lesson.objects.filter(course=course_id)
    since = None if page.live else timezone.now()
    page.lesson = written_as_free(
        page.slug or slug_of(page.title, otherwise="lesson"),
        lessons,
        lambda code: Lesson.objects.create(
            course_id=course_id, code=code, sort_order=lessons.count(), withdrawn_at=since
        ),
        field="code",
        length=70,
    )


def sync_course(*, page: CoursePage) -> None:
    """The names as published, so that registers and standing need no page."""
    live = {
        course_page.locale.language_code: course_page.title
        for course_page in CoursePage.objects.filter(course=page.course_id, live=True).select_related("locale")
    }
    titles = {key: live[code] for code, key in (("zh-hans", "title"), ("en", "title_en")) if code in live}
    if not titles:
        return
    course, rows = Course.objects.get(pk=page.course_id), Course.objects.filter(pk=page.course_id)
    if course.title or course.title_en:
        rows.update(**titles)
        return
    # Until then the page took its short name from a title that was still being written.
    others = Course.objects.exclude(pk=course.pk)
    wanted = page.slug or course.code
    written_as_free(wanted, others, lambda code: rows.update(**titles, code=code), field="code", length=70)


def sync_lesson(*, page: LessonPage) -> None:
    """Whether the lesson gates follows its pages; its place follows the page tree."""
    sync_gate(lesson=page.lesson_id)
    parent: Page | None = page.get_parent()
    if parent is None:
        return
    for order, lesson_id in enumerate(
        LessonPage.objects.child_of(parent).order_by("path").values_list("lesson", flat=True)
    ):
        Lesson.objects.filter(pk=lesson_id).exclude(sort_order=order).update(sort_order=order)


def sync_gate(*, lesson: int) -> None:
    """A lesson without a published page gates nothing."""
    is_live = LessonPage.objects.filter(lesson=lesson, live=True).exists()
    Lesson.objects.filter(pk=lesson).update(withdrawn_at=None if is_live else timezone.now())


def follow_move(*, page: Page) -> None:
    """A lesson's page that was moved to another course is a lesson of that one; what was learned stays where it was."""
    moved = LessonPage.objects.filter(pk=page.pk).select_related("lesson").first()
    if moved is None:
        return
    before = moved.lesson_id
    moved.save()
    follow_lesson(before=before, after=moved.lesson)
    sync_gate(lesson=before)
    sync_lesson(page=moved)
