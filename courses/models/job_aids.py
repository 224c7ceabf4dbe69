"""岗位工具: cards, sheets and forms for work, and the guide to a course for managers; each one page, in both languages."""

from typing import Any, Self

from django.contrib.admin import display
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from academy.doors import by_name
from academy.models.slugs import MadeSlugField, NamesItself
from academy.models.two_languages import SaidInTwoLanguages
from courses.models.courses import Course, Lesson

WRITTEN_HERE = _(
    "Headings with ##, lists with -, tables with |. [[ label ]] is a line to write on, [[ label | 4 ]] four lines, "
    "[[ label | date ]] a day, [[ label | number ]] a number; [[ ]] or [[ :date ]] writes in a cell of a table. “- [ ] text” is a box "
    "to tick. {{ rule:code }} quotes a house rule. It has to fit one page."
)


class JobAidQuerySet(models.QuerySet["JobAid"]):
    def for_everybody(self) -> Self:
        """In use, and for whoever works here: what is for managers alone is left out."""
        return self.filter(active=True).exclude(kind=JobAid.Kind.GUIDE)

    def guides(self) -> Self:
        """In use, for managers: what to ask and what to look at while somebody takes a course."""
        return self.filter(active=True, kind=JobAid.Kind.GUIDE)


class JobAid(NamesItself, SaidInTwoLanguages, models.Model):
    """One card, sheet, form or guide. What people write on it is never kept here."""

    class Kind(models.TextChoices):
        CARD = "card", pgettext_lazy("job aid", "Card")
        SHEET = "sheet", pgettext_lazy("job aid", "Sheet")
        FORM = "form", pgettext_lazy("job aid", "Form")
        GUIDE = "guide", _("Coach guide")

    objects = JobAidQuerySet.as_manager()

    code = MadeSlugField(_("code"), made_from=("name_en", "name"), max_length=60, unique=True)
    kind = models.CharField(pgettext_lazy("job aid", "kind"), max_length=8, choices=Kind.choices, default=Kind.CARD)
    name = models.CharField(_("name (Chinese)"), max_length=120)
    name_en = models.CharField(_("name (English)"), max_length=120, blank=True)
    purpose = models.CharField(_("when to use it (Chinese)"), max_length=255, blank=True)
    purpose_en = models.CharField(_("when to use it (English)"), max_length=255, blank=True)
    body = models.TextField(_("page (Chinese)"), help_text=WRITTEN_HERE)
    body_en = models.TextField(
        _("page (English)"), blank=True, help_text=_("With the same lines and boxes in the same order.")
    )
    lessons = models.ManyToManyField(
        Lesson, blank=True, related_name="job_aids", verbose_name=_("named by the lessons")
    )
    taught_by = models.ForeignKey(
        Lesson,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=_("taught by"),
        help_text=_("Its minutes count in the course of this lesson, once."),
    )
    course = models.ForeignKey(
        Course,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="guides",
        verbose_name=_("guide to the course"),
        help_text=_("For a coach guide: only managers read it, on the pages of this course and of their people."),
    )
    goes_with = models.ManyToManyField(
        "self", blank=True, symmetrical=False, related_name="+", verbose_name=_("job aids that go with it")
    )
    large_print = models.BooleanField(
        _("large print"), default=False, help_text=_("Printed in 18 points, for clients with poor eyesight.")
    )
    sort_order = models.PositiveSmallIntegerField(_("order"), default=0)
    active = models.BooleanField(_("in use"), default=True)
    changed_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("job aid")
        verbose_name_plural = _("job aids")
        ordering = ["sort_order", "code"]
        constraints = [
            models.CheckConstraint(
                condition=(Q(kind="guide", course__isnull=False) | (~Q(kind="guide") & Q(course=None))),
                name="a_guide_has_its_course",
                violation_error_message=_("A coach guide names its course, and nothing else does."),
            ),
        ]

    def __str__(self) -> str:
        return self.local_name

    @property
    @display(description=_("job aid"))
    def local_name(self) -> str:
        return self.words("name")

    @property
    def local_purpose(self) -> str:
        return self.words("purpose")

    def get_absolute_url(self) -> str:
        return reverse("courses:job_aid", args=[self.code])

    def clean(self) -> None:
        faults: dict[str, Any] = by_name("courses.job_aids.checking.faults_of")(self)
        if faults:
            raise ValidationError(faults)
