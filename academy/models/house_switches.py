"""What head office switches on or off for the whole bank."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class HouseSwitch(models.Model):
    """One word of head office. Without a row the thing is on."""

    KEEP_ON_DEVICES = "keep-on-devices"

    code = models.CharField(_("code"), max_length=40, unique=True)
    on = models.BooleanField(_("on"))

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return f"{self.code} {self.on}"

    @classmethod
    def is_on(cls, code: str) -> bool:
        return not cls.objects.filter(code=code, on=False).exists()
