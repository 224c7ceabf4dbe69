"""Courses that people are told to take."""

from collections.abc import Collection
from datetime import date
from typing import Any

from django.db import models
from django.db.models import Min, OuterRef, Q, Subquery
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from academy.dates.due_dates import DueFrom
from academy.models import Assignee, Assignment, Extension
from courses.models.courses import Course
from courses.models.progress import Enrolment


def first_completions(course_id: int, people: Collection[int]) -> dict[int, date]:
    """When each of the people first completed a course. One query."""
    rows = Enrolment.objects.filter(course=course_id, learner__in=people, completed_on__isnull=False)
    return dict(rows.values_list("learner").annotate(first=Min("completed_on")).order_by())


class AfterCourse(Assignment):
    """An assignment whose due date may be counted from the completion of a course."""

    after_course = models.ForeignKey(
        Course, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("after the course")
    )

    class Meta(Assignment.Meta):
        abstract = True
        constraints = [
            *Assignment.Meta.constraints,
            models.CheckConstraint(
                condition=~Q(due_from=DueFrom.COMPLETED) | Q(after_course__isnull=False),
                name="%(class)s_other_course_is_named",
            ),
        ]

    def completion_days(self, people: Collection[int]) -> dict[int, date]:
        return first_completions(self.after_course_id, people) if self.after_course_id else {}


class CourseAssignment(AfterCourse):
    """A course for an audience."""

    kind = "course"
    target_field = "course"
    target_names = ("title", "title_en")

    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="assignments", verbose_name=_("course"))

    class Meta(AfterCourse.Meta):
        verbose_name = _("course assignment")
        verbose_name_plural = _("course assignments")

    def __str__(self) -> str:
        return f"{self.course} → {self.audience}"

    @classmethod
    def targets(cls) -> models.QuerySet:
        """Courses that stand in the catalogue, in whichever language."""
        return Course.objects.filter(pages__live=True).distinct().order_by("title", "code")

    @classmethod
    def titles_of(cls, target: Any) -> dict[str, str]:
        return target.titles or {"zh-hans": target.code}

    @classmethod
    def path_of(cls, target: Any) -> str:
        return reverse("courses:course", args=[target.code])

    @classmethod
    def done_days(cls, rows: Collection[Assignee], on: date) -> dict[int, date]:
        """A completion from before the assignment counts: nobody is sent through a course twice by it."""
        first: dict[tuple[int, int], date] = {}
        completed = Enrolment.objects.filter(
            learner__in={row.person_id for row in rows},
            course__in={row.assignment.course_id for row in rows},
            completed_on__lte=on,
        )
        for learner, course, day in completed.values_list("learner", "course", "completed_on"):
            if day is not None:
                first[learner, course] = min(day, first.get((learner, course), day))
        found = {row.pk: first.get((row.person_id, row.assignment.course_id)) for row in rows}
        return {pk: day for pk, day in found.items() if day is not None}

    @classmethod
    def done_expression(cls, on: date) -> Any:
        completed = Enrolment.objects.filter(
            learner=OuterRef("person"), course=OuterRef("assignment__course"), completed_on__lte=on
        )
        return Subquery(completed.order_by("completed_on").values("completed_on")[:1])


class CourseAssignee(Assignee):
    assignment = models.ForeignKey(CourseAssignment, on_delete=models.PROTECT, related_name="people")

    class Meta(Assignee.Meta):
        verbose_name = _("person with an assigned course")
        verbose_name_plural = _("people with an assigned course")

    def __str__(self) -> str:
        return f"{self.assignment_id} {self.person_id} {self.since}"


class CourseExtension(Extension):
    assignee = models.ForeignKey(CourseAssignee, on_delete=models.PROTECT, related_name="extensions")

    def __str__(self) -> str:
        return f"{self.assignee_id} {self.due_on}"
