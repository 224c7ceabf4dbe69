"""岗位持证要求: which level a post asks for, and within how many days of taking it up."""

from datetime import date

from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from academy.models import Branch, CareerLevel, Line, Position
from academy.models.facts import RecordedFact, span_is_ordered
from academy.models.levels import by_rank


class PositionRequirement(RecordedFact):
    """A position, or every position of a line, asks for a level; everywhere or in a branch and below it.

    Several may ask the same post: each level of them is asked, the one that is due first where two ask for the same.
    """

    position = models.ForeignKey(
        Position,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="requirements",
        verbose_name=_("position"),
        help_text=_("Empty: every position of the line."),
    )
    line = models.CharField(
        _("line"),
        max_length=20,
        choices=Line.choices,
        blank=True,
        help_text=_("Empty: whatever the line of the position."),
    )
    branch = models.ForeignKey(
        Branch,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="position_requirements",
        verbose_name=_("branch and below"),
        help_text=_("Empty: in the whole bank."),
    )
    level = models.ForeignKey(
        CareerLevel,
        on_delete=models.PROTECT,
        related_name="position_requirements",
        verbose_name=_("level to be held"),
        help_text=_("A higher level counts as well."),
    )
    within_days = models.PositiveSmallIntegerField(
        _("within (days)"),
        default=180,
        help_text=_("Counted from taking up the post; the last of them is still in time."),
    )
    counts_from = models.DateField(
        _("days count from at the earliest"),
        null=True,
        blank=True,
        help_text=_("For those who were in post before. Empty: from the first day of the requirement."),
    )

    class Meta:
        verbose_name = _("position requirement")
        verbose_name_plural = _("position requirements")
        ordering = [*by_rank(), "position__code", "line", "pk"]
        constraints = [
            span_is_ordered("position_requirement_span_is_ordered"),
            models.CheckConstraint(
                condition=Q(position__isnull=False) | ~Q(line=""), name="position_requirement_names_whom"
            ),
            models.UniqueConstraint(
                Coalesce("position", 0),
                "line",
                Coalesce("branch", 0),
                "level",
                condition=Q(effective_until=None, withdrawn_at=None),
                name="one_open_requirement_a_position_line_branch_level",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.whom} · {self.level.code}"

    @property
    def days_from(self) -> date:
        """From when the days run of whoever was in post before: nobody owed yesterday what is asked from today on."""
        return self.counts_from or self.effective_from

    @property
    def whom(self) -> str:
        """The position, the line, or both."""
        parts = [str(self.position) if self.position else "", self.get_line_display() if self.line else ""]
        return " / ".join(part for part in parts if part)
