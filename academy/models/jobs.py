"""Long work and its one life: asked for, carried out by a worker, taken up again, ended; and rows whose turn failed."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from academy.bilingual import pick


class Job(models.Model):
    """One piece of long work. It is the truth about it; a task in the queue is no more than a call to look here."""

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("work", "Waiting")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", pgettext_lazy("work", "Stopped")

    GOING = (State.WAITING, State.RUNNING)

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(_("kind"), max_length=60)
    # Of what, in a few words that name no person: a file, a quiz, a course; in every language where it has a name in each.
    what = models.JSONField(_("of what"), default=str, blank=True)
    details = models.JSONField(default=dict)
    # What is asked for once only has a key of its own; the second asking finds the first.
    once = models.CharField(max_length=120, null=True, unique=True)  # noqa: DJ001
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="jobs", verbose_name=_("by")
    )
    asked_at = models.DateTimeField(_("asked at"), default=timezone.now)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.WAITING)
    # Tries that ended in a fault, and workers that were gone before it ended.
    tries = models.PositiveSmallIntegerField(default=0)
    losses = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True)
    woken_at = models.DateTimeField(null=True)
    begun_at = models.DateTimeField(null=True)
    holder = models.CharField(max_length=32, blank=True)
    leased_until = models.DateTimeField(null=True)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    result = models.JSONField(default=dict)
    # Why it stopped or waits: in every language, or as it stands where it can be said in one only.
    why = models.JSONField(default=str, blank=True)
    # Below the private folder; empty while there is none and when it is no longer kept.
    file = models.CharField(max_length=255, blank=True)
    size = models.PositiveBigIntegerField(null=True)
    digest = models.CharField(max_length=64, blank=True)
    kept_until = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    given_up_at = models.DateTimeField(null=True)
    # Stopped, and nobody waits for it any more.
    put_away_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("background work")
        verbose_name_plural = _("background work")
        ordering = ["-asked_at", "-pk"]
        indexes = [
            models.Index(fields=["state", "woken_at"], name="job_to_take_up"),
            models.Index(fields=["asked_by", "-asked_at"], name="job_by_whom"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="running") | Q(leased_until__isnull=False), name="a_running_job_is_leased"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["done", "failed"]) | Q(finished_at__isnull=False), name="an_ended_job_says_when"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.uuid}"

    @property
    def is_going(self) -> bool:
        return self.state in self.GOING

    @property
    def waits_for_somebody(self) -> bool:
        """Stopped, and neither tried again nor put away."""
        return self.state == self.State.FAILED and self.put_away_at is None

    @property
    def name(self) -> str:
        """Of what, in the language of whoever reads it."""
        return pick(self.what, get_language() or settings.LANGUAGE_CODE)

    @property
    def problem(self) -> str:
        """Why it stopped or waits, in the language of whoever reads it."""
        return pick(self.why, get_language() or settings.LANGUAGE_CODE)

    @property
    def percent(self) -> int | None:
        return min(100, round(100 * self.done / self.total)) if self.total else None


class JobRow(models.Model):
    """The base of a kind's own row: what was asked and what belongs to the kind; how it goes stands in its job."""

    # None until it is begun.
    job = models.OneToOneField(
        Job, null=True, editable=False, on_delete=models.PROTECT, related_name="%(app_label)s_%(class)s"
    )

    class Meta:
        abstract = True

    @property
    def begun(self) -> Job:
        """Its job, of a row that was asked for as begun."""
        assert self.job is not None
        return self.job

    @property
    def is_going(self) -> bool:
        return self.job is not None and self.job.is_going

    @property
    def state_label(self) -> Any:
        return self.job.get_state_display() if self.job is not None else Job.State.WAITING.label


class FailedTurn(models.Model):
    """A row whose turn in a pass over many raised: how often, when it comes again, and when it was given up."""

    name = models.CharField(max_length=60)
    row = models.BigIntegerField()
    tries = models.PositiveSmallIntegerField(default=0)
    problem = models.CharField(max_length=255, blank=True)
    failed_at = models.DateTimeField(default=timezone.now)
    next_try_at = models.DateTimeField(null=True)
    given_up_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["next_try_at", "pk"]
        constraints = [models.UniqueConstraint(fields=["name", "row"], name="one_failed_turn_a_row")]

    def __str__(self) -> str:
        return f"{self.name} {self.row}"
