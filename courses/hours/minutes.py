"""学时 of a course follow from its minutes: lessons, dialogues, quizzes and job aids, each counted once; 45 minutes are one."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from django.db.models import Exists, Max, OuterRef
from django.db.models.query import QuerySet

from courses.models import Course, CourseHours, CourseQuiz, Enrolment, JobAid, LessonPage
from courses.models.hours import LEAST
from quizzes.models import Quiz

HOUR = 45
# Minutes that one takes: a talk played once, a question of a quiz without a clock, a card or form filled in once.
DIALOGUE, QUESTION, AID = 5, 1, 5


@dataclass(frozen=True)
class Minutes:
    """What a course takes, part by part."""

    lessons: int = 0
    dialogues: int = 0
    quizzes: int = 0
    aids: int = 0

    @property
    def total(self) -> int:
        return self.lessons + self.dialogues + self.quizzes + self.aids

    @property
    def hours(self) -> Decimal:
        """To a tenth, no less than the least that an entry may say."""
        exact = Decimal(self.total) / HOUR
        return max(LEAST, exact.quantize(LEAST, rounding=ROUND_HALF_UP))


def minutes_of(courses: Iterable[Course]) -> dict[int, Minutes]:
    """By course. Four queries, however many courses."""
    keys = [course.pk for course in courses]
    lessons = dict.fromkeys(keys, 0)
    pages = LessonPage.objects.live().filter(lesson__course__in=keys, lesson__withdrawn_at=None)
    # A lesson in two languages is read in one.
    for course, _lesson, longest in pages.values_list("lesson__course", "lesson").annotate(Max("minutes")).order_by():
        lessons[course] += longest
    dialogues, quizzes = dict.fromkeys(keys, 0), dict.fromkeys(keys, 0)
    placed = CourseQuiz.objects.filter(course__in=keys, quiz__live=True).select_related("quiz")
    for placement in placed.prefetch_related("quiz__slots"):
        if placement.quiz.kind == Quiz.Kind.PRACTICE:
            dialogues[placement.course_id] += DIALOGUE
        else:
            quizzes[placement.course_id] += placement.quiz.time_limit_minutes or QUESTION * _questions(placement.quiz)
    aids = dict.fromkeys(keys, 0)
    # An aid that many lessons name counts where it is taught.
    taught = JobAid.objects.filter(active=True, taught_by__course__in=keys)
    for course in taught.values_list("taught_by__course", flat=True):
        aids[course] += AID
    return {key: Minutes(lessons[key], dialogues[key], quizzes[key], aids[key]) for key in keys}


def _questions(quiz: Quiz) -> int:
    return sum(
        1 if slot.question_id else slot.easy + slot.medium + slot.hard + slot.count + slot.cases * slot.case_size
        for slot in quiz.slots.all()
    )


def otherwise(courses: Iterable[Course]) -> list[Course]:
    """Courses that state other hours than their minutes give, without a reason."""
    some = [course for course in courses if not course.hours_reason]
    taken = minutes_of(some)
    return [course for course in some if taken[course.pk].total and course.hours != taken[course.pk].hours]


def follow_minutes(courses: QuerySet[Course]) -> int:
    """Courses say the hours that their minutes give, where nobody gave a reason for others and none are to hold from a later
    day. What somebody completed already stays as it is until HR sets it: then the day is said from which it holds.

    Idempotent. Returns how many say another figure now.
    """
    completed = Enrolment.objects.filter(course=OuterRef("pk"), completed_at__isnull=False)
    later = CourseHours.objects.filter(course=OuterRef("pk"), taken_over=False)
    free = list(courses.filter(~Exists(completed), ~Exists(later), hours_reason=""))
    taken = minutes_of(free)
    followed = [course for course in free if taken[course.pk].total and course.hours != taken[course.pk].hours]
    for course in followed:
        Course.objects.filter(pk=course.pk, hours_reason="").update(hours=taken[course.pk].hours)
    return len(followed)
