"""What of a course is practised: the question banks that its quizzes draw from."""

from typing import Any

from academy.doors import PracticeSource
from courses.models import CourseQuiz
from quizzes.models import QuizSlot


def sources_of_courses(courses: Any) -> list[PracticeSource]:
    """One source a course, by ``courses``: numbers or a subquery of them. Two queries."""
    placed: dict[int, set[int]] = {}
    titles = {}
    for placement in CourseQuiz.objects.filter(course__in=courses).select_related("course"):
        placed.setdefault(placement.quiz_id, set()).add(placement.course_id)
        titles[placement.course_id] = placement.course
    banks: dict[int, set[int]] = {course_id: set() for course_id in titles}
    slots = QuizSlot.objects.filter(quiz__in=list(placed))
    for quiz_id, drawn, chosen in slots.values_list("quiz", "category__bank", "question__bank"):
        for course_id in placed[quiz_id]:
            banks[course_id].add(drawn or chosen)
    ordered = sorted(titles.values(), key=lambda course: course.code)
    return [
        PracticeSource(key=course.code, label=course.local_title, banks=frozenset(banks[course.pk]))
        for course in ordered
        if banks[course.pk]
    ]
