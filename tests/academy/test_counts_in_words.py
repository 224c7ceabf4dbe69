"""A number that may be one is said of one thing and of many: English has two words for that."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
APPS = ("academy", "quizzes", "courses", "certificates")
PLAIN = {"_", "_t", "gettext", "gettext_lazy", "pgettext", "pgettext_lazy"}
COUNTED = re.compile(r"%\(count\)s (?!(?:of|more|passed|did|would|on)\b)[a-z]+")
# What is counted there is a limit, or more than one by what comes before.
NEVER_ONE = re.compile(
    r"(?:at most|more than|fewer than|no more than|room for|holds|names|taken as|belongs to|These are|about|keep) ?%\(count\)s"
    r"|%\(count\)s [a-z ]+ at most|at once|there are %\(count\)s|has %\(count\)s|sent %\(count\)s|, %\(count\)s times"
    r"|%\(count\)s (?:are to be drawn|were found|are here|further|people, but)"
    r"|sets of answers|Over two versions",
    re.IGNORECASE,
)


def plain_counts(path: Path) -> list[str]:
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) in PLAIN:
            texts = [arg.value for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
            found += [text for text in texts if COUNTED.search(text) and not NEVER_ONE.search(text)]
    return found


def test_what_is_counted_has_words_for_one():
    files = [path for app in APPS for path in sorted((ROOT / app).rglob("*.py")) if "migrations" not in path.parts]

    assert [(path.name, text) for path in files for text in plain_counts(path)] == []
