"""Files that nobody opens by their name."""

from collections.abc import Sequence
from typing import Any

from django.core.files.storage import Storage, storages
from django.db import models


def private_storage() -> Storage:
    """Where a recording lies: outside of what a web server hands out by its name."""
    return storages["private"]


class PrivateFileField(models.FileField):
    """A file in the private storage. A migration knows it as a plain file: where it lies is no matter of the schema."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("storage", private_storage)
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.FileField", args, {key: kwargs[key] for key in kwargs if key != "storage"}
