"""The four floors stand: nothing below knows what is above."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
FLOORS = ["academy", "quizzes", "courses", "certificates"]


def test_imports_go_down_only():
    tool = Path(sys.executable).parent / "lint-imports"

    result = subprocess.run([tool], cwd=ROOT, capture_output=True, text=True, check=False)

    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize("floor", FLOORS)
def test_no_upward_names_in_templates_and_lookups(floor):
    above = FLOORS[FLOORS.index(floor) + 1 :]
    if not above:
        above = ["nothing-is-above"]
    names = "|".join(above)
    upward = re.compile(
        rf"""{{%\s*url\s+['"]({names}):|reverse(?:_lazy)?\(\s*['"]({names}):|get_model\(\s*['"]({names})\b"""
        rf"""|pattern_name=['"]({names}):|redirect\(\s*['"]({names}):|{{%\s*(?:include|extends)\s+['"]({names})/"""
    )
    files = [*(ROOT / floor).rglob("*.py"), *(ROOT / floor).rglob("*.html")]

    found = [
        f"{path.relative_to(ROOT)}: {match.group(0)}"
        for path in files
        for match in upward.finditer(path.read_text(encoding="utf-8"))
    ]

    assert files
    assert found == []


@pytest.mark.parametrize("floor", FLOORS)
def test_no_grab_bags_and_no_giant_files(floor):
    names = {"utils.py", "helpers.py", "services.py", "misc.py", "common.py"}
    modules = [path for path in (ROOT / floor).rglob("*.py") if "migrations" not in path.parts]

    bags = [str(path) for path in modules if path.name in names]
    giants = [str(path) for path in modules if len(path.read_text(encoding="utf-8").splitlines()) > 400]

    assert bags == []
    assert giants == []
