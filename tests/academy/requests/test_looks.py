"""Every look at what is another's is noted with the address it came from: one function writes the access log."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def test_the_access_log_is_written_in_one_place():
    writing = {
        str(path.relative_to(ROOT))
        for floor in ("academy", "quizzes", "courses", "certificates")
        for path in (ROOT / floor).rglob("*.py")
        if "migrations" not in path.parts and "AccessLog.objects.create" in path.read_text(encoding="utf-8")
    }

    assert writing == {"academy/requests/looks.py"}
