"""What changes whenever a fact changes: the rows behind every version."""

from django.db import models


class FactsVersion(models.Model):
    """One change of the facts of a person, of what concerns everybody (subject 0) or of the bank's figures (subject -1).

    Triggers append these rows (``academy.requests.kept.triggers``); the version of a subject is the sum of its stamps. They
    are appended and no counter is raised, so that two who write about the same person never wait for each other, and a
    stamp is random, so that no version comes again, not even after a rollback.
    """

    subject = models.BigIntegerField()
    stamp = models.BigIntegerField()

    class Meta:
        indexes = [models.Index(fields=["subject"], name="facts_version_of_subject")]

    def __str__(self) -> str:
        return f"{self.subject} {self.stamp}"
