"""What this floor does when something is published, and by the clock."""

from django.db.models.signals import pre_delete, pre_save
from django.dispatch import receiver
from django.utils import timezone
from wagtail.log_actions import get_active_log_context
from wagtail.signals import published, unpublished

from academy.calendar.clock import each_day, each_minute, local_day
from academy.doors import asks_of_follow_ups, changing_moments, deeds_of, engagements_of
from academy.requests.kept.watching import DRAFTS, watch
from quizzes.attempts import ahead, endings  # noqa: F401
from quizzes.attempts.following_up import close_overdue_attempts, repeat_follow_ups
from quizzes.attempts.settling import release_after_sessions
from quizzes.attempts.stands import moments_of_waits
from quizzes.attempts.telling import tell_passed, tell_used_up
from quizzes.bank import foreseeing  # noqa: F401
from quizzes.bank.clearing import forget_unstored_imports, forget_unused_files
from quizzes.bank.renewing import renew_what_is_due
from quizzes.bank.retiring import reckon_at_night
from quizzes.bank.versions import publish_version
from quizzes.engaged import measuring_engagements
from quizzes.entry import RESULTS, asks_of_hall
from quizzes.hall import proof  # noqa: F401
from quizzes.hall.missing import tell_missed
from quizzes.hall.panels import moments_of_sessions
from quizzes.marking import regrading  # noqa: F401
from quizzes.models import (
    Attempt,
    Ban,
    Calibration,
    CalibrationSheet,
    Candidate,
    DialogueEnding,
    ExamSession,
    Observation,
    ObservedPractice,
    PracticeAnswer,
    PracticeDay,
    Question,
    QuestionBank,
    QuestionCategory,
    Quiz,
    QuizOverride,
    QuizSlot,
    ScoreSheet,
    SpecialResult,
    WrongQuestion,
)
from quizzes.observing import correcting, scoring  # noqa: F401
from quizzes.observing import proof as observation_proof  # noqa: F401
from quizzes.observing.calibrating import tell_results
from quizzes.observing.expiring import expire
from quizzes.observing.panels import moments_of_observations
from quizzes.pools.exam_settings import note_change, note_deletion, settings_of
from quizzes.practice.book import fill_from_attempt
from quizzes.record.deeds import deeds_of_measuring
from quizzes.rules.looking import asks_of_look
from quizzes.rules.revealing import note_closings, note_result
from quizzes.rules.review import moments_of_reviews
from quizzes.signals import attempt_finished
from quizzes.statistics.keeping import ask_for_new_results

deeds_of.register(deeds_of_measuring)
engagements_of.register(measuring_engagements)
changing_moments.register(moments_of_reviews)
changing_moments.register(moments_of_sessions)
changing_moments.register(moments_of_waits)
changing_moments.register(moments_of_observations)
each_minute("close overdue attempts", lambda now: close_overdue_attempts(now=now))
each_minute("results of papers ended in the hall", lambda now: release_after_sessions(now=now))
each_minute("repeat follow-ups", lambda now: repeat_follow_ups(now=now))
each_minute("repeat follow-ups of observations", lambda now: scoring.FOLLOW_UPS.repeat(now=now))
each_minute("repeat follow-ups of dialogues", lambda now: endings.FOLLOW_UPS.repeat(now=now))
each_minute("missed exams", lambda now: tell_missed(now=now))
each_day("expired observations", lambda now, today: expire(now=now, today=today))
each_day("results of calibrations", lambda now, today: tell_results(now=now, today=today))
each_day("forget unused pictures and sounds", lambda now, today: forget_unused_files(now=now))
each_day("forget files of questions that nobody stored", lambda now, today: forget_unstored_imports(now=now))
each_day("questions follow house rules", lambda now, today: renew_what_is_due(now=now))
each_minute("statistics of new results, ask", lambda now: ask_for_new_results(now=now))
each_day("statistics of quizzes", lambda now, today: reckon_at_night(now=now, today=today))
each_day("keys that closings opened", lambda now, today: note_closings(now=now))


