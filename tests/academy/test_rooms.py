"""The house shows its rooms: no top of a floor is crowded, and what is asked for by name is there."""

import re
from pathlib import Path

import pytest
from django.utils.module_loading import import_string

from tests.architecture import FLOORS, PAGE, ROOT

MOST = 20
# What Django, Wagtail or a setting of theirs finds by its name.
FOUND_BY_NAME = {
    "__init__.py",
    "admin_apps.py",
    "apps.py",
    "context_processors.py",
    "fixtures",
    "formats",
    "forms.py",
    "locale",
    "management",
    "middleware.py",
    "migrations",
    "models",
    "settings.py",
    "signals.py",
    "receivers.py",
    "static",
    "tasks.py",
    "templates",
    "templatetags",
    "urls.py",
    "views",
    "views.py",
    "wagtail_hooks.py",
    "wagtail_locale",
    "wsgi.py",
}


def own_entries(floor: str) -> list[str]:
    entries = (path.name for path in (ROOT / floor).iterdir() if not path.name.startswith((".", "__pycache__")))
    return sorted(set(entries) - FOUND_BY_NAME)


@pytest.mark.parametrize("floor", FLOORS)
def test_no_top_of_a_floor_holds_more_than_twenty_entries_of_its_own(floor):
    assert len(own_entries(floor)) <= MOST, own_entries(floor)


@pytest.mark.parametrize("floor", FLOORS)
def test_every_room_stands_on_the_page_that_explains_the_house(floor):
    page = PAGE.read_text(encoding="utf-8")
    rooms = page.split(f"### {floor}\n")[1].split("\n#")[0]
    missing = [name for name in own_entries(floor) if not re.search(rf"`{re.escape(name)}/?`", rooms)]
    assert missing == []


def asked_by_name() -> list[tuple[Path, str]]:
    return [
        (path, name)
        for floor in FLOORS
        for path in sorted((ROOT / floor).rglob("*.py"))
        for name in re.findall(r'by_name\(\s*"([^"]+)"', path.read_text(encoding="utf-8"))
    ]


def test_what_is_asked_for_by_name_is_there():
    found = asked_by_name()
    assert len(found) > 10
    for _path, name in found:
        import_string(name)
