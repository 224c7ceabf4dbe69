"""What was being written when a process was killed or the disk ran full is cleared away, and printed pages that nobody
asks for any more."""

import logging
import shutil
from datetime import date, datetime, timedelta
from pathlib import Path

from django.conf import settings

logger = logging.getLogger(__name__)

# Whatever is written in pieces has this ending until it is whole.
PART = ".part"
FOLDERS = (".backup-*", ".restoring-*")
# Nothing here takes so long to be written.
OLD = timedelta(days=1)
# Pages that are laid out again where they are asked for; a changed text or figure leaves the page of before behind.
PRINTED = "printed"
# Where they lay before.
FORMER = "job_aids"
UNASKED = timedelta(days=30)


def sweep(now: datetime, today: date) -> int:
    """Removes parts and folders of a day ago and older, and printed pages of 30 days without a reader. Returns how many."""
    private, var = Path(settings.PRIVATE_ROOT), Path(settings.VAR_DIR)
    found = [*private.rglob(f"*{PART}"), *(path for name in FOLDERS for path in var.glob(name))]
    printed = [path for name in (PRINTED, FORMER) for path in (private / name).glob("*.pdf")]
    unasked = [path for path in printed if _is_older(path, now - UNASKED)]
    left = [path for path in found if _is_older(path, now - OLD)]
    for path in left:
        logger.warning("%s was left behind and is cleared away", path)
    cleared = 0
    for path in [*left, *unasked]:
        try:
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)
        except OSError:
            logger.exception("%s cannot be cleared away", path)
        else:
            cleared += 1
    return cleared


def _is_older(path: Path, moment: datetime) -> bool:
    try:
        return path.stat().st_mtime < moment.timestamp()
    except FileNotFoundError:
        return False
