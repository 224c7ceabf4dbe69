"""The file of everything about one person, and the end of it."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from academy.models.people import User
from academy.models.proposals import Proposal


class PersonExport(models.Model):
    """One asked-for file of everything about one person: made by a task, downloaded by who asked, gone after some days."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        RUNNING = "running", _("Running")
        READY = "ready", _("Ready")
        FAILED = "failed", _("Failed")
        GONE = "gone", _("No longer kept")

    GOING = (State.WAITING, State.RUNNING)

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="record_exports")
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.WAITING)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    problem = models.TextField(blank=True)
    size = models.PositiveBigIntegerField(null=True)
    digest = models.CharField(max_length=64, blank=True)
    requested_at = models.DateTimeField(default=timezone.now)
    touched_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("export of a person's record")
        verbose_name_plural = _("exports of people's records")
        ordering = ["-requested_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "requested_by"],
                condition=Q(state__in=["waiting", "running"]),
                name="one_record_export_at_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(state="ready") | Q(expires_at__isnull=False), name="a_ready_record_says_until_when"
            ),
        ]
        indexes = [models.Index(fields=["requested_by", "-requested_at"], name="record_export_by_whom")]

    def __str__(self) -> str:
        return str(self.uuid)

    @property
    def own(self) -> bool:
        """The person's own copy."""
        return self.person_id == self.requested_by_id

    @property
    def is_going(self) -> bool:
        return self.state in self.GOING


class Erasure(models.Model):
    """A person's data are erased after their term; what it took away is counted, the proof that stays names nobody."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        DONE = "done", _("Erased")
        FAILED = "failed", _("Failed")

    person = models.OneToOneField(User, on_delete=models.PROTECT, related_name="erasure", verbose_name=_("person"))
    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, related_name="erasures")
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.WAITING)
    # The last day of the last employment, from which the term was counted.
    left_on = models.DateField()
    requested_at = models.DateTimeField(default=timezone.now)
    touched_at = models.DateTimeField(default=timezone.now)
    erased_at = models.DateTimeField(null=True)
    counts = models.JSONField(default=dict)
    problem = models.TextField(blank=True)

    class Meta:
        verbose_name = _("erasure")
        verbose_name_plural = _("erasures")
        ordering = ["-requested_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="done", erased_at__isnull=False) | (~Q(state="done") & Q(erased_at=None)),
                name="an_erasure_that_is_done_says_when",
            )
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.state}"
