"""Which lesson teaches what a question asks: read after a paper and in the wrong-answer book, chosen at its category."""

from collections.abc import Sequence
from dataclasses import dataclass

from django import forms
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from academy.doors import FormPart, QuestionPlace, StudyPlace
from academy.requests.kept.answers import by_what_stands_now, kept_for_everybody
from courses.models import Lesson, LessonPage, TaughtCategory
from courses.models.teaching import courses_by_bank
from quizzes.models import QuestionCategory


@dataclass(frozen=True)
class Taught:
    """A course and, where its page is published, the lesson of it: titles and addresses in one language."""

    course: str
    course_url: str
    lesson: str = ""
    lesson_url: str = ""


@by_what_stands_now()
def places_that_teach(questions: Sequence[QuestionPlace]) -> list[StudyPlace]:
    """The lesson that teaches the category of a question, or its course while the lesson is not published; else the course
    whose quizzes draw from the question's bank. One query, two to four more where something was changed since."""
    by_category = _taught(sorted({question.category for question in questions if question.category}))
    others = {question.bank for question in questions if question.category not in by_category}
    by_bank = _taught_by_bank(sorted(others))
    places = []
    # Questions are many, what teaches them is not.
    said: dict[int, tuple[str, str]] = {}
    for question in questions:
        taught = by_category.get(question.category or 0) or by_bank.get(question.bank)
        if taught is None:
            continue
        label, url = said.get(id(taught)) or said.setdefault(id(taught), _said(taught))
        places.append(StudyPlace(question.question, label, url, taught.course, taught.lesson))
    return places


def _said(taught: Taught) -> tuple[str, str]:
    """The words that lead to it, and where."""
    if taught.lesson:
        return f"{taught.course} · {taught.lesson}", taught.lesson_url
    return _("Course: %(title)s") % {"title": taught.course}, taught.course_url


def _taught(categories: Sequence[int]) -> dict[int, Taught]:
    """By category, the same for everybody."""
    if not categories:
        return {}
    return kept_for_everybody(f"taught-categories-{'-'.join(map(str, categories))}", lambda: _read_taught(categories))


def _read_taught(categories: Sequence[int]) -> dict[int, Taught]:
    rows = TaughtCategory.objects.filter(category__in=categories, lesson__isnull=False)
    lessons = {row.category_id: row.lesson for row in rows.select_related("lesson__course") if row.lesson is not None}
    pages = _pages_of({lesson.pk for lesson in lessons.values()}, published=True)
    taught = {}
    for category, lesson in lessons.items():
        page = pages.get(lesson.pk)
        said = (page.title, page.get_url() or "") if page is not None else ("", "")
        course = lesson.course
        taught[category] = Taught(course.local_title, reverse("courses:course", args=[course.code]), *said)
    return taught


def _taught_by_bank(banks: Sequence[int]) -> dict[int, Taught]:
    """By bank, the same for everybody."""
    if not banks:
        return {}
    return kept_for_everybody(f"taught-banks-{'-'.join(map(str, banks))}", lambda: _read_by_bank(banks))


def _read_by_bank(banks: Sequence[int]) -> dict[int, Taught]:
    return {
        bank: Taught(course.local_title, reverse("courses:course", args=[course.code]))
        for bank, course in courses_by_bank(banks).items()
    }


def _pages_of(lessons: set[int] | None = None, *, published: bool = False) -> dict[int, LessonPage]:
    """The page of each lesson, or of each of these, in the reader's language where it has one. One query."""
    rows = LessonPage.readable() if published else LessonPage.objects.all()
    if lessons is not None:
        rows = rows.filter(lesson__in=lessons)
    pages: dict[int, LessonPage] = {}
    for page in rows.select_related("lesson__course", "locale").order_by("pk"):
        if page.lesson_id not in pages or page.locale.language_code == get_language():
            pages[page.lesson_id] = page
    return pages


def _lesson_field(category: QuestionCategory) -> forms.Field:
    """All lessons, by course; what stands is chosen."""
    courses: dict[str, list[tuple[int, str]]] = {}
    ordered = sorted(
        _pages_of().values(), key=lambda page: (page.lesson.course.code, page.lesson.sort_order, page.lesson_id)
    )
    for page in ordered:
        courses.setdefault(page.lesson.course.local_title, []).append((page.lesson_id, page.title))
    stands = TaughtCategory.objects.filter(category=category.pk).values_list("lesson", flat=True).first()
    return forms.TypedChoiceField(
        label=_("Taught by"),
        choices=[("", _("No lesson")), *courses.items()],
        coerce=int,
        empty_value=None,
        required=False,
        initial=stands,
        help_text=_("Anyone who answers one of its questions wrongly is sent to this lesson."),
    )


def _keep_lesson(category: QuestionCategory, lesson: int | None) -> None:
    TaughtCategory.objects.update_or_create(category=category, defaults={"lesson_id": lesson})


LESSON_OF_CATEGORY = FormPart("taught_by", _lesson_field, _keep_lesson)


def follow_lesson(*, before: int, after: Lesson) -> None:
    """The page of a lesson was moved to another course: what it teaches it teaches there."""
    if before != after.pk:
        TaughtCategory.objects.filter(lesson=before).update(lesson=after)
