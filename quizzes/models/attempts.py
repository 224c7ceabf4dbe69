"""One person's paper and what they answered. Nothing typed is lost, nothing handed in changes."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from academy.requests.reversing import address_of
from quizzes.models.bank import QuestionVersion
from quizzes.models.querysets import AttemptQuerySet
from quizzes.models.quiz import Quiz


class Attempt(models.Model):
    """答卷. The paper (version ids, order, option order, marks) is drawn once, at the start or ahead of it."""

    class State(models.TextChoices):
        NOT_STARTED = "not_started", pgettext_lazy("candidate", "Not started")
        IN_PROGRESS = "in_progress", pgettext_lazy("paper", "In progress")
        OVERDUE = "overdue", _("Time over, to be handed in")
        SUBMITTED = "submitted", _("Being marked")
        FINISHED = "finished", _("Handed in")
        ABANDONED = "abandoned", _("Not handed in (void)")

    class ClosedBy(models.TextChoices):
        LEARNER = "learner", _("Handed in")
        TIME = "time", _("Timed out, handed in for you")
        STAFF = "staff", _("Ended by the invigilator")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    quiz = models.ForeignKey(Quiz, on_delete=models.PROTECT, related_name="attempts")
    learner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="attempts")
    # An opaque key given by the ground (an enrolment, a round): limits and waits count inside one occasion.
    # Empty, with number 0, while a paper drawn ahead waits for its start.
    occasion = models.CharField(max_length=80, blank=True)
    number = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=20, choices=State.choices, default=State.IN_PROGRESS)
    language = models.CharField(max_length=10, choices=settings.LANGUAGES)
    # [{"slot": 1, "page": 1, "version": id, "mark": "1.00", "order": {...}}], see quizzes.grading.papers
    paper = models.JSONField()
    # By code what each house rule that the paper quotes said to the candidate at the start, in both languages. All
    # later showing and marking of the paper goes by it.
    house_rules = models.JSONField(default=dict, blank=True)
    drawn_at = models.DateTimeField(default=timezone.now)
    # The rules as they held at the start, so that no edit changes an exam that is being written.
    pass_mark = models.DecimalField(max_digits=5, decimal_places=2)
    time_out = models.CharField(max_length=12, choices=Quiz.TimeOut.choices, default=Quiz.TimeOut.AUTOSUBMIT)
    grace_minutes = models.PositiveSmallIntegerField(default=0)
    behaviour = models.CharField(max_length=12, choices=Quiz.Behaviour.choices, default=Quiz.Behaviour.DEFERRED)
    navigation = models.CharField(max_length=10, choices=Quiz.Navigation.choices, default=Quiz.Navigation.FREE)
    # One way: the page being written. Those before it were left and do not come back.
    reached_page = models.PositiveSmallIntegerField(default=1, db_default=1)
    started_at = models.DateTimeField(null=True, blank=True, default=timezone.now)
    # The end: start and time limit, or the closing, whichever is earlier, and the minutes given.
    deadline = models.DateTimeField(null=True, blank=True)
    extra_minutes = models.PositiveSmallIntegerField(default=0)
    # The next moment at which the clock must look at this row; empty: never.
    check_at = models.DateTimeField(null=True, blank=True)
    # When the answers were closed: handed in, run out, ended or abandoned.
    finished_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.CharField(max_length=10, choices=ClosedBy.choices, blank=True)
    mark = models.DecimalField(max_digits=9, decimal_places=4, null=True, blank=True)
    max_mark = models.DecimalField(max_digits=9, decimal_places=4)
    passed = models.BooleanField(null=True, blank=True)
    # From when the learner may know the result and anything may follow from it.
    released_at = models.DateTimeField(null=True, blank=True)
    # From when the mark does not count, by a decision that stands in ``special_results``.
    annulled_at = models.DateTimeField(null=True, blank=True)
    # Empty while what follows from the result (course completion, award) has not gone through; tick repeats it.
    followed_up_at = models.DateTimeField(null=True, blank=True)
    # When it first went through. Kept when the result changes, so that nobody is told as news what they knew, also
    # where the worker died between the change and what follows from it.
    result_told_at = models.DateTimeField(null=True, blank=True)

    objects = AttemptQuerySet.as_manager()

    # What ``with_surroundings`` found out; None where it was not asked.
    has_others: bool | None = None
    is_arranged: bool | None = None
    holds_others: bool | None = None
    has_book: bool | None = None
    has_words: bool | None = None
    kept: int | None = None
    # What ``with_networks`` found out: from where its quiz may be sat.
    networks: str = ""
    # What ``with_device`` found out; without its word nothing is kept.
    keeps_on_devices: bool = False
    is_supervised: bool = True

    class Meta:
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["quiz", "learner"],
                condition=Q(state__in=["not_started", "in_progress", "overdue"]),
                name="one_open_attempt_a_quiz",
            ),
            models.UniqueConstraint(
                fields=["quiz", "learner", "occasion", "number"], name="one_attempt_a_number_and_occasion"
            ),
            models.CheckConstraint(
                condition=Q(state="not_started", started_at=None, finished_at=None, mark=None, passed=None)
                | Q(
                    state__in=["in_progress", "overdue"],
                    started_at__isnull=False,
                    finished_at=None,
                    mark=None,
                    passed=None,
                )
                | Q(
                    state__in=["submitted", "abandoned"],
                    started_at__isnull=False,
                    finished_at__isnull=False,
                    mark=None,
                    passed=None,
                )
                | Q(
                    state="finished",
                    started_at__isnull=False,
                    finished_at__isnull=False,
                    mark__isnull=False,
                    passed__isnull=False,
                ),
                name="a_finished_attempt_is_graded",
            ),
        ]
        indexes = [
            models.Index(fields=["check_at"], condition=Q(check_at__isnull=False), name="attempt_to_check"),
            models.Index(
                fields=["released_at"],
                condition=Q(state="finished", followed_up_at=None, released_at__isnull=False),
                name="attempt_to_follow_up",
            ),
            models.Index(fields=["quiz"], condition=Q(state="finished", released_at=None), name="attempt_to_release"),
            models.Index(fields=["quiz"], condition=Q(state="submitted"), name="attempt_to_mark"),
        ]

    def __str__(self) -> str:
        return f"{self.quiz_id} {self.learner_id} {self.number}"

    def get_absolute_url(self) -> str:
        return address_of("quizzes:attempt", self.uuid)

    @property
    def is_open(self) -> bool:
        """Being written, or waiting to be handed in."""
        return self.state in OPEN_STATES

    @property
    def is_resit(self) -> bool:
        """补考: a level exam sat again on the same occasion."""
        return self.number > 1 and self.quiz.kind == Quiz.Kind.EXAM

    @property
    def is_released(self) -> bool:
        return self.state == Attempt.State.FINISHED and self.released_at is not None

    @property
    def counts(self) -> bool:
        """Released, and nobody took the mark away."""
        return self.is_released and self.annulled_at is None


# Being written or waiting to be handed in; no second attempt may be begun beside one of these.
OPEN_STATES = (Attempt.State.IN_PROGRESS, Attempt.State.OVERDUE)
# Closed for good, as far as gates and the number of attempts are concerned.
OVER_STATES = (Attempt.State.FINISHED, Attempt.State.ABANDONED)


class Answer(models.Model):
    """What stands in one slot: one row, written by a conditional upsert, marked when the attempt closes."""

    # The constraint's own index begins with it: a second one would be written with each answer and each mark.
    attempt = models.ForeignKey(Attempt, on_delete=models.PROTECT, related_name="answers", db_index=False)
    slot = models.PositiveSmallIntegerField()
    version = models.ForeignKey(QuestionVersion, on_delete=models.PROTECT, related_name="answers")
    # The tab's own counter orders answers inside one tab; between tabs the time of arrival does.
    tab = models.CharField(max_length=36, blank=True)
    sequence = models.BigIntegerField(default=0)
    saved_at = models.DateTimeField(default=timezone.now)
    response = models.JSONField(null=True, blank=True)
    flagged = models.BooleanField(default=False)
    # For statistics only: what went by before each saving, since whatever was saved last on the paper (see attempts.saving).
    seconds = models.PositiveSmallIntegerField(default=0, db_default=0)
    # With answers judged at once: how often it was tried, and when it became fixed.
    tries = models.PositiveSmallIntegerField(default=0, db_default=0)
    checked_at = models.DateTimeField(null=True, blank=True)
    # What was checked last, so that an answer changed since shows no verdict that is not its own.
    checked_response = models.JSONField(null=True, blank=True)
    fraction = models.DecimalField(max_digits=12, decimal_places=10, null=True, blank=True)
    mark = models.DecimalField(max_digits=9, decimal_places=4, null=True, blank=True)

    class Meta:
        ordering = ["attempt", "slot"]
        constraints = [models.UniqueConstraint(fields=["attempt", "slot"], name="one_answer_a_slot")]

    def __str__(self) -> str:
        return f"{self.attempt_id} {self.slot}"


class KeptAnswer(models.Model):
    """An answer that did not count, kept so that nothing typed is lost: too late, older, or from elsewhere."""

    class Why(models.TextChoices):
        LATE = "late", _("Arrived after the deadline")
        OLDER = "older", _("Older than the stored answer")
        OUTSIDE = "outside", _("Sent from outside the exam network")

    attempt = models.ForeignKey(Attempt, on_delete=models.PROTECT, related_name="kept_answers")
    slot = models.PositiveSmallIntegerField()
    response = models.JSONField(null=True)
    why = models.CharField(max_length=10, choices=Why.choices)
    tab = models.CharField(max_length=36, blank=True)
    sequence = models.BigIntegerField(default=0)
    received_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["attempt", "slot", "received_at"]

    def __str__(self) -> str:
        return f"{self.attempt_id} {self.slot} {self.why}"
