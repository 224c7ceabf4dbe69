"""The file of everything about one person, and the end of it."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from academy.models.jobs import JobRow
from academy.models.people import User
from academy.models.proposals import Proposal


class PersonExport(JobRow):
    """One asked-for file of everything about one person; how it goes, and its end after some days, stands in its job."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="record_exports")
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    requested_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("export of a person's record")
        verbose_name_plural = _("exports of people's records")
        ordering = ["-requested_at", "-pk"]
        indexes = [models.Index(fields=["requested_by", "-requested_at"], name="record_export_by_whom")]

    def __str__(self) -> str:
        return str(self.uuid)

    @property
    def own(self) -> bool:
        """The person's own copy."""
        return self.person_id == self.requested_by_id


class Erasure(JobRow):
    """A person's data are erased after their term; what it took away is counted, the proof that stays names nobody."""

    person = models.OneToOneField(User, on_delete=models.PROTECT, related_name="erasure", verbose_name=_("person"))
    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, related_name="erasures")
    # The last day of the last employment, from which the term was counted.
    left_on = models.DateField()
    requested_at = models.DateTimeField(default=timezone.now)
    # Written with the erasing itself, so that what is erased and that it is are one.
    erased_at = models.DateTimeField(null=True)
    counts = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("erasure")
        verbose_name_plural = _("erasures")
        ordering = ["-requested_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.person_id} {self.erased_at}"
