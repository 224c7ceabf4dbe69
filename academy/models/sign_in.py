"""Wrong passwords, kept for a while so that guessing is slow."""

from django.conf import settings
from django.db import models


class FailedSignIn(models.Model):
    """One wrong password. A row is made before the password is checked and taken away when it was right, so that many
    tries at once are counted too."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="failed_sign_ins"
    )
    # Of a name that is nobody's: an HMAC, since people type passwords into the wrong field.
    login_digest = models.CharField(max_length=64, blank=True)
    address = models.CharField(max_length=45, blank=True)
    # The device, where this person had signed in on it before.
    device = models.CharField(max_length=32, blank=True)
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["person", "at"], name="failed_sign_in_person"),
            models.Index(fields=["login_digest", "at"], name="failed_sign_in_login"),
            models.Index(fields=["at"], name="failed_sign_in_at"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id or self.login_digest[:8]} {self.at:%Y-%m-%d %H:%M}"
