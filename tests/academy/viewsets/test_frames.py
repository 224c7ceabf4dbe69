"""Frames of tables that are pushed sideways: who has no mouse reaches them, too."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
FRAME = re.compile(r'<div\s+class="(?:academy-table|table-wrap)[ "][^>]*>', re.DOTALL)


def test_every_frame_of_a_table_can_be_reached_and_has_a_name():
    frames = [
        (template.name, frame)
        for floor in ("academy", "quizzes", "courses", "certificates")
        for template in (ROOT / floor / "templates").rglob("*.html")
        for frame in FRAME.findall(template.read_text(encoding="utf-8"))
    ]

    assert len(frames) > 30
    assert [
        frame for frame in frames if not all(part in frame[1] for part in ("tabindex", "role=", "aria-label"))
    ] == []
