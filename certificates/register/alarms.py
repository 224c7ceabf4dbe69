"""Of the rows of a register, those that were changed in the database are told."""

from collections.abc import Iterable
from datetime import datetime

from certificates.document.alarms import raise_alarm_of_row
from certificates.register.rows import RegisterRow
from certificates.register.shown import ShownRow


def raise_alarms_of_rows(rows: Iterable[RegisterRow | ShownRow], *, now: datetime) -> None:
    """For those of a register, wherever it is read."""
    for row in rows:
        if row.altered:
            raise_alarm_of_row(certificate=row.certificate, now=now)
