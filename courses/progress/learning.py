"""Learning, from joining a course to completing it. Every step is idempotent."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from academy.calendar.clock import local_day
from academy.calendar.turns import register_turns
from academy.errors.refusals import RuleViolation
from academy.models import User
from academy.requests.prepared import PreparedQuery
from academy.requests.together import asked_together
from courses.models import Course, CourseQuiz, Enrolment, Lesson, LessonProgress
from courses.progress.checks import CheckStand, after_answer
from courses.progress.reading import least_share, reading_refusal, seconds_missing, tell_reading
from courses.signals import course_completed
from quizzes.grading.frozen import parsed_for
from quizzes.grading.grades import has_passed
from quizzes.models import Attempt, Question, QuestionVersion, Quiz
from quizzes.pools.exposures import note_shown
from quizzes.rules.keys import key_refusal
from quizzes.types import Grade, ParsedQuestion, question_type
from quizzes.types.base import Order, QuestionType
from quizzes.types.drawing import check_seal, keyed_order

CHECK_FIELDS = (
    "check_version check_response check_right checked_at check_explained check_settled_at".split()  # noqa: SIM905
)
HEALING = register_turns("complete courses", label=gettext_lazy("Completing a course"), model=Enrolment)


def occasion_of(enrolment: Enrolment) -> str:
    """The key under which quizzes count the attempts of one time through a course."""
    return f"enrolment:{enrolment.pk}"


def enrol(*, learner: User, course: Course, now: datetime) -> Enrolment:
    """Joins a course, or gives back the time that stands."""
    latest = Enrolment.objects.filter(learner=learner, course=course).order_by("-time").first()
    if latest is not None:
        return latest
    enrolment, _created = Enrolment.objects.get_or_create(
        learner=learner, course=course, time=1, defaults={"opened_at": now}
    )
    return enrolment


def record_opening(*, enrolment: Enrolment, lesson: Lesson, now: datetime) -> LessonProgress:
    """Notes that a lesson was opened, and that learning goes on here."""
    progress, _created = LessonProgress.objects.get_or_create(
        enrolment=enrolment, lesson=lesson, defaults={"opened_at": now}
    )
    progress.enrolment = enrolment
    Enrolment.objects.filter(pk=enrolment.pk).update(last_lesson=lesson, last_seen_at=now)
    return progress


def record_position(*, progress: LessonProgress, position: int) -> None:
    """How far the lesson was read, in thousandths; it only grows."""
    LessonProgress.objects.filter(pk=progress.pk, position__lt=position).update(position=min(1000, max(0, position)))


def answer_check(
    *, progress: LessonProgress, question: Question, raw: Mapping[str, Any], now: datetime, seal: str = ""
) -> Grade:
    """Grades the lesson's one question and keeps the answer. It may be tried again; raises ``ResponseRefused``.

    ``seal`` names the order that the page showed. The answer that lets the lesson count, see ``courses.progress.checks``,
    does it as well: nothing more is to be pressed.
    """
    version = question.current_version
    if version is None:
        raise RuleViolation(_("This question is not published yet."))
    kind = question_type(version.type)
    parsed = parsed_for(version, person=progress.enrolment.learner_id, now=now)
    order = check_order(version, progress.enrolment.learner_id)
    check_seal(order, seal)
    response = kind.clean_response(parsed, raw, order)
    if response is None:
        raise RuleViolation(_("Choose an answer first."))
    grade = kind.grade(parsed, response)
    learner = progress.enrolment.learner
    silent = key_refusal(person=learner, question=question.pk, now=now) is not None
    same = progress.check_version_id == version.pk
    before = CheckStand(progress.check_explained if same else 0, progress.check_settled_at is not None)
    repeated = same and progress.check_response == response
    stand = after_answer(before, right=grade.state == "right", repeated=repeated, silent=silent)
    if repeated and not stand.settled:
        raise RuleViolation(_("You gave this answer before. Choose another one."))
    progress.check_version, progress.check_response = version, response
    progress.check_right, progress.checked_at = grade.state == "right", now
    progress.check_explained = stand.explained
    if stand.settled and progress.check_settled_at is None:
        progress.check_settled_at = now
    progress.save(update_fields=CHECK_FIELDS)
    note_shown(person=learner.pk, versions=[version.pk], now=now, answered=True, key=stand.settled and not silent)
    if stand.settled and reading_refusal(progress=progress, lesson=progress.lesson_id) is None:
        mark_lesson_done(progress=progress, has_check=True, now=now)
    return grade


def tell_and_finish(
    *, progress: LessonProgress, said: int | None, has_check: bool, now: datetime, begins: bool = False
) -> int:
    """What the page tells of its reading; a lesson whose question is settled counts once enough was read.

    Returns the seconds that are missing; while no reading time is asked nothing is written.
    """
    share = least_share()
    if not share or progress.done_at is not None:
        return 0
    tell_reading(progress=progress, said=said, now=now, begins=begins)
    missing = seconds_missing(progress=progress, lesson=progress.lesson_id, share=share)
    if not missing and has_check and progress.check_settled_at is not None:
        mark_lesson_done(progress=progress, has_check=True, now=now)
    return missing


def check_order(version: QuestionVersion, learner: int | None) -> Order:
    """The order in which a person sees a lesson's question; it says nothing about the key."""
    kind = question_type(version.type)
    return order_of_check(kind, kind.parse(version.body), version.pk, learner)


