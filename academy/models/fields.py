"""Fields that check what is typed by a rule of ours, and stand in a migration as Django's own.

A migration must never import live code: the rule changes or moves, and the migration stays. Neither validator nor
default says anything about the column, so both are left out of it.
"""

from collections.abc import Sequence
from typing import Any

from django.db import models


class PlainInMigrations(models.Field):
    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        name, _path, args, kwargs = super().deconstruct()
        kwargs.pop("validators", None)
        if callable(kwargs.get("default")):
            del kwargs["default"]
        base = next(kind for kind in type(self).__mro__ if kind.__module__.startswith("django.db.models."))
        return name, f"django.db.models.{base.__name__}", args, kwargs


class CheckedCharField(PlainInMigrations, models.CharField):
    pass


class CheckedTextField(PlainInMigrations, models.TextField):
    pass


class ComputedJSONField(PlainInMigrations, models.JSONField):
    """Its default is a function."""
