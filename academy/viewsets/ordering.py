"""The order of a list where a column may be empty: each database puts such rows at another end, a list always last."""

from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db.models import F, Model
from django.db.models.query import QuerySet


def empty_last[Row: Model](queryset: QuerySet[Row]) -> QuerySet[Row]:
    """The same order, with rows last whose column is empty, whichever way it is sorted."""
    keys = queryset.query.order_by
    return queryset.order_by(*(_explicit(queryset.model, key) for key in keys)) if keys else queryset


def _explicit(model: type[Model], key: Any) -> Any:
    if not isinstance(key, str) or not _may_be_empty(model, key.removeprefix("-")):
        return key
    column = F(key.removeprefix("-"))
    return column.desc(nulls_last=True) if key.startswith("-") else column.asc(nulls_last=True)


def _may_be_empty(model: Any, path: str) -> bool:
    """Whether a column of the rows, or of what they point to on the way, may hold nothing; not of what is annotated."""
    empty = False
    for name in path.split("__"):
        try:
            field = model._meta.get_field(name)
        except (AttributeError, FieldDoesNotExist):
            return False
        empty = empty or bool(getattr(field, "null", False))
        model = getattr(field, "related_model", None)
    return empty
