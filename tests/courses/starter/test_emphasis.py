"""What is drawn as plain text holds no marks of another format: a reader would see the asterisks."""

from pathlib import Path

import pytest

CURRICULUM = Path("courses/curriculum")
FILES = sorted(CURRICULUM.glob("exams/*/*.gift"))


@pytest.mark.parametrize("path", FILES, ids=str)
def test_emphasis_of_a_question_is_written_in_a_format_that_is_drawn(path):
    questions = path.read_text(encoding="utf-8").split("\n\n")

    assert FILES and [text for text in questions if "**" in text and "[markdown]" not in text] == []
