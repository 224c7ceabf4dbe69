"""Answers about house rules that changed since a person learnt them."""

from django.conf import settings
from django.db import models

from academy.models import HouseRuleChange


class ChangeCheck(models.Model):
    """What one person answered about one change; it counts for nothing. A settled one is asked no more."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="change_checks")
    change = models.ForeignKey(HouseRuleChange, on_delete=models.CASCADE, related_name="+")
    # A figure as it was typed in, or the place of what was chosen.
    answer = models.CharField(max_length=40)
    right = models.BooleanField(default=False)
    explained = models.PositiveSmallIntegerField(default=0)
    answered_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["person", "-answered_at"]
        constraints = [models.UniqueConstraint(fields=["person", "change"], name="one_check_a_person_and_change")]

    def __str__(self) -> str:
        return f"{self.person_id} {self.change_id}"
