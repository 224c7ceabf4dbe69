"""Migrations say what the database is, and stand on their own: no line of theirs runs code that will change."""

import ast
from pathlib import Path

import pytest

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
