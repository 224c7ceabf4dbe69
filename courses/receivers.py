"""What this floor does when a quiz is finished or a page published, and why its quizzes may be sat."""

from functools import partial

from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from wagtail.signals import init_new_page, page_published, page_unpublished, post_page_move, published

from academy.calendar.clock import each_day, each_minute
from academy.doors import (
    Consequence,
    FormPart,
    Ground,
    PracticeSource,
    StudyPlace,
    asks_of_follow_ups,
    asks_of_grounds,
    bars_to_assessing,
    category_parts,
    changing_moments,
    consequences_of,
    deeds_of,
    engagements_of,
    grounds_for,
    of_occasions,
    practice_sources,
    study_places,
    takers_of,
)
from academy.duties.assignments import ASSIGNMENT_KINDS, register_assignments
from academy.duties.assignments.duties import duties_from
from academy.duties.assignments.evaluating import evaluate_assignment, standing
from academy.duties.duty import register_duties
from academy.models import User
from academy.notices.inbox import Telling, notify_many, register_notice
from academy.requests.kept.presence import none_of
from academy.requests.kept.watching import watch
from academy.requests.prepared import PreparedQuery
from courses.classroom.screens import classes_of, moments_of_sessions
from courses.hours.ledger import credit_completion, credit_missed_completions, take_over_hours
from courses.hours.minutes import follow_minutes
from courses.models import (
    Attendee,
    CataloguePage,
    ChangeCheck,
    ClassSession,
    Course,
    CourseAssignment,
    CoursePage,
    CourseQuiz,
    Enrolment,
    HourEntry,
    HourQuota,
    JobAid,
    LeastReading,
    Lesson,
    LessonPage,
    LessonProgress,
    Programme,
    ProgrammeAssignee,
    ProgrammeAssignment,
    ProgrammeExtension,
    ProgrammeStep,
    ProgrammeTick,
    TaughtCategory,
    Topic,
)
from courses.models.assignments import AfterCourse, CourseAssignee, CourseExtension
from courses.pages.deleting import forget_without_pages
from courses.pages.identities import follow_move, sync_course, sync_gate, sync_lesson
from courses.pages.passages import index_lesson, index_lessons_asking, index_waiting
from courses.pages.scheduled import publish_scheduled_content
from courses.pages.teaching import LESSON_OF_CATEGORY, places_that_teach
from courses.pages.usual import begin_with_usual_parts
from courses.programmes.mentors import bars_of_programmes
from courses.programmes.stands import programme_duties
from courses.progress.learning import complete_course_if_ready, occasion_of, stand_of
from courses.progress.practice import sources_of_courses
from courses.progress.repairs import courses_of_a_repair
from courses.record.deeds import deeds_of_classes
from courses.register import exporting  # noqa: F401
from courses.signals import course_completed
from quizzes.hall.results import Annulment
from quizzes.models import Question, QuestionCategory
from quizzes.signals import attempt_finished

register_assignments(CourseAssignment)
register_assignments(ProgrammeAssignment)
register_duties(programme_duties)
bars_to_assessing.register(bars_of_programmes)


@register_duties
def course_duties(people, on):
    """Assigned courses."""
    return duties_from(CourseAssignment, people, on)


COMPLETED = register_notice(
    "courses.completed",
    title=gettext_lazy("Completed: %(course)s"),
    text=gettext_lazy("It is in your learning record."),
    icon="check",
)


@receiver(attempt_finished)
def complete_course_of_attempt(sender, attempt, now, **kwargs):
    """A passed quiz may have been the last thing missing."""
    for asking in asks_of_completion(attempt, now):
        for enrolment in asking.rows():
            complete_course_if_ready(enrolment=enrolment, now=now)


OWN = PreparedQuery(lambda enrolment, learner: Enrolment.objects.filter(pk=enrolment, learner=learner))


@asks_of_follow_ups.register
def asks_of_completion(attempt, now):
    """The time through a course in which a quiz was passed."""
    kind, _colon, key = attempt.occasion.partition(":")
    return [OWN.bound(enrolment=int(key), learner=attempt.learner_id)] if kind == "enrolment" and attempt.passed else []


