"""Which lesson teaches what the questions of a category ask."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from courses.models.courses import Course, CourseQuiz, Lesson
from quizzes.models import QuestionCategory, QuizSlot


def courses_by_bank(banks: Iterable[int]) -> dict[int, Course]:
    """The course whose quizzes draw from a bank, the first by its code. Two queries."""
    banks = set(banks)
    drawn = Q(category__bank__in=banks) | Q(question__bank__in=banks)
    asked: dict[int, set[int]] = {}
    for quiz, by_category, by_name in QuizSlot.objects.filter(drawn).values_list(
        "quiz", "category__bank", "question__bank"
    ):
        asked.setdefault(quiz, set()).add(by_category or by_name)
    courses: dict[int, Course] = {}
    placements = CourseQuiz.objects.filter(quiz__in=list(asked)).select_related("course")
    for placement in placements.order_by("course__code"):
        for bank in asked[placement.quiz_id]:
            courses.setdefault(bank, placement.course)
    return courses


class TaughtCategoryManager(models.Manager["TaughtCategory"]):
    def relate(self, categories: Iterable[QuestionCategory]) -> int:
        """Says of new categories which lesson they were named after; returns of how many. What is said already stays.

        ``course--lesson`` names both; else the short name is that of a lesson, or begins with it (``02-steadiness-exam``),
        in the course whose quizzes draw from the category's bank. Four queries.
        """
        categories = list(categories)
        known = set(self.filter(category__in=categories).values_list("category", flat=True))
        fresh = [category for category in categories if category.pk not in known]
        named = {category.pk: category.slug.rpartition("--")[::2] for category in fresh}
        by_bank = courses_by_bank(category.bank_id for category in fresh if not named[category.pk][0])
        codes = {course for course, _lesson in named.values()} | {course.code for course in by_bank.values()}
        lessons: dict[str, dict[str, Lesson]] = {}
        for lesson in Lesson.objects.filter(course__code__in=codes).select_related("course"):
            lessons.setdefault(lesson.course.code, {})[lesson.code] = lesson
        rows = []
        for category in fresh:
            course, said = named[category.pk]
            course = course or (by_bank[category.bank_id].code if category.bank_id in by_bank else "")
            inside = lessons.get(course, {})
            meant = [code for code in inside if said == code or said.startswith(f"{code}-")]
            if meant:
                rows.append(self.model(category=category, lesson=inside[max(meant, key=len)]))
        self.bulk_create(rows, ignore_conflicts=True)
        return len(rows)


class TaughtCategory(models.Model):
    """The lesson that teaches what a category asks; without one somebody has said that none does."""

    category = models.OneToOneField(QuestionCategory, on_delete=models.CASCADE, related_name="taught")
    lesson = models.ForeignKey(
        Lesson, null=True, blank=True, on_delete=models.CASCADE, related_name="+", verbose_name=_("taught by")
    )

    objects = TaughtCategoryManager()

    class Meta:
        verbose_name = _("category that a lesson teaches")
        verbose_name_plural = _("categories that lessons teach")

    def __str__(self) -> str:
        return f"{self.category_id} {self.lesson_id}"
