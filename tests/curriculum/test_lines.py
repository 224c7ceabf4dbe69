"""A figure that differs by line is the reader's own, so what is said beside it has to be true for every line."""

import re

import pytest
import yaml

from courses.starter.loading import FOLDER

RULES = yaml.safe_load((FOLDER / "house_rules.yaml").read_text(encoding="utf-8"))
BY_LINE = {rule["code"] for rule in RULES if any("line" in scope for scope in rule.get("scopes", ()))}
# A bracket that names a line, and what makes it true whoever reads it: it speaks of both sides.
BRACKET = re.compile(r"[（(][^（()）]*(?:公司条线|小微|corporate|small business)[^（()）]*[)）]")
BOTH = re.compile(r"不同|都写在|different|differs|shows both")
FILES = [path for path in sorted(FOLDER.rglob("*.md")) if any(f"rule:{code}" in path.read_text() for code in BY_LINE)]


@pytest.mark.parametrize("path", FILES, ids=lambda path: "/".join(path.parts[-3:]))
def test_what_is_said_of_other_lines_is_true_for_every_reader(path):
    lines = [line for line in path.read_text().splitlines() if any(f"rule:{code}" in line for code in BY_LINE)]

    assert lines
    assert [bracket for line in lines for bracket in BRACKET.findall(line) if not BOTH.search(bracket)] == []
