"""评分校准: assessors score one case by one rubric, each for themselves, and their scores are laid side by side."""

import uuid
from datetime import date
from decimal import Decimal

from django.conf import settings
from django.contrib.admin import display
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from academy.models import Branch
from academy.models.two_languages import SaidInTwoLanguages
from quizzes.models.observing import SCORED_ONCE_HANDED_IN, SheetInHand
from quizzes.models.private_files import PrivateFileField
from quizzes.models.rubric import Rubric


class Calibration(SaidInTwoLanguages, models.Model):
    """One case that invited assessors score within some days. What it is scored by is fixed when it is announced."""

    class Shown(models.TextChoices):
        CLOSED = "closed", _("When it is closed")
        SCORED = "scored", _("As soon as one has handed in")

    class Phase(models.TextChoices):
        DRAFT = "draft", pgettext_lazy("calibration", "Being prepared")
        COMING = "coming", pgettext_lazy("calibration", "Announced")
        OPEN = "open", pgettext_lazy("calibration", "Open")
        CLOSED = "closed", pgettext_lazy("calibration", "Closed")
        CALLED_OFF = "called_off", pgettext_lazy("calibration", "Called off")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    branch = models.ForeignKey(
        Branch,
        on_delete=models.PROTECT,
        related_name="calibrations",
        verbose_name=_("branch"),
        help_text=_(
            "Its assessors and those of the branches below can be invited; who answers for it reads the result."
        ),
    )
    rubric = models.ForeignKey(Rubric, on_delete=models.PROTECT, related_name="calibrations", verbose_name=_("rubric"))
    name = models.CharField(_("name (Chinese)"), max_length=120)
    name_en = models.CharField(_("name (English)"), max_length=120, blank=True)
    case = models.TextField(
        _("the case (Chinese)"),
        max_length=8000,
        help_text=_("What happened, as an assessor would have seen it. Names of real clients do not belong here."),
    )
    case_en = models.TextField(_("the case (English)"), max_length=8000, blank=True)
    file = PrivateFileField(
        _("recording or paper"),
        upload_to="calibrations/",
        blank=True,
        help_text=_("PDF, MP3, MP4, Ogg, JPEG or PNG, at most 50 MB. Only those invited can open it."),
    )
    opens_on = models.DateField(_("opens on"))
    closes_on = models.DateField(_("last day"))
    pass_mark = models.DecimalField(
        _("pass mark"),
        max_digits=5,
        decimal_places=2,
        default=Decimal(70),
        validators=[MinValueValidator(Decimal("0.01")), MaxValueValidator(100)],
        help_text=_("Out of 100. A veto fails whatever the score."),
    )
    drift_from = models.DecimalField(
        _("listed from (levels)"),
        max_digits=3,
        decimal_places=2,
        default=Decimal("0.5"),
        validators=[MinValueValidator(Decimal("0.1")), MaxValueValidator(6)],
        help_text=_(
            "Assessors whose scores differ this much from the overall median, averaged over the criteria, are listed."
        ),
    )
    shown = models.CharField(
        _("assessors see the comparison"), max_length=6, choices=Shown.choices, default=Shown.CLOSED
    )
    # {"rubric", "pass_mark", "drift_from"} as they stood when it was announced.
    terms = models.JSONField(default=dict)
    # {"levels": {criterion: place}, "vetoes": [id], "words"}.
    reference = models.JSONField(default=dict)
    reference_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    # Who ever set the reference or was shown it: none of them is compared with it, whatever became of it since.
    reference_known_to = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="+", editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    announced_at = models.DateTimeField(null=True, blank=True, editable=False)
    called_off_at = models.DateTimeField(null=True, blank=True, editable=False)
    call_off_reason = models.CharField(_("reason"), max_length=500, blank=True)
    told_at = models.DateTimeField(null=True, blank=True, editable=False)

    @property
    def reference_words(self) -> str:
        """Why the reference is as it is, in the language of the page, else as it was written."""
        chinese, english = (str(self.reference.get(name) or "") for name in ("words", "words_en"))
        return (english or chinese) if get_language() == "en" else (chinese or english)

    class Meta:
        verbose_name = _("calibration of assessors")
        verbose_name_plural = _("calibrations of assessors")
        ordering = ["-opens_on", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(closes_on__gte=F("opens_on")), name="a_calibration_closes_after_it_opens"
            ),
            models.CheckConstraint(
                condition=Q(announced_at=None) | ~Q(terms={}), name="an_announced_calibration_has_terms"
            ),
        ]

    def __str__(self) -> str:
        return self.local_name

    def get_absolute_url(self) -> str:
        return reverse("observe:calibration", args=[self.uuid])

    @property
    @display(description=_("calibration of assessors"))
    def local_name(self) -> str:
        return self.words("name")

    def phase_on(self, today: date) -> str:
        """In which phase it is on the bank's day ``today``."""
        if self.called_off_at is not None:
            return self.Phase.CALLED_OFF
        if self.announced_at is None:
            return self.Phase.DRAFT
        if today < self.opens_on:
            return self.Phase.COMING
        return self.Phase.OPEN if today <= self.closes_on else self.Phase.CLOSED


class CalibrationSheet(SheetInHand):
    """评分表 of one invited assessor. Final once handed in; nobody corrects what only compares."""

    calibration = models.ForeignKey(Calibration, on_delete=models.PROTECT, related_name="sheets")
    assessor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="calibration_sheets",
        verbose_name=_("assessor"),
    )
    invited_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("calibration sheet")
        verbose_name_plural = _("calibration sheets")
        ordering = ["calibration", "invited_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["calibration", "assessor"], name="one_calibration_sheet_an_assessor"),
            models.CheckConstraint(condition=SCORED_ONCE_HANDED_IN, name="a_calibration_sheet_handed_in_has_a_score"),
        ]

    def __str__(self) -> str:
        return f"{self.calibration_id} {self.assessor_id}"
