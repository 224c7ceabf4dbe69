"""How many notices the writing of a checked file will send: some of its rows are written and rolled back."""

from datetime import datetime
from pathlib import Path

from django.db import IntegrityError

from academy.duties.ahead import AT_MOST, NoticesAhead, notices_ahead
from academy.duties.assignments.evaluating import follow_people
from academy.errors.refusals import RuleViolation
from academy.importing.checking import changed_rows, read_spool
from academy.importing.kinds.base import FileKind, Item


def notices_of_file(kind: FileKind, spool: Path, *, now: datetime) -> NoticesAhead | None:
    """None where it cannot be told row by row. ``kind`` is one of its own, with ``now`` as its moment."""
    changed = changed_rows(spool)
    if kind.whole or not changed.exists():
        return None
    total = sum(1 for _item in read_spool(changed))
    step = max(1, -(-total // AT_MOST))
    some = [item for at, item in enumerate(read_spool(changed)) if at % step == 0]

    def write(keys: list[int]) -> list[int]:
        items: list[Item] = [some[at] for at in keys]
        for item in items:
            kind.remember(item)
        kind.prepare_write()
        for at in range(kind.steps):
            kind.write(at, items)
        people = kind.people_of(items)
        if kind.moves_people:
            follow_people(people=people, now=now)
        return people

    try:
        found = notices_ahead(keys=range(len(some)), step=write, now=now)
    except (RuleViolation, IntegrityError):
        return None
    if len(some) == total:
        return found
    return NoticesAhead(round(found.count * total / len(some)), exact=False)
