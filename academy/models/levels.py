"""The rungs of the ladder, and what stands outside it."""

from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


class Line(models.TextChoices):
    """条线: the business a position belongs to."""

    CORPORATE = "corporate", _("Corporate")
    RETAIL = "retail", _("Retail")
    SMALL_BUSINESS = "small_business", _("Small business")
    OPERATIONS = "operations", _("Operations")


# What the levels with a rank are compared within; a level without one is alone.
LADDER = 0


def contains_level(level: int | None, rank: int | None, *, asked: int | None, asked_rank: int | None) -> bool:
    """Whether who holds a level, by its key and rank, holds the asked one: the same, or a higher one of the ladder. Pure."""
    if asked_rank is None or rank is None:
        return asked_rank is rank and level is not None and level == asked
    return rank >= asked_rank


def by_rank(path: str = "level") -> list[Any]:
    """The order of rows along the ladder, what stands outside it after it, the same on every database."""
    return [F(f"{path}__rank").asc(nulls_last=True), f"{path}__code"]


class CareerLevel(models.Model):
    """客户经理等级. A higher rank contains the lower ones; without a rank (服务资格) it stands outside the ladder: it contains
    nothing, nothing contains it, nobody is appointed at it, and it is renewed beside whatever else is held."""

    code = models.CharField(
        _("code"), max_length=12, unique=True, help_text=_("Short, as it appears in serial numbers: CM1.")
    )
    rank = models.PositiveSmallIntegerField(
        _("rank"),
        unique=True,
        null=True,
        blank=True,
        help_text=_(
            "1 is the lowest; a higher rank contains the lower ones. Empty: outside the ladder, it contains nothing and "
            "nobody is appointed at it."
        ),
    )
    name = models.CharField(_("name (Chinese)"), max_length=60)
    name_en = models.CharField(_("name (English)"), max_length=60, blank=True)
    line = models.CharField(
        _("line"), max_length=20, choices=Line.choices, blank=True, help_text=_("Empty: for every line.")
    )

    class Meta:
        verbose_name = _("career level")
        verbose_name_plural = _("career levels")
        ordering = [F("rank").asc(nulls_last=True), "code"]

    def __str__(self) -> str:
        return f"{self.local_name} ({self.code})" if get_language() == "en" else f"{self.name}（{self.code}）"

    @property
    def local_name(self) -> str:
        """The name in the language of the page."""
        return (self.name_en or self.name) if get_language() == "en" else self.name

    @property
    def on_ladder(self) -> bool:
        return self.rank is not None

    @property
    def ladder(self) -> int:
        """Within what it is compared: ``LADDER``, or its own key where it stands outside."""
        return LADDER if self.rank is not None else int(self.pk)

    @property
    def sort_key(self) -> tuple[bool, int, str]:
        """Along the ladder, then what stands outside it; as ``by_rank``."""
        return (self.rank is None, self.rank or 0, self.code)

    def contains(self, asked: "CareerLevel") -> bool:
        """Whether who holds it holds the asked one."""
        return contains_level(self.pk, self.rank, asked=asked.pk, asked_rank=asked.rank)

    def is_above(self, other: "CareerLevel") -> bool:
        return self.rank is not None and other.rank is not None and self.rank > other.rank

    def or_higher(self, path: str) -> Q:
        """Rows whose level at ``path`` is this one or contains it."""
        return Q(**{path: self.pk}) if self.rank is None else Q(**{f"{path}__rank__gte": self.rank})

    def lower(self, path: str) -> Q:
        """Rows whose level at ``path`` is contained in this one."""
        return Q(pk__in=[]) if self.rank is None else Q(**{f"{path}__rank__lt": self.rank})

    @property
    def subject(self) -> str:
        """What duties to obtain, renew or regain it are about."""
        return f"level:{self.code}"

    @property
    def names(self) -> dict[str, str]:
        return {"zh-hans": self.name, "en": self.name_en or self.name}
