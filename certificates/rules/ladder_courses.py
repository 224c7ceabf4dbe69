"""The courses of a ladder as they stand for its person: where every lesson is done, the quiz is what lacks."""

from dataclasses import replace

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from academy.models import User
from certificates.rules.ladder import Rung
from certificates.rules.standing import Judged
from courses.models import Enrolment, Lesson, LessonProgress


def with_courses(steps: list[Rung], *, person: User) -> list[Rung]:
    """The same ladder, where a course of which only the quiz lacks says so. One query where a course is missing."""
    asked = {line.asked.course for step in steps for line in _missing(step)}
    if not asked:
        return steps
    done = LessonProgress.objects.filter(
        enrolment=OuterRef(OuterRef("pk")), lesson=OuterRef("pk"), done_at__isnull=False
    )
    lacking = Lesson.objects.filter(~Exists(done), course=OuterRef("course"), withdrawn_at=None)
    going_on = Enrolment.objects.filter(learner=person, course__in=asked, completed_at=None).order_by("time")
    lacks = dict(going_on.annotate(lacks=Exists(lacking)).values_list("course", "lacks"))
    read = {course for course, lessons_lack in lacks.items() if not lessons_lack}
    return [_said(step, read) for step in steps] if read else steps


def _missing(step: Rung) -> list[Judged]:
    """The courses that are missing on a rung that is worked for."""
    if step.standing is None or step.state == "later":
        return []
    return [line for line in step.standing.missing if line.asked.kind == "course"]


def _said(step: Rung, read: set[int]) -> Rung:
    only_quiz = [line for line in _missing(step) if line.asked.course in read]
    if step.standing is None or not only_quiz:
        return step
    words = _("All lessons are done; pass the quiz of the course.")
    lines = tuple(
        replace(line, missing=words, known_closer=True) if line in only_quiz else line for line in step.standing.lines
    )
    return replace(step, standing=replace(step.standing, lines=lines))
