"""The bank's tree: a branch is an identity, its place and names have a history."""

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from academy.models.facts import RecordedFact, span_is_ordered
from academy.models.querysets import BranchQuerySet

SERIAL_CODE = RegexValidator(r"^[A-Z0-9]{2,8}\Z", _("Two to eight capital letters and digits."))


class BranchKind(models.TextChoices):
    """总行 → 一级分行 → 二级分行 → 支行 → 网点."""

    HEAD_OFFICE = "head_office", _("Head office")
    FIRST_LEVEL = "first_level", _("First-level branch")
    SECOND_LEVEL = "second_level", _("Second-level branch")
    SUB_BRANCH = "sub_branch", _("Sub-branch")
    OUTLET = "outlet", _("Outlet")
    DEPARTMENT = "department", _("Department")


class Branch(models.Model):
    """A unit of the bank. ``parent``, names and ``path`` are those of today; the past is in the placements."""

    code = models.CharField(_("branch code"), max_length=32, unique=True)
    serial_code = models.CharField(
        _("code in serial numbers"),
        max_length=8,
        unique=True,
        validators=[SERIAL_CODE],
        help_text=_("Part of every certificate's serial number; fixed once the first one is issued."),
    )
    kind = models.CharField(_("kind"), max_length=20, choices=BranchKind.choices)
    name = models.CharField(_("name (Chinese)"), max_length=120)
    name_en = models.CharField(_("name (English)"), max_length=120, blank=True)
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="children", verbose_name=_("parent")
    )
    path = models.CharField(max_length=255, db_index=True, editable=False, default="")
    closed_on = models.DateField(_("closed on"), null=True, blank=True)

    objects = BranchQuerySet.as_manager()

    class Meta:
        verbose_name = _("branch")
        verbose_name_plural = _("branches")
        ordering = ["path"]

    def __str__(self) -> str:
        return self.local_name

    @property
    def local_name(self) -> str:
        """The name in the language of the page."""
        return (self.name_en or self.name) if get_language() == "en" else self.name

    def contains(self, other: "Branch") -> bool:
        """True for itself and everything below it today."""
        return other.path.startswith(self.path)


class BranchPlacement(RecordedFact):
    """Where a branch stood in the tree and what it was called, from a day to a day."""

    branch = models.ForeignKey(Branch, on_delete=models.PROTECT, related_name="placements")
    parent = models.ForeignKey(Branch, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(_("name (Chinese)"), max_length=120)
    name_en = models.CharField(_("name (English)"), max_length=120, blank=True)

    class Meta:
        ordering = ["branch", "effective_from"]
        constraints = [
            span_is_ordered("placement_span_is_ordered"),
            models.UniqueConstraint(
                fields=["branch"],
                condition=Q(effective_until=None, withdrawn_at=None),
                name="one_open_placement_a_branch",
            ),
            models.CheckConstraint(
                condition=Q(parent=None) | ~Q(parent=models.F("branch")), name="no_branch_is_its_own_parent"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.effective_from}"
