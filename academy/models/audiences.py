"""Whom something is for: a rule over where and as what people work, or a list of them."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from academy.models.branches import Branch
from academy.models.levels import CareerLevel, Line
from academy.models.people import Position, StaffType, User


class Audience(models.Model):
    """人员范围. Who is in it is asked on a day and never stored: see ``academy.staff.audiences.people_in``.

    It lies in one part of the bank whatever else it says, so that whoever answers for that part answers for it.
    """

    class Kind(models.TextChoices):
        RULE = "rule", _("By a rule")
        LIST = "list", _("By a list of staff numbers")

    name = models.CharField(pgettext_lazy("thing", "name"), max_length=120)
    kind = models.CharField(_("chosen"), max_length=8, choices=Kind.choices, default=Kind.RULE)
    branch = models.ForeignKey(
        Branch,
        on_delete=models.PROTECT,
        related_name="audiences",
        verbose_name=_("branch and below"),
        help_text=_("Only people who work here or below are in it; whoever moves away drops out."),
    )
    position = models.ForeignKey(
        Position, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("position")
    )
    line = models.CharField(_("line"), max_length=20, choices=Line.choices, blank=True)
    level = models.ForeignKey(
        CareerLevel,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("holds the level"),
        help_text=_("Or a higher one, on the day."),
    )
    hired_from = models.DateField(_("hired from"), null=True, blank=True)
    hired_until = models.DateField(_("hired until"), null=True, blank=True, help_text=_("Last day, inclusive."))
    staff_type = models.CharField(_("staff type"), max_length=20, choices=StaffType.choices, blank=True)
    listed = models.ManyToManyField(User, blank=True, related_name="+", verbose_name=_("people"))
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("audience")
        verbose_name_plural = _("audiences")
        ordering = ["name", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(hired_from=None) | Q(hired_until=None) | Q(hired_until__gte=models.F("hired_from")),
                name="audience_hire_dates_are_ordered",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def named_with_branch(self) -> str:
        """Its name, and its part of the bank where the name does not say it already."""
        branch = str(self.branch)
        return self.name if self.name in (branch, self.branch.name) else f"{self.name} · {branch}"
