"""The type checker looks at everything; what is hushed is named and has its reason."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
FLOORS = ("academy", "quizzes", "courses", "certificates")
HUSHED = re.compile(r"#\s*type:\s*ignore(\[[a-z-]+\])?\s*$")


def test_no_kind_of_fault_is_left_out():
    checked = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["mypy"]

    assert "disable_error_code" not in checked
    assert checked["check_untyped_defs"] is True
    assert checked["warn_unused_ignores"] is True
    assert [part["module"] for part in checked["overrides"]] == [["*.migrations.*"]]


def test_what_is_hushed_is_named_and_says_why():
    unnamed = []
    for path in (path for floor in FLOORS for path in sorted((ROOT / floor).rglob("*.py"))):
        lines = path.read_text().splitlines()
        for number, line in enumerate(lines):
            match = HUSHED.search(line)
            if match and (match[1] is None or not lines[number - 1].strip().startswith("#")):
                unnamed.append(f"{path.relative_to(ROOT)}:{number + 1}")

    assert unnamed == []
