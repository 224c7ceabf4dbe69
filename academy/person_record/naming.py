"""By what a person is named in texts and facts, and how these places are emptied.

A staff number and an e-mail name one person only and go wherever they stand alone. A name goes from whatever is tied to
the person; from other texts only where nobody else of the bank bears it or a longer name that holds it, since another
张伟's record is not this one's to change.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Model, Q, TextField
from django.db.models.functions import Cast
from django.db.models.query import QuerySet

from academy.models import JournalEntry, User
from academy.staff.people import RENAME

# Stands where a name was.
NOBODY = "***"


@dataclass(frozen=True)
class Marks:
    """What names one person. ``alone``: nobody else of the bank has this name, or a name that holds it."""

    person_id: int
    names: tuple[str, ...]
    numbers: tuple[str, ...]
    alone: bool

    def needles(self, *, tied: bool) -> tuple[str, ...]:
        return (*self.numbers, *self.names) if tied or self.alone else self.numbers

    @cached_property
    def _numbers(self) -> re.Pattern[str]:
        return re.compile("|".join(rf"(?<![\w-]){re.escape(number)}(?![\w-])" for number in self.numbers) or r"(?!)")

    @cached_property
    def _names(self) -> re.Pattern[str]:
        words = (rf"(?<!\w){re.escape(name)}(?!\w)" if name.isascii() else re.escape(name) for name in self.names)
        return re.compile("|".join(words) or r"(?!)")

    def hidden(self, value: Any, *, tied: bool) -> Any:
        """The value without what names the person; texts inside lists and objects too."""
        if isinstance(value, str):
            # A text with the number is about this person, so the name in it is theirs.
            tied = tied or self.alone or bool(self._numbers.search(value))
            value = self._numbers.sub(NOBODY, value)
            return self._names.sub(NOBODY, value) if tied else value
        if isinstance(value, list | tuple):
            return [self.hidden(part, tied=tied) for part in value]
        if isinstance(value, dict):
            return {self.hidden(key, tied=tied): self.hidden(part, tied=tied) for key, part in value.items()}
        return value


def marks_of(person: User) -> Marks:
    """Names and numbers of today and of before."""
    renamed = JournalEntry.objects.filter(person=person, action=RENAME).values_list("payload", flat=True)
    before = [((payload or {}).get("before") or {}).get("name") for payload in renamed]
    names = tuple(dict.fromkeys(name for name in (person.display_name, *before) if name and len(name) > 1))
    numbers = [person.staff_number, *person.former_numbers.values_list("number", flat=True)]
    if person.email:
        numbers.append(person.email)
    shared = Q(pk__in=[])
    for name in names:
        shared |= Q(display_name__icontains=name)
    alone = not User.objects.exclude(pk=person.pk).filter(shared).exists()
    return Marks(person.pk, names, tuple(dict.fromkeys(numbers)), alone)


def rows_naming(queryset: QuerySet, fields: Iterable[str], marks: Marks, *, tied: bool = False) -> QuerySet:
    """Rows in whose fields the person is named, by the database's own search; JSON is searched as it is stored."""
    condition = Q(pk__in=[])
    for field in fields:
        alias = f"text_of_{field}"
        queryset = queryset.alias(**{alias: Cast(field, TextField())})
        for needle in marks.needles(tied=tied):
            # SQLite keeps what is not ASCII in JSON as escapes, PostgreSQL as it is.
            for form in {needle, json.dumps(needle)[1:-1]}:
                condition |= Q(**{f"{alias}__contains": form})
    return queryset.filter(condition)


def hide_in(queryset: QuerySet, fields: Iterable[str], marks: Marks, *, tied: bool = False, write: bool = True) -> int:
    """Empties the places where the fields name the person. Returns how many rows; with ``write`` False it only counts."""
    fields = tuple(fields)
    changed: list[Model] = []
    for row in rows_naming(queryset, fields, marks, tied=tied).only("pk", *fields).iterator(chunk_size=500):
        before = [getattr(row, field) for field in fields]
        after = [marks.hidden(value, tied=tied) for value in before]
        if after != before:
            for field, value in zip(fields, after, strict=True):
                setattr(row, field, _fitting(row, field, value))
            changed.append(row)
    if write and changed:
        queryset.model._default_manager.bulk_update(changed, fields, batch_size=200)
    return len(changed)


def _fitting(row: Model, field: str, value: Any) -> Any:
    limit = getattr(row._meta.get_field(field), "max_length", None)
    return value[:limit] if limit and isinstance(value, str) else value
