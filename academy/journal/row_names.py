"""How a row is called where nobody registered a name for its kind: by its own name, else by what it points to and its day."""

from datetime import date
from typing import Any

from django.db.models import DateField, DateTimeField, ForeignKey, Model
from django.utils.formats import date_format

OWN = ("local_name", "local_title", "name", "title")
# So much of what a row points to or chose says which one it is.
PARTS = 2
# What becomes of a row later is no part of its name: an entry reads tomorrow as it was printed today.
BECOMES = {
    "completed_on",
    "ended_because",
    "ending",
    "observed_on",
    "outcome",
    "problem",
    "result",
    "signed_in_how",
    "standing",
    "state",
}


def pointed_to(model: type[Model]) -> list[str]:
    """What is read along with rows of a kind, so that their names ask no more: what they point to, but no people."""
    fields = [field for field in model._meta.concrete_fields if isinstance(field, ForeignKey)]
    return [field.name for field in fields if field.related_model._meta.label_lower != "academy.user"]


def name_of_row(row: Any) -> str:
    """'' where nothing of it says more than its number. No query after ``pointed_to``."""
    return own_name(row) or " · ".join(_parts(row))


def own_name(row: Any) -> str:
    found = (getattr(row, name, "") for name in OWN)
    if callable(getattr(row, "words", None)) and hasattr(row, "name"):
        return str(row.words("name"))
    return next((str(value) for value in found if value and not callable(value)), "")


def _parts(row: Any) -> list[str]:
    parts: list[str] = []
    days: list[str] = []
    others = set(pointed_to(type(row)))
    for field in row._meta.concrete_fields:
        if field.name in BECOMES:
            continue
        value = getattr(row, field.name if field.name in others else field.attname)
        if field.name in others:
            parts += [named] if value is not None and (named := own_name(value)) else []
        elif field.choices and value:
            parts.append(str(dict(field.flatchoices).get(value, value)))
        elif isinstance(field, DateField) and not isinstance(field, DateTimeField) and isinstance(value, date):
            days.append(date_format(value, "SHORT_DATE_FORMAT"))
    return [*parts[:PARTS], *days[:1]]
