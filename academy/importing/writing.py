"""The one confirmed write: leased, so that no two imports are ever interleaved, in batches that a killed task resumes."""

from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.db import reset_queries, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from academy.calendar.clock import end_lease, extend_lease, take_lease
from academy.duties.tasks import follow_moves_task
from academy.errors.refusals import RuleViolation
from academy.importing.checking import changed_rows, chunks, read_spool
from academy.importing.kinds.base import FILE_KINDS, FileKind
from academy.journal import record, register_action
from academy.journal.saying import register_choices
from academy.models import User

register_choices("academy.importrun", "kind", lambda code: FILE_KINDS[code].label if code in FILE_KINDS else None)
IMPORT = register_action("academy.import", _("List of the bank imported"))
LEASE_NAME = "import of the bank's lists"


class ImportBusy(RuleViolation):
    """Another import holds the lease."""


@contextmanager
def import_lease():
    """Held while one import writes. Raises ``ImportBusy`` for the second."""
    if not take_lease(LEASE_NAME, now=timezone.now()):
        raise ImportBusy(_("Another import is being written just now. Try again when it is done."))
    try:
        yield
    finally:
        end_lease(LEASE_NAME, now=timezone.now())


def write_rows(
    kind: FileKind,
    spool: Path,
    *,
    step: int = 0,
    done: int = 0,
    progress: Callable[[int, int], None] = lambda step, done: None,
) -> None:
    """Writes what changes from ``step`` and ``done`` on; ``progress`` is called inside each batch's transaction.

    The caller holds the lease. Rows that stand already are left alone, so a batch written twice does nothing.
    """
    for item in read_spool(spool):
        kind.remember(item)
    with transaction.atomic():
        kind.prepare_write()
    if not kind.whole:
        for at in range(step, kind.steps):
            written = 0
            for items in chunks(read_spool(changed_rows(spool))):
                written += len(items)
                if at == step and written <= done:
                    continue
                with transaction.atomic():
                    kind.write(at, items)
                    progress(at, written)
                extend_lease(LEASE_NAME, now=timezone.now())
                reset_queries()
    kind.write_rest()


@transaction.atomic
def record_import(*, kind: FileKind, about: Any, facts: dict[str, Any], actor: User | None) -> None:
    """Who imported which file with what result; each person's own changes are entries of their own."""
    record(IMPORT, now=kind.context.now, actor=actor, about=about, after={"kind": kind.code, **facts})
    if kind.moves_people:
        # Assignments follow the moves at once, not only at night.
        transaction.on_commit(follow_moves_task.enqueue)
