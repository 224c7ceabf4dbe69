"""Migrations say what the database is, and stand on their own: no line of theirs runs code that will change."""

import ast
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import models
from django.db.migrations.graph import MigrationGraph
from django.db.migrations.state import ModelState, ProjectState

from academy.operations.migrating import WithoutWords
from tests.architecture import FLOORS, ROOT

MIGRATIONS = sorted(path for floor in FLOORS for path in (ROOT / floor / "migrations").glob("[0_]*.py"))


def imported(path: Path) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    return names | {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}


@pytest.mark.parametrize("path", MIGRATIONS, ids=lambda path: f"{path.parent.parent.name}-{path.stem}")
def test_no_migration_imports_live_code(path):
    live = {name for name in imported(path) if name.split(".")[0] in FLOORS and ".migrations." not in name}
    assert live == set()


@pytest.mark.django_db
def test_the_tables_are_those_that_the_migrations_make(capsys):
    """Else every ``migrate`` of an operator says that something is missing."""
    call_command("makemigrations", check_changes=True, dry_run=True)
    assert "No changes detected" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("field", "options", "steps"),
    [
        (models.CharField("Name in full", max_length=20, help_text="As in the pass."), {"verbose_name": "person"}, []),
        (models.CharField("Name", max_length=30), {}, ["AlterField"]),
        (models.CharField("Name", max_length=20), {"ordering": ["name"]}, ["AlterModelOptions"]),
    ],
    ids=["words", "length", "order"],
)
def test_words_said_better_are_no_step_of_a_database(field, options, steps):
    before = _state(models.CharField("Name", max_length=20), {})
    graph = MigrationGraph()
    graph.add_node(("quizzes", "0001_before"), None)
    changes = WithoutWords(before, _state(field, options)).changes(graph)
    migrations = [migration for of_app in changes.values() for migration in of_app]
    assert [type(step).__name__ for migration in migrations for step in migration.operations] == steps


def _state(field, options):
    state = ProjectState()
    state.add_model(
        ModelState("quizzes", "Named", [("id", models.AutoField(primary_key=True)), ("name", field)], options)
    )
    return state
