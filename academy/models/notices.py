"""The in-app inbox."""

from django.conf import settings
from django.db import models
from django.utils import timezone


class Notice(models.Model):
    """One event told to one person once; its words are made in the reader's language when it is read."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="notices")
    kind = models.CharField(max_length=60)
    event = models.CharField(max_length=120)
    facts = models.JSONField(default=dict)
    path = models.CharField(max_length=255, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["person", "kind", "event"], name="one_notice_a_person_and_event")
        ]
        indexes = [
            models.Index(fields=["person"], condition=models.Q(read_at=None), name="notice_unread"),
            models.Index(fields=["person", "-created_at"], name="notice_inbox"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.event}"
