"""What stopped waits for nobody any more: said by who asked for it, or by the administrators of the bank."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from academy.errors.refusals import RuleViolation
from academy.models import Job


def put_away(*, job: Job, now: datetime) -> None:
    """Raises ``RuleViolation``."""
    if not Job.objects.filter(pk=job.pk, state=Job.State.FAILED).update(put_away_at=now):
        raise RuleViolation(_("This has not stopped."))