@receiver(published, sender=Question)
def freeze_published_question(sender, instance, revision=None, **kwargs):
    """Wagtail publishes by button, schedule and workflow; each of them ends here."""
    publish_version(question=instance, now=timezone.now(), actor=getattr(revision, "user", None))
    Question.objects.filter(pk=instance.pk).exclude(retired_at=None).update(retired_at=None)


@receiver(unpublished, sender=Question)
def retire_question(sender, instance, **kwargs):
    """What was asked and is taken offline is retired, not a draft; published anew it is back."""
    Question.objects.filter(pk=instance.pk).update(retired_at=timezone.now())


@receiver(pre_save, sender=Quiz)
def remember_settings(sender, instance, raw=False, update_fields=None, **kwargs):
    """Wagtail tells of a publishing when it is done; what held before is read before."""
    if instance.pk and not raw and update_fields is None:
        instance.settings_before = settings_of(instance)


@receiver(published, sender=Quiz)
@receiver(unpublished, sender=Quiz)
def note_changed_exam(sender, instance, revision=None, **kwargs):
    """By button, schedule and workflow. By the clock nobody is at the screen: then it is who wrote it."""
    actor = get_active_log_context().user or getattr(revision, "user", None)
    before = getattr(instance, "settings_before", None)
    note_change(quiz=instance, before=before, now=timezone.now(), actor=actor)


@receiver(pre_delete, sender=Quiz)
def note_deleted_exam(sender, instance, **kwargs):
    """Inside the transaction of the deletion, while the quiz still stands."""
    if instance.live:
        actor = get_active_log_context().user
        note_deletion(quiz=instance, now=timezone.now(), actor=actor)


@asks_of_follow_ups.register
def asks_of_keys_and_notices(attempt, now):
    """By which rules the review opens, and whether an attempt is left."""
    quiz = attempt.quiz
    on_exam_day = asks_of_hall(quiz, attempt.learner, local_day(now)) if attempt.passed is False else []
    absences = [RESULTS.bound(quizzes=[quiz.pk], person=attempt.learner_id)] if quiz.kind == Quiz.Kind.EXAM else []
    return [*asks_of_look(attempt), *on_exam_day, *absences]


@receiver(attempt_finished)
def fill_wrong_answer_book(sender, attempt, now, changed=False, **kwargs):
    """What was wrong on the paper is practised until it comes right; a mark changed later is no new answer."""
    if not changed:
        fill_from_attempt(attempt=attempt, now=now)


@receiver(attempt_finished)
def note_keys_of_result(sender, attempt, now, **kwargs):
    """Also of a mark changed later: who passes now sees the answers now."""
    note_result(attempt=attempt, now=now)


@receiver(attempt_finished)
def tell_how_an_exam_went(sender, attempt, now, changed=False, **kwargs):
    """A mark changed later has a notice of its own."""
    if not changed:
        tell_passed(attempt=attempt, now=now)
        tell_used_up(attempt=attempt, now=now)


# What only the clock and the page of the attempt itself look at.
watch(Attempt, whose="learner", ignoring=["check_at", "reached_page", "followed_up_at", "result_told_at"])
watch(Ban, Candidate, PracticeAnswer, PracticeDay, SpecialResult, WrongQuestion, whose="person")
watch(DialogueEnding, whose="person", ignoring=["followed_up_at"])
watch(Observation, whose="person", ignoring=["followed_up_at", "answer", "answered_at"])
watch(ScoreSheet, whose="observation__person", ignoring=["draft", "comment", "sequence", "saved_at"])
# Whoever offers a time, joins or hands in has something less to do.
watch(ScoreSheet, whose="assessor", ignoring=["draft", "comment", "sequence", "saved_at"])
watch(CalibrationSheet, whose="assessor", ignoring=["draft", "comment", "sequence", "saved_at"])
watch(Calibration, ignoring=["told_at"])
watch(ObservedPractice)
watch(Quiz, Question, ignoring=DRAFTS)
watch(QuestionBank, QuestionCategory, QuizSlot)
# One may be for many people.
watch(QuizOverride, QuizOverride.people.through)
watch(ExamSession, ExamSession.invigilators.through)