def order_of_check(kind: QuestionType, parsed: ParsedQuestion, version: int, learner: int | None) -> Order:
    """The same of a version that is read already."""
    return keyed_order(kind, parsed, "lesson", learner, version)


def done_refusal(*, progress: LessonProgress | None, has_check: bool) -> str | None:
    """Why a lesson is not done yet: its question wants to be answered right, or explained twice."""
    if not has_check or (progress is not None and progress.check_settled_at is not None):
        return None
    if progress is None or progress.checked_at is None:
        return _("Answer the question of this lesson first.")
    return _("Answer the question of this lesson once more: the last answer was not right.")


@transaction.atomic
def mark_lesson_done(*, progress: LessonProgress, has_check: bool, now: datetime) -> LessonProgress:
    """Done, once. Completes the course when this was the last thing. Raises ``RuleViolation``."""
    refusal = done_refusal(progress=progress, has_check=has_check)
    if refusal is None and progress.done_at is None:
        refusal = reading_refusal(progress=progress, lesson=progress.lesson_id)
    if refusal:
        raise RuleViolation(refusal)
    if progress.done_at is None:
        progress.read_at = progress.read_at or now
        progress.done_at = now
        progress.position = 1000
        progress.save(update_fields=["read_at", "done_at", "position"])
        complete_course_if_ready(enrolment=progress.enrolment, now=now)
    return progress


@dataclass(frozen=True)
class Stand:
    """Where one enrolment stands."""

    lessons: int
    done: int
    quizzes: int
    passed: int

    @property
    def lessons_done(self) -> bool:
        return self.done >= self.lessons

    @property
    def complete(self) -> bool:
        return self.lessons + self.quizzes > 0 and self.lessons_done and self.passed >= self.quizzes


# Of each lesson that gates whether it is done.
LESSONS = PreparedQuery(
    lambda enrolment, course: Lesson.objects.filter(course=course, withdrawn_at=None).values_list(
        Exists(LessonProgress.objects.filter(enrolment=enrolment, lesson=OuterRef("pk"), done_at__isnull=False)),
        flat=True,
    )
)
GATING = PreparedQuery(lambda course: CourseQuiz.objects.gating().filter(course=course).values_list("quiz", flat=True))
SAT = PreparedQuery(
    lambda learner, occasion: (
        Attempt.objects.counting().filter(learner=learner, occasion=occasion).select_related("quiz").defer("paper")
    )
)


def stand_of(enrolment: Enrolment) -> Stand:
    """Counts the lessons and quizzes that gate, and what is done of them. One query."""
    of_lessons, course = {"enrolment": enrolment.pk, "course": enrolment.course_id}, enrolment.course_id
    learner, occasion = enrolment.learner_id, occasion_of(enrolment)
    with asked_together(
        LESSONS.bound(**of_lessons), GATING.bound(course=course), SAT.bound(learner=learner, occasion=occasion)
    ):
        lessons_done, placed = LESSONS.rows(**of_lessons), set(GATING.rows(course=course))
        attempts = [row for row in SAT.rows(learner=learner, occasion=occasion) if row.quiz_id in placed]
    mine_of: dict[Quiz, list[Attempt]] = {}
    for attempt in attempts:
        mine_of.setdefault(attempt.quiz, []).append(attempt)
    passed = {quiz.pk for quiz, mine in mine_of.items() if has_passed(quiz, mine)}
    return Stand(len(lessons_done), sum(lessons_done), len(placed), len(passed))


@transaction.atomic
def complete_course_if_ready(*, enrolment: Enrolment, now: datetime) -> bool:
    """Completes an enrolment whose lessons are done and quizzes passed. Idempotent. True when complete."""
    locked = Enrolment.objects.select_for_update().get(pk=enrolment.pk)
    if locked.completed_at is not None:
        return True
    if not stand_of(locked).complete:
        return False
    locked.completed_at, locked.completed_on = now, local_day(now)
    locked.save(update_fields=["completed_at", "completed_on"])
    course_completed.send(sender=Enrolment, enrolment=locked, now=now)
    return True


def heal_completions(*, now: datetime, course_id: int | None = None) -> int:
    """Replays the facts: completes what is ready and was missed, in one course or in all. Returns how many."""
    waiting = Enrolment.objects.filter(completed_at=None).filter(Q(lessons__done_at__isnull=False)).distinct()
    some = waiting
    if course_id is not None:
        some = waiting.filter(course=course_id)
    return HEALING.one_by_one(
        some,
        lambda enrolment: complete_course_if_ready(enrolment=enrolment, now=now),
        now=now,
        most=None,
        whole=waiting,
    )
