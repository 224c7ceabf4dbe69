"""What the clock remembers between two ticks."""

from django.db import models


class ClockState(models.Model):
    """One row a pass of ``tick``: who holds the lease, and when it last ran."""

    name = models.CharField(max_length=60, unique=True)
    leased_until = models.DateTimeField(null=True)
    last_run_at = models.DateTimeField(null=True)
    last_day = models.DateField(null=True)
    # How far a pass over many has come, in its own words; empty when it begins anew.
    cursor = models.CharField(max_length=60, blank=True)

    def __str__(self) -> str:
        return self.name
