"""练习: what a person practises. None of it is an attempt, and nothing of it counts for a gate."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from quizzes.models.bank import Question, QuestionVersion


class PracticeCard(models.Model):
    """How well a person knows a question, as spaced repetition reckons it; dates are bank-local days."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="practice_cards")
    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="practice_cards")
    due_on = models.DateField()
    stability = models.FloatField()
    difficulty = models.FloatField()
    state = models.PositiveSmallIntegerField()
    last_on = models.DateField()

    class Meta:
        ordering = ["person", "due_on"]
        constraints = [models.UniqueConstraint(fields=["person", "question"], name="one_card_a_person_and_question")]

    def __str__(self) -> str:
        return f"{self.person_id} {self.question_id} {self.due_on}"

    @staticmethod
    def use_in_words(count: int) -> str:
        return ngettext("practised by %(count)s person", "practised by %(count)s people", count) % {"count": count}


class PracticeDay(models.Model):
    """每日五题: one person's questions of one day, drawn once, so that they are the same after an interruption."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="practice_days")
    day = models.DateField()
    # [{"slot": 1, "version": id, "order": {...}, "why": "wrong"}], see quizzes.practice.daily
    places = models.JSONField()
    begun_at = models.DateTimeField(default=timezone.now)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["person", "-day"]
        constraints = [models.UniqueConstraint(fields=["person", "day"], name="one_practice_day_a_person_and_day")]

    def __str__(self) -> str:
        return f"{self.person_id} {self.day}"


class PracticeAnswer(models.Model):
    """One answer given in practice, never changed. In a practice day a place is answered once."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="practice_answers")
    version = models.ForeignKey(QuestionVersion, on_delete=models.PROTECT, related_name="practice_answers")
    # Both empty when it was answered out of the wrong-answer book.
    practice_day = models.ForeignKey(
        PracticeDay, null=True, blank=True, on_delete=models.PROTECT, related_name="answers"
    )
    slot = models.PositiveSmallIntegerField(null=True, blank=True)
    response = models.JSONField(null=True)
    order = models.JSONField(default=dict)
    # right, partial, wrong or blank, as the question type says.
    outcome = models.CharField(max_length=10)
    answered_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["person", "answered_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["practice_day", "slot"],
                condition=Q(practice_day__isnull=False),
                name="one_practice_answer_a_place",
            ),
            models.CheckConstraint(
                condition=Q(practice_day=None, slot=None) | Q(practice_day__isnull=False, slot__isnull=False),
                name="a_practice_answer_has_a_place_or_none",
            ),
        ]
        indexes = [models.Index(fields=["person", "version"], name="practice_answer_seen")]

    def __str__(self) -> str:
        return f"{self.person_id} {self.version_id} {self.outcome}"


class WrongQuestion(models.Model):
    """错题本: a question that a person answered wrong or put here; it leaves once right on enough days."""

    class Source(models.TextChoices):
        QUIZ = "quiz", _("Quiz")
        EXAM = "exam", _("Exam")
        PRACTICE = "practice", _("Practice")
        HAND = "hand", _("Added by hand")

    # The constraint's own index begins with it.
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="wrong_questions", db_index=False
    )
    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="wrong_for")
    # The version that was answered wrong, or put here, last.
    version = models.ForeignKey(QuestionVersion, on_delete=models.PROTECT, related_name="+")
    source = models.CharField(max_length=10, choices=Source.choices)
    entered_on = models.DateField()
    times_wrong = models.PositiveIntegerField(default=0)
    right_days = models.PositiveSmallIntegerField(default=0)
    last_right_on = models.DateField(null=True, blank=True)
    left_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["person", "-entered_on", "-pk"]
        constraints = [models.UniqueConstraint(fields=["person", "question"], name="one_place_in_a_wrong_answer_book")]
        indexes = [models.Index(fields=["person"], condition=Q(left_on=None), name="wrong_answer_book")]

    def __str__(self) -> str:
        return f"{self.person_id} {self.question_id}"

    @staticmethod
    def use_in_words(count: int) -> str:
        return ngettext(
            "in the wrong-answer book of %(count)s person", "in the wrong-answer books of %(count)s people", count
        ) % {"count": count}
