"""Django's own, at five sixths of its cost, and for no database that stands between two versions: every start, restore
and test migrates by it."""

from typing import Any

from django.core.management.commands import migrate
from django.db import connections

from academy.operations.migrating import demand_whole, quickly


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        demand_whole(connections[options["database"]])
        with quickly():
            super().handle(*args, **options)
