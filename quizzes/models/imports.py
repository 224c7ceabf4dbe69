"""A file of questions on its way into a bank: as it came, as it was confirmed, as it can be undone."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from academy.models import JobRow
from quizzes.models.bank import QuestionBank, QuestionCategory


class QuestionImport(JobRow):
    """One file or pasted text. ``source`` is kept until it is stored; ``written`` names what came of it, for undoing:
    ``{"created": [pk], "changed": {pk: what stood before}, "paper": [[pk, mark]], "quiz": pk}``."""

    bank = models.ForeignKey(
        QuestionBank, on_delete=models.PROTECT, related_name="imports", verbose_name=_("question bank")
    )
    # Where questions go that name no category.
    category = models.ForeignKey(
        QuestionCategory, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("category")
    )
    language = models.CharField(max_length=10)
    # As it was chosen; '' is recognised.
    form = models.CharField(max_length=20, blank=True)
    encoding = models.CharField(max_length=40, blank=True)
    name = models.CharField(max_length=200, blank=True)
    source = models.BinaryField(null=True)
    skip_errors = models.BooleanField(default=False)
    written = models.JSONField(default=dict)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    stored_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("import of questions")
        verbose_name_plural = _("imports of questions")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.name or f"{self.bank_id} {self.created_at:%Y-%m-%d}"
