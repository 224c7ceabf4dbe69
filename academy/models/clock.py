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


class ProcessBeat(models.Model):
    """One row a living process of the worker or the clock; it goes when the process ends in good order."""

    kind = models.CharField(max_length=20)
    name = models.CharField(max_length=64, unique=True)
    started_at = models.DateTimeField()
    beaten_at = models.DateTimeField()
    # What the process has in hand and since when; the beat goes on beside it.
    busy_with = models.CharField(max_length=200, blank=True)
    busy_since = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name
