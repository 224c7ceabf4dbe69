"""docs/architecture.md says which doors there are, and the rooms it names are there."""

import ast
import re
from pathlib import Path

from tests.architecture import BEGIN, END, LISTS, PAGE, WORDS, doors, modules, page_with, table

ROOT = Path(__file__).resolve().parent.parent.parent


def test_the_map_of_doors_is_that_of_the_source():
    text = PAGE.read_text(encoding="utf-8")

    assert BEGIN in text and END in text
    assert page_with(text, table()) == text, "python -m tests.architecture writes the map anew"


def test_every_function_that_registers_something_is_a_door():
    registering = {
        node.name
        for name, tree in modules()
        if not name.endswith("wagtail_hooks")
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("register_")
    }

    assert registering - LISTS.keys() == WORDS


def test_every_door_that_is_asked_is_answered_from_another_module():
    alone = {door for door, sides in doors().items() if sides["asks"] and sides["answers"] == sides["asks"]}

    assert alone == set()


def test_the_rooms_that_the_page_names_exist_and_the_others_are_named():
    text = PAGE.read_text(encoding="utf-8")
    for floor in ("academy", "quizzes", "courses", "certificates"):
        section = re.search(rf"^### {floor}\n(.*?)(?=^#)", text, re.MULTILINE | re.DOTALL)[1]
        named = {
            name
            for row in re.findall(r"^\| (`[^|]+) \|", section, re.MULTILINE)
            for name in re.findall(r"`([\w.]+/?)`", row)
        }

        assert {name for name in named if not (ROOT / floor / name).exists()} == set()


def test_every_file_that_a_page_of_the_documentation_names_is_there():
    """By its path from the root or from a floor, or by the end of it; in commands too, as the container file has them."""
    pages = [
        ROOT / "README.md",
        ROOT / "CONTRIBUTING.md",
        *(ROOT / "docs").glob("*.md"),
        *(ROOT / "docs/deploy").iterdir(),
    ]
    folders = ("academy", "quizzes", "courses", "certificates", "docs", "tests")
    files = {str(path.relative_to(ROOT)) for folder in folders for path in (ROOT / folder).rglob("*") if path.is_file()}
    files |= {path.name for path in ROOT.iterdir() if path.is_file()}
    missing = set()
    for page in pages:
        text = page.read_text(encoding="utf-8")
        named = set(re.findall(r"`([\w./]+\.(?:py|html|css|js|toml|md|yaml|txt))`", text))
        named |= set(re.findall(r"--env-file (\S+)", text)) | set(re.findall(r"podman build .* -f (\S+)", text))
        missing |= {
            (page.name, name) for name in named if not any(file == name or file.endswith(f"/{name}") for file in files)
        }

    assert missing == set()
