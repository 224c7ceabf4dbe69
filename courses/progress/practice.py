"""What of a course is practised: the question banks its quizzes draw from, and its practice quizzes."""

from typing import Any

from academy.doors import PracticeSource
from courses.models import CourseQuiz
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
