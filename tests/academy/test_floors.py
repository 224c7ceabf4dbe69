"""The four floors stand: nothing below knows what is above."""

import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
from django.dispatch import Signal

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


def modules_saying(pattern: str) -> set[str]:
    """The modules of all floors in which the pattern stands."""
    said = re.compile(pattern)
    files = [path for floor in FLOORS for path in (ROOT / floor).rglob("*.py")]
    return {str(path.relative_to(ROOT)) for path in files if said.search(path.read_text(encoding="utf-8"))}


def test_hand_made_pages_of_the_admin_stand_on_one_base():
    # The second is Wagtail's own page, which knows its way.
    assert modules_saying(r'"breadcrumbs_items"') == {
        "academy/viewsets/pages.py",
        "quizzes/viewsets/question_creating.py",
    }
    assert modules_saying(r"def get_menu_item\b") == {"academy/viewsets/pages.py"}
    # The others are places of one page, without a viewset.
    assert modules_saying(r"GuardedMenuItem\(") - {"academy/viewsets/menu.py"} == {
        "academy/viewsets/pages.py",
        "quizzes/viewsets/marking.py",
        "quizzes/viewsets/statistics.py",
    }


@pytest.mark.parametrize("floor", FLOORS)
def test_every_signal_is_heard(floor):
    found = ROOT / floor / "signals.py"
    signals = vars(import_module(f"{floor}.signals")) if found.exists() else {}

    assert [name for name, signal in signals.items() if isinstance(signal, Signal) and not signal.has_listeners()] == []


def test_a_name_stands_for_one_thing():
    """Two rooms may each have a board; of three things under one name nobody knows which is meant."""
    places: dict[str, list[str]] = {}
    for floor in FLOORS:
        for path in (ROOT / floor).rglob("*.py"):
            if "migrations" not in path.parts and "commands" not in path.parts:
                for name in re.findall(
                    r"^(?:class (\w+)|(KINDS)\b(?=.*=))", path.read_text(encoding="utf-8"), re.MULTILINE
                ):
                    places.setdefault(name[0] or name[1], []).append(str(path.relative_to(ROOT)))

    assert {name: found for name, found in places.items() if len(found) > 2 and not name.startswith("_")} == {}
    assert "KINDS" not in places
