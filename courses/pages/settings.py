"""What of a course has no language: its topic, hours and quizzes. A change holds at once, in every language."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from academy.calendar.clock import local_day
from academy.doors import by_name
from academy.errors.refusals import RuleViolation
from academy.journal import record, register_action
from academy.models import Role, User
from academy.staff.access import holds_bank_wide
from courses.models import Course, CourseQuiz, Topic
from quizzes.models import Quiz

CHANGE = register_action("courses.change_settings", gettext_lazy("Course settings changed"))


def quiz_refusal(quizzes: Sequence[Quiz], *, course: Course, actor: User | None, now: datetime) -> str | None:
    """Why these quizzes cannot be placed in a course, or None. A draft cannot be sat, so nobody could finish.

    Who learns the course may sit them, so a level exam is newly placed by trainers of head office only.
    """
    drafts = [quiz.local_title for quiz in quizzes if not quiz.live]
    if drafts:
        return _("Publish the quiz first: %(titles)s") % {"titles": ", ".join(drafts)}
    if len({quiz.pk for quiz in quizzes}) < len(quizzes):
        return _("Each quiz is placed once.")
    exams = {quiz.pk: quiz for quiz in quizzes if quiz.kind == Quiz.Kind.EXAM}
    if exams and actor is not None and not holds_bank_wide(actor, local_day(now), Role.TRAINER):
        for placed in course.placements.filter(quiz__in=exams).values_list("quiz", flat=True):
            exams.pop(placed)
        if exams:
            titles = ", ".join(quiz.local_title for quiz in exams.values())
            return _("Trainers of head office place a level exam in a course: %(titles)s") % {"titles": titles}
    return None


@transaction.atomic
def change_course(
    *,
    course: Course,
    topic: Topic | None,
    hours: Decimal,
    quizzes_after_lessons: bool,
    quizzes: Sequence[Quiz],
    now: datetime,
    actor: User | None,
    days_needed: int | None = None,
) -> Course:
    """Sets what holds for the course in every language. ``hours`` are of 45 minutes.

    Who has everything else done completes by the task that follows. Raises ``RuleViolation``.
    """
    refusal = quiz_refusal(quizzes, course=course, actor=actor, now=now)
    if refusal:
        raise RuleViolation(refusal)
    locked = Course.objects.select_for_update().get(pk=course.pk)
    before = _facts(locked)
    locked.topic, locked.hours, locked.quizzes_after_lessons = topic, hours, quizzes_after_lessons
    if days_needed is not None:
        locked.days_needed = days_needed
    locked.save(update_fields=["topic", "hours", "quizzes_after_lessons", "days_needed"])
    locked.placements.exclude(quiz__in=quizzes).delete()
    for order, quiz in enumerate(quizzes):
        CourseQuiz.objects.update_or_create(course=locked, quiz=quiz, defaults={"sort_order": order})
    after = _facts(locked)
    if after != before:
        record(CHANGE, now=now, actor=actor, about=locked, before=before, after=after)
    if after["quizzes"] != before["quizzes"]:
        transaction.on_commit(lambda: by_name("courses.progress.tasks.heal_course_task").enqueue(locked.pk))
    return locked


def _facts(course: Course) -> dict:
    return {
        "topic": course.topic.slug if course.topic else "",
        "hours": str(course.hours.normalize()),
        "days_needed": course.days_needed,
        "quizzes_after_lessons": course.quizzes_after_lessons,
        "quizzes": list(course.placements.order_by("sort_order").values_list("quiz__code", flat=True)),
    }
