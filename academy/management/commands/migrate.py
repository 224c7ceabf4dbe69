"""Django's own, at five sixths of its cost, and for no database that stands between two versions: every start, restore
and test migrates by it."""

from typing import Any

from django.core.management.commands import migrate
from django.db import connections

from academy.operations.migrating import WithoutWords, quickly, takes_over


class Command(migrate.Command):
    autodetector = WithoutWords

    def handle(self, *args: Any, **options: Any) -> None:
        takes_over(connections[options["database"]])
        with quickly():
            super().handle(*args, **options)
