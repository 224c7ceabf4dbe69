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


def plain_texts(source: str) -> list[str]:
    """What is translated in a module by a call that knows one form only."""
    return [
        arg.value
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) in PLAIN
        for arg in node.args
        if isinstance(arg, ast.Constant) and isinstance(arg.value, str)
    ]


def plain_counts(path: Path) -> list[str]:
    texts = plain_texts(path.read_text(encoding="utf-8"))
    return [text for text in texts if COUNTED.search(text) and not NEVER_ONE.search(text)]


# Other names of numbers, and what is counted by them, in texts of Python and of templates.
THINGS = (
    "answers|days|hours|lessons|marks|minutes|months|observations|papers|people|persons|points|questions|seats|steps|words"
    "|years"
)
NUMBER = r"(?:%\((?!count\))\w+\)[sd]|\{\{ ?\w+ ?\}\})"
MEASURED = re.compile(rf"{NUMBER} (?:[a-z]+ )?(?:{THINGS})\b")
BLOCK = re.compile(r"\{% blocktranslate[^%]*%\}(.*?)\{% endblocktranslate %\}", re.DOTALL)
LIMIT = re.compile(
    r"at (?:most|least)|(?:more|fewer|older|longer) than|[Bb]elow|At most|cannot always be held|^Between|^From 1 to|^Within ±| to \{\{ most \}\}"
)
# Where the number can never be one, and why.
NEVER_ONE_OF = {
    # What a year asks, and what a paper or a programme holds altogether.
    "{{ done }} of {{ asked }} hours",
    "{{ label }}: {{ done }} of {{ asked }} hours",
    "{{ asked }} hours required, reached",
    "{{ asked }} hours required, {{ missing }} missing",
    "%(done)s of %(asked)s hours; %(missing)s to go.",
    "%(done)s of %(asked)s observations passed.",
    "{{ mark }} of {{ all }} marks",
    "Saved: %(mark)s of %(all)s marks.",
    "{{ done }} of {{ total }} papers, {{ changed }} changed",
    "{{ done }} of {{ all }} steps done",
    "{{ value }}/{{ all }} lessons",
    "Nothing is saved yet. With “{{ vetoes }}” this answer earns 0 of {{ marks }} marks, whatever the "
    "levels say. Give it, or take the tick away.",
    "The best levels add up to {{ points }} points, worth all {{ marks }} marks of this question; fewer "
    "points earn the same share of them.",
    # Tracks ask for a half year or more.
    "Hold %(level)s for %(months)s months",
    "Be in post for %(months)s months.",
    # All minutes of a course.
    "Its %(total)s minutes give %(hours)s hours of 45 minutes: lessons %(lessons)s, dialogues %(dialogues)s, quizzes "
    "%(quizzes)s, job aids %(aids)s. Other hours need a reason. What is completed already keeps its hours.",
    # Fixed in the program, and more than one.
    "Answers are closed. Hand the paper in within %(minutes)s minutes, or it does not count.",
    "Nothing came of it in %(days)s days. Ask for it again.",
    # Drawn on trial by the hundred; points from the average are a range.
    "In %(papers)s papers drawn as a trial, the expected scores are %(low)s to %(high)s points from the average.",
    # Said where gaps and answers differ in number, or of everybody in a part of the bank.
    "%(gaps)s gaps and %(answers)s answers were found. Write the answers with “；” between them.",
    "These are all {{ shown }} people of your part of the bank.",
    # A time of keeping that a law gives, of several years; days of grace of a post, of several weeks.
    "%(years)s years after the end of the employment",
    "The person left on %(left)s. The data are kept for %(years)s years and can be erased from %(day)s.",
    "People who left {{ years }} years ago or longer. Nothing is erased automatically: you propose, "
    "a second person decides.",
    "{{ whom }}: {{ level }} within {{ days }} days. From today on it is asked of nobody; past days keep their numbers. To "
    "change it, end it and set another.",
    # One mark has its own words above these; a score is of a hundred.
    "{{ mark }} marks",
    "{{ score }} points",
}


def measured_in(path: Path) -> list[str]:
    """Texts without words for one that print a number beside what it counts."""
    source = path.read_text(encoding="utf-8")
    if path.suffix == ".html":
        texts = [" ".join(text.split()) for text in BLOCK.findall(source) if "{% plural %}" not in text]
    else:
        texts = plain_texts(source)
    return [text for text in texts if MEASURED.search(text) and not LIMIT.search(text) and text not in NEVER_ONE_OF]


def test_what_is_measured_has_words_for_one():
    files = [
        path
        for app in APPS
        for path in sorted((ROOT / app).rglob("*"))
        if path.suffix in {".py", ".html"} and "migrations" not in path.parts
    ]
    assert [(path.name, text) for path in files for text in measured_in(path)] == []


def test_what_is_counted_has_words_for_one():
    files = [path for app in APPS for path in sorted((ROOT / app).rglob("*.py")) if "migrations" not in path.parts]

    assert [(path.name, text) for path in files for text in plain_counts(path)] == []
