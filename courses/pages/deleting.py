"""Deleting pages of courses. What nobody learned goes at once, by whoever wrote it; what was published and learned stays,
unless it counts for a certificate and a second person agrees. The course behind its last page goes with it, where nothing
refers to it."""

from typing import Any

from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _

from academy.decisions.deletion import deletion_refusal, used_by
from academy.decisions.objects import DELETE
from academy.decisions.removing import removal_is_asked, things_going
from academy.models import User
from academy.requests.kept import kept
from courses.models import Course, CoursePage, Enrolment, Lesson, LessonPage, LessonProgress


def deletion_bar(page: CoursePage | LessonPage, person: User) -> str | None:
    """Why the person does not delete the page, beside what permissions say, or None."""
    name = {"name": page.draft_title or page.title}
    if (page.live or page.first_published_at) and _learned(page, person):
        if page.live and _goes_by_two(page, person):
            return None
        if page.live:
            return (
                _("“%(name)s” was published and people learned with it: it can be taken offline, not deleted.") % name
            )
        return _("“%(name)s” was published and people learned with it: it stays, offline.") % name
    if page.owner is not None and page.owner_id != person.pk and page.owner.is_active:
        return _("“%(name)s” was written by %(who)s, who alone deletes it.") % {**name, "who": page.owner}
    used = used_by(page.course) if is_last_page(page) else ""
    return (
        _("“%(name)s” is in use and cannot be deleted. Used by – %(what)s") % {**name, "what": used} if used else None
    )


def is_last_page(page: Any) -> bool:
    """Whether the course has no page in another language: it goes with this one."""
    return isinstance(page, CoursePage) and not page.course.pages.exclude(pk=page.pk).exists()


def _learned(page: CoursePage | LessonPage, person: User) -> bool:
    """Asked once a request for all rows of a list."""
    if isinstance(page, CoursePage):
        return page.course_id in kept(person, "courses.learned", lambda: _keys_with(Course, Enrolment, "course"))
    return page.lesson_id in kept(person, "lessons.learned", lambda: _keys_with(Lesson, LessonProgress, "lesson"))


def _keys_with(model: Any, rows: Any, field: str) -> set[int]:
    found = model.objects.filter(Exists(rows.objects.filter(**{field: OuterRef("pk")}))).order_by()
    return set(found.values_list("pk", flat=True))


def _goes_by_two(page: CoursePage | LessonPage, person: User) -> bool:
    course = page.course_id if isinstance(page, CoursePage) else page.lesson.course_id
    return kept(
        person,
        f"courses.goes_by_two.{course}",
        lambda: removal_is_asked(
            things=things_going(page, descendants=True), name=DELETE, actor=person, now=timezone.now()
        ),
    )


def forget_without_pages(*, course: int, lesson: int | None = None) -> None:
    """After a page is gone: the lesson or course that no page describes any more, and nothing else refers to."""
    # The lesson first: while it stands the course is not without lessons.
    lessons = Lesson.objects.filter(pk__in=[lesson] if lesson else [], pages=None)
    courses = Course.objects.filter(pk=course, pages=None)
    for unwritten in (lessons, courses.filter(lessons=None)):
        thing = unwritten.first()
        if thing is not None and deletion_refusal(thing) is None:
            thing.delete()
