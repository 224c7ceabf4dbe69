"""The in-app inbox, and the proof of what left it by another channel."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Notice(models.Model):
    """One event told to one person once; its words are made in the reader's language when it is read."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="notices")
    kind = models.CharField(max_length=60)
    event = models.CharField(max_length=120)
    facts = models.JSONField(default=dict)
    path = models.CharField(max_length=255, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True, blank=True)
    # Empty until the clock has decided by which channels it goes out.
    routed_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["person", "kind", "event"], name="one_notice_a_person_and_event")
        ]
        indexes = [
            models.Index(fields=["person"], condition=models.Q(read_at=None), name="notice_unread"),
            models.Index(fields=["person", "-created_at"], name="notice_inbox"),
            models.Index(fields=["-created_at", "-id"], name="notice_newest"),
            models.Index(fields=["id"], condition=models.Q(routed_at=None), name="notice_to_route"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.event}"


class NoticeDelivery(models.Model):
    """A notice on its way by one channel: what was sent when, and what the other side said."""

    class Channel(models.TextChoices):
        MAIL = "mail", _("Mail")
        WEBHOOK = "webhook", _("Messenger")

    class State(models.TextChoices):
        HELD = "held", _("Held back during leave")
        SUMMED = "summed", _("Included in the summary after leave")
        QUEUED = "queued", _("Waits to be sent")
        FAILED = "failed", _("Failed, is tried again")
        SENT = "sent", _("Handed over")
        ARRIVED = "arrived", pgettext_lazy("delivery", "Arrived")
        GIVEN_UP = "given_up", _("Not delivered")
        NEEDLESS = "needless", _("Not sent: it was done meanwhile")

    WAITING = (State.QUEUED, State.FAILED)

    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, related_name="deliveries")
    channel = models.CharField(_("channel"), max_length=10, choices=Channel.choices)
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.QUEUED)
    # The same for every try, so that the other side knows a message that it has already.
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    tries = models.PositiveSmallIntegerField(_("tries"), default=0)
    language = models.CharField(_("language"), max_length=10, blank=True)
    subject = models.CharField(_("what was sent"), max_length=255, blank=True)
    queued_at = models.DateTimeField(_("queued"))
    next_try_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(_("handed over"), null=True, blank=True)
    arrived_at = models.DateTimeField(_("arrived"), null=True, blank=True)
    answer_code = models.PositiveSmallIntegerField(_("answer code"), null=True, blank=True)
    answer_id = models.CharField(_("the other side's number"), max_length=120, blank=True)
    last_error = models.CharField(_("last error"), max_length=255, blank=True)

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["notice", "channel"], name="one_delivery_a_notice_and_channel"),
            models.CheckConstraint(
                condition=~Q(state__in=["sent", "arrived"]) | Q(sent_at__isnull=False),
                name="what_was_sent_has_its_moment",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["queued", "failed"]) | Q(next_try_at__isnull=False),
                name="what_waits_knows_its_next_try",
            ),
        ]
        indexes = [
            models.Index(
                fields=["channel", "next_try_at"],
                condition=Q(state__in=["queued", "failed"]),
                name="delivery_waiting",
            ),
            models.Index(fields=["notice"], condition=Q(state="held"), name="delivery_held"),
            models.Index(fields=["-queued_at"], condition=Q(state="given_up"), name="delivery_given_up"),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.state} {self.key}"