@receiver(course_completed)
def tell_who_completed(sender, enrolment, now, **kwargs):
    """Once a time through the course."""
    course = enrolment.course
    telling = Telling(
        enrolment.learner_id,
        f"enrolment:{enrolment.pk}",
        {"course": course.titles or course.code},
        reverse("courses:course", args=[course.code]),
    )
    notify_many(kind=COMPLETED, tellings=[telling], now=now)


@receiver(course_completed)
def credit_hours_of_course(sender, enrolment, now, **kwargs):
    credit_completion(enrolment=enrolment, now=now)


@receiver(course_completed)
def date_what_follows_the_course(sender, enrolment, now, **kwargs):
    """Due dates that are counted from this completion are known now."""
    for model in ASSIGNMENT_KINDS.values():
        if issubclass(model, AfterCourse):
            for assignment in standing(model).filter(after_course=enrolment.course_id):
                evaluate_assignment(assignment=assignment, now=now, people=[enrolment.learner_id])


init_new_page.connect(begin_with_usual_parts, dispatch_uid="courses.usual_parts")


@receiver(page_published, sender=CoursePage)
@receiver(page_unpublished, sender=CoursePage)
def follow_course_page(sender, instance, **kwargs):
    sync_course(page=instance)


@receiver(page_published, sender=LessonPage)
@receiver(page_unpublished, sender=LessonPage)
def follow_lesson_page(sender, instance, **kwargs):
    sync_lesson(page=instance)
    follow_minutes(Course.objects.filter(lessons=instance.lesson_id))


@receiver(page_published, sender=LessonPage)
def index_lesson_page(sender, instance, **kwargs):
    index_lesson(page=instance, now=timezone.now())


@receiver(published, sender=Question)
def index_lessons_that_ask(sender, instance, **kwargs):
    index_lessons_asking(question=instance, now=timezone.now())


@receiver(post_delete, sender=LessonPage)
def follow_deleted_lesson_page(sender, instance, **kwargs):
    sync_gate(lesson=instance.lesson_id)
    forget_without_pages(course=instance.lesson.course_id, lesson=instance.lesson_id)


@receiver(post_delete, sender=CoursePage)
def follow_deleted_course_page(sender, instance, **kwargs):
    forget_without_pages(course=instance.course_id)


@receiver(post_page_move)
def follow_moved_page(sender, instance, **kwargs):
    follow_move(page=instance)


PLACING = PreparedQuery(
    lambda learner, quiz: (
        Enrolment.objects.filter(learner=learner, course__placements__quiz=quiz)
        .select_related("course")
        .order_by("-time")
    )
)


@asks_of_grounds.register
def asks_of_course_grounds(quiz, learner):
    return [PLACING.bound(learner=learner.pk, quiz=quiz.pk)]


@grounds_for.register
@of_occasions("enrolment:")
def course_grounds(quiz, learner):
    """An enrolment in a course that places the quiz."""
    grounds = []
    for enrolment in PLACING.rows(learner=learner.pk, quiz=quiz.pk):
        course = enrolment.course
        practice = quiz.kind == quiz.Kind.PRACTICE
        after_lessons = course.quizzes_after_lessons and not practice and enrolment.completed_at is None
        # Counted where somebody wants to start, not where they look at a result.
        refusal = SimpleLazyObject(partial(_lessons_first, enrolment)) if after_lessons else None
        grounds.append(
            Ground(
                occasion=occasion_of(enrolment),
                label=_("Course: %(title)s") % {"title": course.local_title},
                url=reverse("courses:course", args=[course.code]),
                refusal=refusal,
                back=_("To the course"),
            )
        )
    return grounds


def _lessons_first(enrolment: Enrolment) -> str:
    """Why the quizzes of the course wait, or ''."""
    stand = stand_of(enrolment)
    if stand.lessons_done:
        return ""
    return _("Finish the lessons first: %(done)s of %(all)s are done.") % {"done": stand.done, "all": stand.lessons}


@practice_sources.register
def courses_of_learner(learner) -> list[PracticeSource]:
    """Every course that the person has begun or completed."""
    if none_of(Enrolment, [learner.pk]):
        return []
    return sources_of_courses(Enrolment.objects.filter(learner=learner).values("course"))


@study_places.register
def lessons_of_questions(questions) -> list[StudyPlace]:
    """The lesson that teaches what a question asks."""
    return places_that_teach(questions)


@category_parts.register
def lesson_of_category() -> list[FormPart]:
    """Which lesson teaches what the questions of a category ask."""
    return [LESSON_OF_CATEGORY]


