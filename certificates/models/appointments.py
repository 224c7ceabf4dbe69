"""聘任: who is appointed at which level, as HR's records say. Imported, never computed: holding is not being appointed."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from academy.models import Branch, CareerLevel
from academy.models.facts import RecordedFact, span_is_ordered


class Appointment(RecordedFact):
    """A person acts at a level in a branch, by a document, from a day on."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="appointments", verbose_name=_("person")
    )
    level = models.ForeignKey(
        CareerLevel, on_delete=models.PROTECT, related_name="appointments", verbose_name=_("level appointed to")
    )
    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="appointments", verbose_name=_("branch"))
    document_number = models.CharField(_("document number"), max_length=80, blank=True)

    class Meta:
        verbose_name = _("appointment")
        verbose_name_plural = _("appointments")
        ordering = ["effective_from"]
        constraints = [
            span_is_ordered("appointment_span_is_ordered"),
            models.UniqueConstraint(
                fields=["person"],
                condition=models.Q(effective_until=None, withdrawn_at=None),
                name="one_open_appointment_a_person",
            ),
        ]
        indexes = [
            models.Index(
                fields=["branch", "level"], condition=models.Q(withdrawn_at=None), name="appointment_branch_level"
            ),
            models.Index(fields=["person"], condition=models.Q(withdrawn_at=None), name="appointment_person"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.level_id} {self.effective_from}"
