"""Changes rows as SQL does, behind the rules, for tests of what the journal proves."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, models, transaction
from django.utils import timezone

from academy.journal import prove_journal


class Undo(Exception):
    """The change is taken back."""


def changed_fields_unseen(row: models.Model, *, free: set[str]) -> set[str]:
    """Names of the columns of a row that SQL can change without the proof naming the row; ``free`` are not tried."""
    return {name for name, value in _other_values(row) if name not in free and not _is_named(row, {name: value})}


def _is_named(row: models.Model, change: dict[str, Any]) -> bool:
    named: list[str] = []
    try:
        with transaction.atomic():
            type(row)._base_manager.filter(pk=row.pk).update(**change)
            said = f"{row._meta.label_lower} {row.pk} is not as journal entry"
            named = [finding for finding in prove_journal().findings if said in finding]
            raise Undo
    except IntegrityError:
        # The table itself refuses this one.
        return True
    except Undo:
        return bool(named)


def _other_values(row: models.Model) -> Iterator[tuple[str, Any]]:
    """Every column with a value that it has not, such that no foreign key breaks."""
    for field in row._meta.concrete_fields:
        now = getattr(row, field.attname)
        if field.primary_key:
            continue
        if field.is_relation:
            others = field.related_model._base_manager.exclude(pk=now)
            yield field.attname, others.values_list("pk", flat=True).first()
        elif isinstance(now, datetime) or field.get_internal_type() == "DateTimeField":
            yield field.attname, (now or timezone.now()) - timedelta(days=3)
        elif isinstance(now, date) or field.get_internal_type() == "DateField":
            yield field.attname, (now or timezone.localdate()) + timedelta(days=400)
        elif field.choices:
            yield field.attname, next(code for code, _label in field.flatchoices if code != now)
        elif isinstance(now, int):
            yield field.attname, now + 1
        else:
            yield field.attname, f"{now}1"