@receiver(post_save, sender=QuestionCategory)
def relate_new_category(sender, instance, created, raw=False, **kwargs):
    """One that comes with a file may be named after a lesson; whoever edits it may choose another."""
    if created and not raw:
        TaughtCategory.objects.relate([instance])


@takers_of.register
def learners_before_quiz(quiz, on):
    """Who is in the middle of a course that places the quiz."""
    inside = Enrolment.objects.filter(course__placements__quiz=quiz, completed_at=None)
    return [User.objects.filter(pk__in=inside.values("learner"))]


consequences_of.register(courses_of_a_repair)


@consequences_of.register
def learners_of_pages(change) -> list[Consequence]:
    """What taking away pages does to the people who learn by them."""
    page = getattr(change, "specific", None)
    if isinstance(page, CoursePage):
        people, others = Enrolment.objects.filter(course=page.course_id), page.course.pages
    elif isinstance(page, LessonPage):
        people, others = Enrolment.objects.filter(lessons__lesson=page.lesson_id), page.lesson.pages
    else:
        return []
    open_count = people.filter(completed_at=None).count()
    done_count = people.exclude(completed_at=None).count()
    consequences = []
    if open_count and not others.exclude(pk=page.pk).filter(live=True).exists():
        consequences.append(
            Consequence(
                ngettext(
                    "%(count)s person is in the middle of it and loses it from view.",
                    "%(count)s people are in the middle of it and lose it from view.",
                    open_count,
                )
                % {"count": open_count}
            )
        )
    elif open_count:
        consequences.append(
            Consequence(
                ngettext(
                    "%(count)s person in the middle of it goes on in the other language.",
                    "%(count)s people in the middle of it go on in the other language.",
                    open_count,
                )
                % {"count": open_count}
            )
        )
    if done_count:
        consequences.append(
            Consequence(
                ngettext(
                    "%(count)s completion stands; certificates are not touched.",
                    "%(count)s completions stand; certificates are not touched.",
                    done_count,
                )
                % {"count": done_count}
            )
        )
    return consequences


@consequences_of.register
def course_of_annulled_paper(change) -> list[Consequence]:
    """What taking a mark away means for the course that was completed by it."""
    if not isinstance(change, Annulment):
        return []
    attempt = change.attempt
    kind, _colon, key = attempt.occasion.partition(":")
    if kind != "enrolment" or not attempt.passed:
        return []
    enrolment = Enrolment.objects.filter(pk=int(key), completed_at__isnull=False).select_related("course").first()
    if enrolment is None:
        return []
    text = _("Course completed: %(title)s. It counts for no level until the quiz is passed again.")
    return [Consequence(text % {"title": enrolment.course.local_title})]


changing_moments.register(moments_of_sessions)
engagements_of.register(classes_of)
deeds_of.register(deeds_of_classes)
each_minute("read lessons for the search", lambda now: index_waiting(now=now))
each_minute("publish what is due", lambda now: publish_scheduled_content(now=now))


def hours_of_the_day(now, today):
    """What was completed is credited, then courses say the hours whose day has come, or that their minutes give."""
    credit_missed_completions(now=now)
    take_over_hours(now=now, today=today)
    # Quizzes, dialogues and job aids change without the course.
    follow_minutes(Course.objects.all())


each_day("hours of completed courses", hours_of_the_day)

watch(Enrolment, whose="learner")
# How far a lesson was read is told every few seconds.
watch(LessonProgress, whose="enrolment__learner", ignoring=["position", "read_at", "read_seconds", "told_at"])
watch(Attendee, ChangeCheck, CourseAssignee, HourEntry, ProgrammeAssignee, ProgrammeTick, whose="person")
# Who begins or ceases to mentor finds more or less on the home page.
watch(ProgrammeAssignee, whose="mentor")
watch(CourseExtension, ProgrammeExtension, whose="assignee__person")
watch(CataloguePage, CoursePage, LessonPage, Course, CourseQuiz, Lesson, TaughtCategory, Topic)
watch(ClassSession, HourQuota, LeastReading)
watch(CourseAssignment, ProgrammeAssignment, ignoring=["evaluated_at"])
watch(Programme, ProgrammeStep)
watch(JobAid, JobAid.lessons.through)
