"""What was being written when a process was killed or the disk ran full is cleared away."""

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


def sweep(now: datetime, today: date) -> int:
    """Removes parts and folders of a day ago and older. Returns how many."""
    private, var = Path(settings.PRIVATE_ROOT), Path(settings.VAR_DIR)
    found = [*private.rglob(f"*{PART}"), *(one for name in FOLDERS for one in var.glob(name))]
    old = [path for path in found if _is_older(path, now - OLD)]
    cleared = 0
    for path in old:
        logger.warning("%s was left behind and is cleared away", path)
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
