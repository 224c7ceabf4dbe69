"""The file that a job made: where it lies, whether it is there, and how it goes."""

from pathlib import Path

from django.conf import settings
from django.db import transaction

from academy.models import Job


def file_path(name: str) -> Path:
    return Path(settings.PRIVATE_ROOT) / name


def file_of(job: Job) -> Path | None:
    """The finished file, while it is kept and there."""
    if job.state != Job.State.DONE or not job.file:
        return None
    path = file_path(job.file)
    return path if path.exists() else None


def let_file_go(job: Job | None) -> None:
    """The file goes, the line that it was made stays; what was never begun has none. Idempotent."""
    if job is not None and job.file:
        path = file_path(job.file)
        Job.objects.filter(pk=job.pk).update(file="")
        job.file = ""
        transaction.on_commit(lambda: path.unlink(missing_ok=True))
