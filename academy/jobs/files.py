"""Files of long work whose term is over go, and what dead workers left half written."""

from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from academy.calendar.turns import register_turns
from academy.jobs.made_files import file_path, let_file_go
from academy.models import Job

FORGETTING = register_turns("forget files of long work", label=_("Files of background work"), model=Job, tries=3)


def forget_files(*, now: datetime) -> int:
    """The daily pass: files whose term is over, and what dead workers left half written. Returns how many."""

    def let_go(job: Job) -> bool:
        let_file_go(job)
        return True

    over = Job.objects.exclude(file="").filter(kept_until__lte=now)
    gone = FORGETTING.one_by_one(over, let_go, now=now, most=None)
    left = [
        part
        for part in file_path("jobs").glob("*.part")
        if datetime.fromtimestamp(part.stat().st_mtime, tz=now.tzinfo) < now - timedelta(days=1)
    ]
    for part in left:
        part.unlink(missing_ok=True)
    return gone + len(left)
