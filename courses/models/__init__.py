"""Data of the teaching floor."""

from courses.models.assignments import CourseAssignee, CourseAssignment, CourseExtension
from courses.models.bank_additions import BankAddition
from courses.models.categories import HourCategory
from courses.models.classroom import Attendance, Attendee, ClassSession, TrainingExport
from courses.models.courses import Course, CourseQuiz, Lesson, Topic
from courses.models.hours import CourseHours, HourEntry, HourQuota
from courses.models.job_aids import JobAid
from courses.models.pages import CataloguePage, CoursePage, LessonPage
from courses.models.passages import Passage
from courses.models.programmes import (
    Programme,
    ProgrammeAssignee,
    ProgrammeAssignment,
    ProgrammeExtension,
    ProgrammeStep,
    ProgrammeTick,
)
from courses.models.progress import Enrolment, LeastReading, LessonProgress, StarterRecord
from courses.models.teaching import TaughtCategory
from courses.models.what_changed import ChangeCheck

__all__ = [
    "Attendance",
    "Attendee",
    "BankAddition",
    "CataloguePage",
    "ChangeCheck",
    "ClassSession",
    "Course",
    "CourseAssignee",
    "CourseAssignment",
    "CourseExtension",
    "CourseHours",
    "CoursePage",
    "CourseQuiz",
    "Enrolment",
    "HourCategory",
    "HourEntry",
    "HourQuota",
    "JobAid",
    "LeastReading",
    "Lesson",
    "LessonPage",
    "LessonProgress",
    "Passage",
    "Programme",
    "ProgrammeAssignee",
    "ProgrammeAssignment",
    "ProgrammeExtension",
    "ProgrammeStep",
    "ProgrammeTick",
    "StarterRecord",
    "TaughtCategory",
    "Topic",
    "TrainingExport",
]
