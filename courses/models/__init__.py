"""Data of the teaching floor."""

from courses.models.assignments import CourseAssignee, CourseAssignment, CourseExtension
from courses.models.courses import Course, CourseQuiz, Lesson, Topic
from courses.models.pages import CataloguePage, CoursePage, LessonPage
from courses.models.progress import Enrolment, LessonProgress, StarterRecord

__all__ = [
    "CataloguePage",
    "Course",
    "CourseAssignee",
    "CourseAssignment",
    "CourseExtension",
    "CoursePage",
    "CourseQuiz",
    "Enrolment",
    "Lesson",
    "LessonPage",
    "LessonProgress",
    "StarterRecord",
    "Topic",
]
