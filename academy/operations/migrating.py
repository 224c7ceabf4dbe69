"""Migrating: cheap for a database that is empty, and refused for one that stands between two versions.

The floors' migrations were several once and are one now, which says in ``replaces`` what it stands for. A database in
which all of these have run is taken over as it is; in one with some of them nobody knows which tables are there.
"""

import contextlib
import functools
import gc
from collections.abc import Iterator, Set
from typing import Any

from django.apps import apps
from django.core.management.base import CommandError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.db.migrations.state import ProjectState
from django.db.models import Field

from academy.operations.prepared import FLOORS

Name = tuple[str, str]

WORDS = {"verbose_name", "verbose_name_plural", "help_text", "choices"}


class WithoutWords(MigrationAutodetector):
    """What changed in the tables. A label or a help text said better is no step of a database."""

    def __init__(self, from_state: ProjectState, to_state: ProjectState, *others: Any, **named: Any) -> None:
        super().__init__(_wordless(from_state), _wordless(to_state), *others, **named)

    def deep_deconstruct(self, obj: Any) -> Any:
        deconstructed = super().deep_deconstruct(obj)
        if isinstance(obj, Field):
            path, arguments, named = deconstructed
            return path, arguments, {name: value for name, value in named.items() if name not in WORDS}
        return deconstructed


def _wordless(state: ProjectState) -> ProjectState:
    state = state.clone()
    for model in state.models.values():
        model.options = {name: value for name, value in model.options.items() if name not in WORDS}
    return state


def takes_over(database: BaseDatabaseWrapper) -> bool:
    """Whether ``migrate`` will put down names for others; raises a sentence where it cannot, before anything is changed.

    Columns are looked at this once: names in a table of Django's prove none.
    """
    applied = set(MigrationRecorder(database).applied_migrations())
    replaced = _replaced()
    known = {old for names in replaced.values() for old in names}
    if not known & applied or replaced.keys() <= applied:
        return False
    missing = sorted(f"{floor}.{name}" for floor, name in known - applied)
    if not missing:
        missing = sorted(_columns_of(replaced.keys(), applied) - _columns_in(database))
    if missing:
        some = ", ".join(missing[:3]) + (f" and {len(missing) - 3} more" if len(missing) > 3 else "")
        raise CommandError(
            f"This database stands between two versions of the academy. Missing: {some}. Nothing was changed. "
            "Migrate it to its end with the last version that has these steps one by one, then with this one. "
            "A demo is made anew where its database is moved away."
        )
    return True


def taken_over(applied: set[str]) -> set[str]:
    """The names of applied migrations, together with those that take their place."""
    replaced = {".".join(new): {".".join(old) for old in names} for new, names in _replaced().items()}
    return applied | {new for new, names in replaced.items() if names <= applied}


def _replaced() -> dict[Name, set[Name]]:
    """By the name of each migration of a floor: those that it takes the place of. Libraries look after their own."""
    loader = MigrationLoader(None, load=False)
    loader.load_disk()
    known: dict[Name, set[Name]] = {}
    for (app, name), migration in loader.disk_migrations.items():
        if migration.replaces and app in FLOORS:
            known[app, name] = set(migration.replaces)
    return known


def _columns_of(names: Set[Name], applied: Set[Name]) -> set[str]:
    """What these migrations make on their floors, changed by what else has run since, each as ``table.column``."""
    loader = MigrationLoader(None)
    state = loader.project_state([*names, *(applied & loader.graph.nodes.keys())])
    floors = {app for app, _name in names}
    return {
        f"{model._meta.db_table}.{field.column}"
        for model in state.apps.get_models(include_auto_created=True)
        if model._meta.app_label in floors
        for field in model._meta.local_concrete_fields
    }


def _columns_in(database: BaseDatabaseWrapper) -> set[str]:
    with database.cursor() as cursor:
        look = database.introspection
        return {
            f"{table}.{column.name}"
            for table in look.table_names(cursor)
            for column in look.get_table_description(cursor, table)
        }


@contextlib.contextmanager
def quickly() -> Iterator[None]:
    """Around ``migrate``, which makes 6,600 classes of models on the way and throws most of them away.

    The collector would look at all of them again and again, and each of their foreign keys asks which model is swapped,
    which Django forgets with every class that is made of another state.
    """
    before = gc.get_threshold()
    gc.set_threshold(400_000, 100, 100)
    # Put on this registry alone, and taken off it again: Django asks it by this name.
    apps.get_swappable_settings_name = functools.cache(apps.get_swappable_settings_name)  # type: ignore[method-assign]
    try:
        yield
    finally:
        del apps.get_swappable_settings_name
        gc.set_threshold(*before)
