"""How the academy is as something that runs: database, worker, clock, queue and disk, for ``/readyz`` and the admin."""

import os
import shutil
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Max
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from academy.models import ProcessBeat
from academy.operations.beats import BEAT_KINDS, CLOCK, SILENT, WORKER
from academy.requests.kept.triggers import missing_triggers

# Work that waits longer than this is no queue any more but a fault.
WAITS_TOO_LONG = timedelta(minutes=30)
# A pass of the clock that takes so long holds up the closing of exams.
BUSY_TOO_LONG = timedelta(minutes=10)
# Less than this, or than this share of the disk, and nothing new can be kept for long.
ROOM = 512 * 2**20
SHARE = 0.03


@dataclass(frozen=True)
class Health:
    """Ages in seconds, None where there is nothing. ``stale`` names what needs somebody, '' sentences nowhere."""

    database: str = "ok"
    pending_migrations: int = 0
    beats: dict[str, int | None] = field(default_factory=dict)
    clock_busy_for: int | None = None
    waiting: int = 0
    oldest_waiting: int | None = None
    full_disks: list[str] = field(default_factory=list)
    stale: list[str] = field(default_factory=list)

    @property
    def ready(self) -> bool:
        return self.database == "ok" and not self.pending_migrations and not self.stale

    def as_json(self) -> dict[str, Any]:
        return {
            "ready": self.ready,
            "stale": self.stale,
            "database": self.database,
            "pending_migrations": self.pending_migrations,
            "worker_last_beat_seconds": self.beats.get(WORKER),
            "clock_last_beat_seconds": self.beats.get(CLOCK),
            "clock_busy_seconds": self.clock_busy_for,
            "waiting_tasks": self.waiting,
            "oldest_waiting_seconds": self.oldest_waiting,
            "full_disks": self.full_disks,
        }


def examine(*, now: datetime) -> Health:
    """Asks everything once; an unreachable database is an answer, not a fault."""
    try:
        return _examine(now)
    except Error:
        connection.close()
        return Health(database="unreachable", stale=["database"], full_disks=full_disks())


def _examine(now: datetime) -> Health:
    pending = pending_migrations()
    if pending:
        return Health(pending_migrations=pending, stale=["migrations"], full_disks=full_disks())
    last = dict(ProcessBeat.objects.values_list("kind").annotate(Max("beaten_at")))
    beats = {kind: _age(last.get(kind), now) for kind in BEAT_KINDS}
    busy = ProcessBeat.objects.filter(kind=CLOCK, beaten_at__gt=now - SILENT).exclude(busy_since=None)
    clock_busy = _age(busy.values_list("busy_since", flat=True).order_by("busy_since").first(), now)
    ready = DBTaskResult.objects.ready()
    # What was put in for later waits from then on.
    since = [
        max(task.enqueued_at, task.run_after) if task.run_after.year < 9999 else task.enqueued_at
        for task in ready.order_by("enqueued_at").only("enqueued_at", "run_after")[:1]
    ]
    waiting = _age(since[0], now) if since else None
    full = full_disks()
    stale = [kind for kind in BEAT_KINDS if _is_silent(beats[kind], ever=bool(last))]
    if clock_busy is not None and clock_busy > BUSY_TOO_LONG.total_seconds():
        stale.append(CLOCK)
    if waiting is not None and waiting > WAITS_TOO_LONG.total_seconds():
        stale.append("queue")
    if full:
        stale.append("disk")
    if missing_triggers():
        # Migrating lays them; without one a page may show what is no longer so.
        stale.append("migrations")
    return Health("ok", 0, beats, clock_busy, ready.count(), waiting, full, list(dict.fromkeys(stale)))


def pending_migrations() -> int:
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def full_disks(*, room: int = ROOM, share: float = SHARE) -> list[str]:
    """The settings whose folder lies on a disk with hardly any room left: fewer bytes, and a smaller share, than these."""
    folders = {"VAR_DIR": settings.VAR_DIR, "MEDIA_ROOT": settings.MEDIA_ROOT, "PRIVATE_ROOT": settings.PRIVATE_ROOT}
    return [name for name, folder in folders.items() if _is_full(Path(folder), room, share)]


def _is_full(folder: Path, room: int, share: float) -> bool:
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    usage = shutil.disk_usage(folder)
    return usage.free < min(room, usage.total * share) or not os.access(folder, os.W_OK)


def _is_silent(age: int | None, *, ever: bool) -> bool:
    """A developer who runs the web alone has no worker and no clock, and needs none."""
    if age is None:
        return ever or not settings.DEBUG
    return age > SILENT.total_seconds()


def _age(moment: datetime | None, now: datetime) -> int | None:
    return None if moment is None else max(0, round((now - moment).total_seconds()))


def health_now() -> Health:
    return examine(now=timezone.now())
