"""What of a course is practised: the question banks its quizzes draw from, and its practice quizzes; and which lesson
teaches what a question asks."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from academy.doors import PracticeSource, QuestionPlace, StudyPlace
from academy.requests.kept.answers import kept_for_everybody
from courses.models import Course, CourseQuiz, LessonPage
from quizzes.models import Quiz, QuizSlot


def sources_of_courses(courses: Any) -> list[PracticeSource]:
    """One source a course, by ``courses``: numbers or a subquery of them. Two queries."""
    placed: dict[int, set[int]] = {}
    titles = {}
    practice: set[int] = set()
    for placement in CourseQuiz.objects.filter(course__in=courses).select_related("course", "quiz"):
        placed.setdefault(placement.quiz_id, set()).add(placement.course_id)
        if placement.quiz.kind == Quiz.Kind.PRACTICE:
            practice.add(placement.quiz_id)
        titles[placement.course_id] = placement.course
    banks: dict[int, set[int]] = {course_id: set() for course_id in titles}
    practised: dict[int, set[int]] = {course_id: set() for course_id in titles}
    slots = QuizSlot.objects.filter(quiz__in=list(placed))
    for quiz_id, drawn, chosen in slots.values_list("quiz", "category__bank", "question__bank"):
        for course_id in placed[quiz_id]:
            banks[course_id].add(drawn or chosen)
    for quiz_id in practice:
        for course_id in placed[quiz_id]:
            practised[course_id].add(quiz_id)
    ordered = sorted(titles.values(), key=lambda course: course.code)
    return [
        PracticeSource(course.code, course.local_title, frozenset(banks[course.pk]), frozenset(practised[course.pk]))
        for course in ordered
        if banks[course.pk]
    ]


@dataclass(frozen=True)
class Taught:
    """The course whose quizzes draw from a bank, and by their codes its lessons: title and address, in one language."""

    title: str
    url: str
    lessons: dict[str, tuple[str, str]]


def places_that_teach(questions: Sequence[QuestionPlace]) -> list[StudyPlace]:
    """The lesson whose code is the short name of a question's category or begins it (``02-steadiness-exam``), in the
    course whose quizzes draw from the question's bank; the course where no lesson is named so. A category of a level's
    own bank names course and lesson (``etiquette--02-steadiness``). One query, three or two more where something was
    changed since.
    """
    by_bank = _taught(sorted({question.bank for question in questions}))
    by_code = _taught_by_code(sorted({code for question in questions if (code := _course_named(question))}))
    found = []
    for question in questions:
        course = by_code.get(_course_named(question)) or by_bank.get(question.bank)
        if course is None:
            continue
        lesson = _lesson_of(question, course.lessons)
        label = f"{course.title} · {lesson[0]}" if lesson else _("Course: %(title)s") % {"title": course.title}
        url = lesson[1] if lesson else course.url
        found.append(StudyPlace(question.question, label, url, course.title, lesson[0] if lesson else ""))
    return found


def _course_named(question: QuestionPlace) -> str:
    """The code of the course in ``course--lesson``; empty where the category names none."""
    course, sign, _lesson = question.category.partition("--")
    return course if sign else ""


def _taught_by_code(codes: Sequence[str]) -> dict[str, Taught]:
    """By the course's code, the same for everybody."""
    if not codes:
        return {}
    return kept_for_everybody(f"taught-by-code-{'-'.join(codes)}", lambda: _read_by_code(codes))


def _read_by_code(codes: Sequence[str]) -> dict[str, Taught]:
    courses = list(Course.objects.filter(code__in=codes))
    told = _told(courses)
    return {course.code: told[course.pk] for course in courses}


def _taught(banks: Sequence[int]) -> dict[int, Taught]:
    """By bank, the same for everybody."""
    return kept_for_everybody(f"taught-{'-'.join(map(str, banks))}", lambda: _read_taught(banks))


def _read_taught(banks: Sequence[int]) -> dict[int, Taught]:
    by_bank = _courses_by_bank(set(banks))
    told = _told(by_bank.values())
    return {bank: told[course.pk] for bank, course in by_bank.items()}


def _told(courses: Iterable[Course]) -> dict[int, Taught]:
    """Course -> its title, address and lessons, in the reader's language where it has one. One query."""
    courses = list(courses)
    pages: dict[int, dict[str, LessonPage]] = {course.pk: {} for course in courses}
    for page in LessonPage.objects.live().filter(lesson__course__in=list(pages)).select_related("lesson", "locale"):
        mine = pages[page.lesson.course_id]
        if page.lesson.code not in mine or page.locale.language_code == get_language():
            mine[page.lesson.code] = page
    return {
        course.pk: Taught(
            course.local_title,
            reverse("courses:course", args=[course.code]),
            {code: (page.title, page.get_url() or "") for code, page in pages[course.pk].items()},
        )
        for course in courses
    }


def _courses_by_bank(banks: set[int]) -> dict[int, Course]:
    """The course whose quizzes draw from a bank, the first by its code. Two queries."""
    drawn = Q(category__bank__in=banks) | Q(question__bank__in=banks)
    asked: dict[int, set[int]] = {}
    for quiz, by_category, by_name in QuizSlot.objects.filter(drawn).values_list(
        "quiz", "category__bank", "question__bank"
    ):
        asked.setdefault(quiz, set()).add(by_category or by_name)
    found: dict[int, Course] = {}
    placements = CourseQuiz.objects.filter(quiz__in=list(asked)).select_related("course")
    for placement in placements.order_by("course__code"):
        for bank in asked[placement.quiz_id]:
            found.setdefault(bank, placement.course)
    return found


def _lesson_of(question: QuestionPlace, lessons: dict[str, tuple[str, str]]) -> tuple[str, str] | None:
    category = question.category.rpartition("--")[2]
    codes = [code for code in lessons if category == code or category.startswith(f"{code}-")]
    return lessons[max(codes, key=len)] if codes else None
