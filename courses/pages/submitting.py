"""A course as a whole: what of its pages in both languages, its quizzes and their questions waits to be published."""

from datetime import datetime
from typing import Any

from django.db.models import F, Q

from academy.decisions.submitting import Draft
from academy.models import User
from courses.models import Course, CoursePage, CourseQuiz, LessonPage
from quizzes.models import Question, Quiz, QuizSlot
from quizzes.pools.exam_pools import readable_questions

# What was taken offline and not touched since is not meant to come back by itself.
CHANGED = Q(has_unpublished_changes=True, latest_revision__isnull=False) & (
    Q(live=True) | Q(first_published_at=None) | Q(latest_revision__created_at__gt=F("last_published_at"))
)


def drafts_of_course(*, course: Course, user: User, now: datetime) -> list[Draft]:
    """What the person may read of it: questions first, then quizzes and pages, each with its newest revision."""
    pages: list[Any] = [
        *CoursePage.objects.filter(CHANGED, course=course).order_by("path"),
        *LessonPage.objects.filter(CHANGED, lesson__course=course).order_by("path"),
    ]
    quizzes = Quiz.objects.filter(pk__in=course.placements.values("quiz"))
    asked = _asked_by(list(quizzes), list(LessonPage.objects.filter(lesson__course=course)))
    questions = readable_questions(user=user, now=now, among=Question.objects.filter(CHANGED, asked, retired_at=None))
    found = [*questions.order_by("pk"), *quizzes.filter(CHANGED).order_by("pk"), *pages]
    return [(thing, thing.latest_revision) for thing in found]


def pages_offline(course: Course) -> int:
    """How many of its pages were taken offline and not touched since: handing in leaves them so."""
    lessons = LessonPage.objects.filter(~CHANGED, live=False, lesson__course=course).count()
    return lessons + CoursePage.objects.filter(~CHANGED, live=False, course=course).count()


def quizzes_offline(course: Course) -> list[Quiz]:
    """The quizzes that it asks for and nobody can sit now: meanwhile nobody completes it."""
    placed = CourseQuiz.objects.gating().filter(course=course, quiz__live=False).select_related("quiz")
    return [row.quiz for row in placed]


def _asked_by(quizzes: list[Quiz], lessons: list[LessonPage]) -> Q:
    """A condition on questions: a quiz of the course asks for it, by name or out of a category from which no other quiz
    draws, or a lesson checks by it. As they stand and as they are drafted."""
    slots = [slot for quiz in quizzes for state in _states(quiz) for slot in state.slots.all()]
    categories = {slot.category_id for slot in slots if slot.category_id}
    shared = QuizSlot.objects.filter(category__in=categories).exclude(quiz__in=[quiz.pk for quiz in quizzes])
    own = categories - set(shared.values_list("category", flat=True))
    named = {slot.question_id for slot in slots if slot.question_id}
    checks = {state.check_question_id for lesson in lessons for state in _states(lesson)} - {None}
    return Q(pk__in=named | checks) | Q(category__in=own)


def _states(thing: Any) -> list[Any]:
    """The thing as it stands and as its newest draft says it."""
    return [thing, thing.latest_revision.as_object()] if thing.latest_revision_id else [thing]
