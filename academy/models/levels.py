"""The rungs of the ladder."""

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


class Line(models.TextChoices):
    """条线: the business a position belongs to."""

    CORPORATE = "corporate", _("Corporate")
    RETAIL = "retail", _("Retail")
    SMALL_BUSINESS = "small_business", _("Small business")
    OPERATIONS = "operations", _("Operations")


class CareerLevel(models.Model):
    """客户经理等级. A higher rank contains the lower ones."""

    code = models.CharField(
        _("code"), max_length=12, unique=True, help_text=_("Short, as it stands in serial numbers: CM1.")
    )
    rank = models.PositiveSmallIntegerField(
        _("rank"), unique=True, help_text=_("1 is the lowest; a higher rank contains the lower ones.")
    )
    name = models.CharField(_("name (Chinese)"), max_length=60)
    name_en = models.CharField(_("name (English)"), max_length=60, blank=True)
    line = models.CharField(
        _("line"), max_length=20, choices=Line.choices, blank=True, help_text=_("Empty: for every line.")
    )

    class Meta:
        verbose_name = _("career level")
        verbose_name_plural = _("career levels")
        ordering = ["rank"]

    def __str__(self) -> str:
        return f"{self.local_name} ({self.code})" if get_language() == "en" else f"{self.name}（{self.code}）"

    @property
    def local_name(self) -> str:
        """The name in the language of the page."""
        return (self.name_en or self.name) if get_language() == "en" else self.name

    @property
    def subject(self) -> str:
        """What duties to obtain, renew or regain it are about."""
        return f"level:{self.code}"

    @property
    def names(self) -> dict[str, str]:
        return {"zh-hans": self.name, "en": self.name_en or self.name}
