"""No program joins the reader's words with the punctuation of one language: it stands in the catalogue, with its sentence."""

import ast
from pathlib import Path

ROOT = Path(__file__).parents[2]
FLOORS = ("academy", "quizzes", "courses", "certificates")
# What is Chinese by itself: files of the bank, the registers, texts of documents, the demo, readers of typed lists.
CHINESE = ("/migrations/", "/demo/", "/curriculum/", "/starter/", "/register/", "/wagtail_locale/", "/interchange/")
BOTH = {
    "academy/models/levels.py",
    "academy/importing/returning.py",
    "certificates/posts/duties.py",
    "certificates/receivers.py",
}
MARKS = set("：；（）")


def _joins(tree):
    """The f-strings and joins whose own text is Chinese punctuation."""
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            texts = [part.value for part in node.values if isinstance(part, ast.Constant)]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "join":
            texts = [node.func.value.value] if isinstance(node.func.value, ast.Constant) else []
        elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "format_lazy":
            texts = [part.value for part in node.args if isinstance(part, ast.Constant)]
        else:
            continue
        if any(MARKS & set(str(text)) for text in texts):
            yield node.lineno


def test_no_sentence_is_joined_with_the_punctuation_of_one_language():
    files = [path for floor in FLOORS for path in (ROOT / floor).rglob("*.py")]
    found = []
    for path in files:
        name = path.relative_to(ROOT).as_posix()
        if name in BOTH or any(part in f"/{name}" for part in CHINESE):
            continue
        found += [f"{name}:{line}" for line in _joins(ast.parse(path.read_text("utf-8")))]
    assert len(files) > 500 and found == []
