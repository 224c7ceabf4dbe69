"""Reads out of the source which doors there are, who asks through them and who answers: the map of docs/architecture.md.

``python -m tests.architecture`` writes the map; a test compares it. A door is a place where code runs because another
module registered it: a registry, a signal, a named hook, a pass of the clock, a list that every floor adds to.
"""

import ast
import functools
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "architecture.md"
FLOORS = ("academy", "quizzes", "courses", "certificates")
BEGIN, END = "<!-- doors: begin -->", "<!-- doors: end -->"
# Functions that add an answer to a list which one module keeps and reads.
LISTS = {
    "each_minute": "passes of each minute",
    "each_day": "passes of each day",
    "register_duties": "duties",
    "register_assignments": "kinds of assignment",
    "register_kind": "kinds of files to import",
    "register_proposal": "acts of two people",
    "register_job": "kinds of long work",
    "register_fact": "facts that the journal proves",
    "watch": "facts whose changes raise versions",
    "register_follow_ups": "what follows a fact in its own turn",
    "register_turns": "what is done in turns",
    "register_object_kind": "things of acts of two people",
    "register_change": "changes of what counts",
    "register_row_change": "changes of what counts",
    "register_notice": "kinds of notices",
    "register_needed": "notices that end with their cause",
    "register_choices": "the journal in words",
    "register_field": "the journal in words",
    "register_parts": "the journal in words",
    "register_things": "the journal in words",
    "register_places": "where a journal entry leads",
    "register_number": "what a journal search finds",
    "register_looked_at": "what in the access log is a person's",
}
# These take words only: nothing of who calls them runs later.
WORDS = {"register_action", "register_names", "register_reason"}

Found = dict[str, dict[str, set[str]]]


def modules() -> Iterator[tuple[str, ast.Module]]:
    for floor in FLOORS:
        for path in sorted((ROOT / floor).rglob("*.py")):
            if "migrations" not in path.parts:
                name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
                yield name, ast.parse(path.read_text(encoding="utf-8"))


@functools.cache
def doors() -> Found:
    """By door, "asks" and "answers": the modules on either side."""
    found: Found = defaultdict(lambda: {"asks": set(), "answers": set()})
    known = dict(modules())
    registries = {
        target.id: name
        for name, tree in known.items()
        for node in tree.body
        if isinstance(node, ast.AnnAssign | ast.Assign) and _is_call_of(node.value, "Registry")
        for target in ([node.target] if isinstance(node, ast.AnnAssign) else node.targets)
        if isinstance(target, ast.Name)
    }
    signals = {
        target.id
        for tree in known.values()
        for node in tree.body
        if isinstance(node, ast.Assign) and _is_call_of(node.value, "Signal")
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for name, tree in known.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                for decorator in node.decorator_list:
                    _decorated(found, name, decorator, registries, signals)
            elif isinstance(node, ast.Call):
                _called(found, name, node, registries, signals)
    return {door: sides for door, sides in found.items() if sides["answers"]}


def _is_call_of(node: ast.expr | None, name: str) -> bool:
    return isinstance(node, ast.Call) and getattr(node.func, "id", "") == name


def _decorated(found: Found, module: str, decorator: ast.expr, registries: dict[str, str], signals: set[str]) -> None:
    if isinstance(decorator, ast.Attribute) and decorator.attr == "register":
        owner = getattr(decorator.value, "id", "")
        if owner in registries:
            found[f"`{owner}`"]["answers"].add(module)
    elif isinstance(decorator, ast.Name) and decorator.id in LISTS:
        found[LISTS[decorator.id]]["answers"].add(module)
    elif _is_call_of(decorator, "receiver") and isinstance(decorator, ast.Call):
        for argument in decorator.args:
            heard = argument.elts if isinstance(argument, ast.List | ast.Tuple) else [argument]
            for signal in heard:
                _hears(found, module, getattr(signal, "id", ""), signals)


def _hears(found: Found, module: str, signal: str, own: set[str]) -> None:
    door = found[f"signal `{signal}`"]
    door["answers"].add(module)
    if signal not in own:
        door["asks"].add("Django or Wagtail")


def _called(found: Found, module: str, node: ast.Call, registries: dict[str, str], signals: set[str]) -> None:
    function = node.func
    if isinstance(function, ast.Name):
        if function.id in registries and registries[function.id] != module:
            found[f"`{function.id}`"]["asks"].add(module)
        elif function.id in LISTS:
            found[LISTS[function.id]]["answers"].add(module)
        elif function.id == "get_hooks":
            _hook(found, module, node, "asks")
    elif isinstance(function, ast.Attribute):
        owner = getattr(function.value, "id", "")
        if owner in signals and function.attr in ("send", "send_robust"):
            found[f"signal `{owner}`"]["asks"].add(module)
        elif owner in registries and function.attr == "register":
            found[f"`{owner}`"]["answers"].add(module)
        elif function.attr == "connect" and any(keyword.arg == "dispatch_uid" for keyword in node.keywords):
            _hears(found, module, owner, signals)
        elif owner == "hooks" and function.attr in ("register", "get_hooks"):
            _hook(found, module, node, "asks" if function.attr == "get_hooks" else "answers")


def _hook(found: Found, module: str, node: ast.Call, side: str) -> None:
    name = node.args[0].value if node.args and isinstance(node.args[0], ast.Constant) else ""
    if isinstance(name, str) and name.startswith("academy_"):
        found[f"hook `{name}`"][side].add(module)


def table() -> str:
    """The map as Markdown, in an order that does not depend on the machine."""
    lines = ["| door | who asks | who answers |", "| --- | --- | --- |"]
    for door, sides in sorted(doors().items(), key=lambda item: item[0].strip("`")):
        asks = ", ".join(sorted(sides["asks"])) or "its own module"
        lines.append(f"| {door} | {asks} | {', '.join(sorted(sides['answers']))} |")
    return "\n".join(lines)


def page_with(text: str, new: str) -> str:
    return re.sub(f"{BEGIN}.*?{END}", lambda _match: f"{BEGIN}\n{new}\n{END}", text, flags=re.DOTALL)


if __name__ == "__main__":
    PAGE.write_text(page_with(PAGE.read_text(encoding="utf-8"), table()), encoding="utf-8")
