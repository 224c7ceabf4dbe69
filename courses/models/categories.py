"""The categories that training hours are counted by."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class HourCategory(models.TextChoices):
    """What training hours are about."""

    PROFESSION = "profession", _("Business knowledge")
    COMPLIANCE = "compliance", _("Compliance and risk")
    SKILLS = "skills", _("Service and selling skills")
    MANAGEMENT = "management", _("Management")
    GENERAL = "general", _("General")
