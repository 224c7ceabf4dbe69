"""Leave: spans that stop reminders and lateness, and let a deputy act."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from academy.models.facts import RecordedFact, span_is_ordered
from academy.models.people import User


class Leave(RecordedFact):
    """A long absence, as HR's records have it. Holidays of a few days are no leave here."""

    class Kind(models.TextChoices):
        MATERNITY = "maternity", _("Maternity or parental leave")
        ILLNESS = "illness", _("Long illness")
        STUDY = "study", _("Study")
        SECONDMENT = "secondment", _("Secondment outside the bank")
        OTHER = "other", _("Other leave")

    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="leaves", verbose_name=_("person"))
    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices)

    class Meta:
        verbose_name = _("leave")
        verbose_name_plural = _("leaves")
        ordering = ["effective_from"]
        constraints = [
            span_is_ordered("leave_span_is_ordered"),
            models.UniqueConstraint(
                fields=["person"],
                condition=Q(effective_until=None, withdrawn_at=None),
                name="one_open_leave_a_person",
            ),
        ]
        indexes = [
            models.Index(fields=["person", "effective_from"], condition=Q(withdrawn_at=None), name="leave_person_from")
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.kind} {self.effective_from} – {self.effective_until or ''}"
