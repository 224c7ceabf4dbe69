"""Reads and writes client dialogues as YAML: a document each, both languages in one.

The file's ``scene`` is the body's stem and its ``debrief`` the body's explanation; all else has the same name. Every
scalar is read as text first, so that a bare ``no`` or ``on`` stays a word.
"""

from dataclasses import dataclass, field
from typing import Any

import yaml
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from quizzes.interchange.base import ImportedQuestion, ReadError, ReadResult
from quizzes.types import BodyProblems, canonical, question_type
from quizzes.types.checking import LANGUAGES

# libyaml also reads a question mark inside a row in braces, which the plain reader refuses.
LOADER: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
DEPTH = 12
WHOLE = {"mood", "points", "breaches_at_most"}
TRUE_OR_FALSE = {"breach", "no_breach"}
ABOUT = ("id", "name", "difficulty", "category", "tags")
ORDER = ("client", "scene", "mood", "facts", "turns", "ends", "debrief")


class _Unread(Exception):
    """A place of the file that cannot be read, with its line."""

    def __init__(self, line: int, message: Any) -> None:
        super().__init__(str(message))
        self.line, self.message = line, message


@dataclass
class _Document:
    """Plain values of a document, and the line at which each place stands."""

    value: Any
    lines: dict[str, int] = field(default_factory=dict)

    def line_of(self, place: str) -> int:
        """The line of a place or of the nearest one around it."""
        parts = place.split(".")
        while parts:
            if ".".join(parts) in self.lines:
                return self.lines[".".join(parts)]
            parts.pop()
        return self.lines.get("", 1)


def read_dialogue(text: str) -> ImportedQuestion:
    """The one dialogue of a file. Raises ``BodyProblems`` whose places end in their line."""
    result = read_dialogues(text)
    problems = [(_t("line %(line)s") % {"line": error.line}, error.message) for error in result.errors]
    if not problems and len(result.questions) != 1:
        problems = [("", _("One dialogue is needed; there are %(count)s here.") % {"count": len(result.questions)})]
    if problems:
        raise BodyProblems(problems)
    return result.questions[0]


def read_dialogues(text: str, *, language: str = "") -> ReadResult:
    """Every dialogue of a file, each checked as at publishing. Never raises: a fault is an error of its line."""
    result = ReadResult()
    try:
        _refuse_depth_and_references(text)
        nodes = list(yaml.compose_all(text, Loader=LOADER))
    except _Unread as unread:
        result.errors.append(ReadError(unread.line, unread.message))
        return result
    except (yaml.YAMLError, ValueError, RecursionError) as fault:
        mark = getattr(fault, "problem_mark", None)
        line = mark.line + 1 if mark else 1
        what = getattr(fault, "problem", None) or getattr(fault, "reason", None) or type(fault).__name__
        message = _("This is not YAML (%(what)s). A text that holds a comma, a colon or a bracket is put in quotes.")
        result.errors.append(ReadError(line, message % {"what": what}))
        return result
    for node in nodes:
        if node is None:
            continue
        try:
            _read_document(node, result)
        except _Unread as unread:
            result.errors.append(ReadError(unread.line, unread.message))
    return result


def _line_of(mark: Any) -> int:
    """As a person counts; the reader always has it, though its types leave it open."""
    return mark.line + 1


def _refuse_depth_and_references(text: str) -> None:
    """Before anything is built: a file that nests or refers is not one of ours."""
    depth = 0
    for event in yaml.parse(text, Loader=LOADER):
        line = _line_of(event.start_mark)
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise _Unread(line, _("References (“&” and “*”) are not read."))
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > DEPTH:
            raise _Unread(line, _("This is nested too deeply."))


def _read_document(node: yaml.Node, result: ReadResult) -> None:
    document = _Document(None)
    document.value = _plain(node, "", document)
    data = document.value
    if not isinstance(data, dict):
        raise _Unread(
            document.line_of(""),
            _("A dialogue begins with “id:”. A table of turns is pasted into the form of a new client dialogue."),
        )
    body = canonical(body_of(data))
    names = data.get("name") or {}
    problems: list[tuple[str, Any]] = []
    try:
        kind = question_type("dialogue")
        problems = kind.publishing_problems(kind.parse(body))
    except BodyProblems as found:
        problems = found.problems
    if not isinstance(data.get("id"), str) or not 0 < len(data["id"]) <= 80:
        problems.append(("id", _("A short identifier is needed here.")))
    if data.get("difficulty", "medium") not in ("easy", "medium", "hard"):
        problems.append(("difficulty", _("The difficulty is easy, medium or hard.")))
    if problems:
        result.errors += [
            ReadError(document.line_of(_in_file(place)), f"{_in_file(place)}: {message}") for place, message in problems
        ]
        return
    result.questions.append(
        ImportedQuestion(
            type="dialogue",
            name=(names.get("zh-hans") or names.get("en") or data["id"])[:255],
            text=next(iter(body["stem"].values())),
            category=data.get("category") or "",
            line=document.line_of(""),
            body=body,
            external_id=data["id"],
            tags=tuple(data.get("tags") or ()),
            difficulty=data.get("difficulty", "medium"),
        )
    )


def body_of(data: dict[str, Any]) -> dict[str, Any]:
    """The body of a file's document; a part that the format does not have stays, to be refused by name."""
    known = {"name", "client", "mood", "facts", "turns", "ends"}
    other = {key: value for key, value in data.items() if key not in {*known, *ABOUT, "scene", "debrief"}}
    return {
        **other,
        **{key: data[key] for key in sorted(known) if key in data},
        "type": "dialogue",
        "stem": data.get("scene"),
        "feedback": data.get("debrief") or {},
    }


def _in_file(place: str) -> str:
    head, dot, rest = place.partition(".")
    return {"stem": "scene", "feedback": "debrief"}.get(head, head) + dot + rest


def _plain(node: yaml.Node, place: str, document: _Document) -> Any:
    """Dicts, lists and texts; numbers and truths where the format has them. Notes the line of every place."""
    line = _line_of(node.start_mark)
    document.lines.setdefault(place, line)
    name = place.rpartition(".")[2]
    if isinstance(node, yaml.SequenceNode):
        rows = []
        for number, node_of_list in enumerate(node.value, 1):
            step = _name_of(node_of_list) or str(number)
            rows.append(_plain(node_of_list, f"{place}.{step}" if place else step, document))
        return rows
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, place, document)
    text = str(node.value)
    style = getattr(node, "style", None)  # empty or None: neither quoted nor folded
    if name in WHOLE and not style:
        try:
            return int(text)
        except ValueError:
            return text
    if name in TRUE_OR_FALSE and not style and text.lower() in ("true", "false"):
        return text.lower() == "true"
    return text


def _mapping(node: yaml.MappingNode, place: str, document: _Document) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode):
            raise _Unread(line, _("A name is needed before the colon."))
        key = str(key_node.value)
        if key in found:
            raise _Unread(line, _("“%(key)s” appears twice.") % {"key": key[:40]})
        if isinstance(value_node, yaml.ScalarNode) and value_node.value == "" and not value_node.style:
            if set(found) & set(LANGUAGES) and key not in LANGUAGES:
                raise _Unread(line, _("A text that holds a comma is put in quotes: “%(text)s”.") % {"text": key[:40]})
            continue
        found[key] = _plain(value_node, f"{place}.{key}" if place else key, document)
    return found


def _name_of(node: yaml.Node) -> str:
    """The identifier of a row, for its place."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == "id" and isinstance(value, yaml.ScalarNode):
                return str(value.value)
    return ""


# -- writing


class _Dumper(yaml.SafeDumper):
    """Short rows on one line, in the manner of the files people write."""


def _row(dumper: _Dumper, data: dict[str, Any]) -> yaml.Node:
    plain = all(not isinstance(value, (dict, list)) for value in data.values())
    return dumper.represent_mapping("tag:yaml.org,2002:map", data.items(), flow_style=plain)


_Dumper.add_representer(dict, _row)


def write_dialogue(
    body: dict[str, Any],
    *,
    external_id: str,
    name: str = "",
    difficulty: str = "medium",
    category: str = "",
    tags: tuple[str, ...] = (),
) -> str:
    """The document of a body; ``read_dialogue`` gives the same body back."""
    data: dict[str, Any] = {"id": external_id, "name": body.get("name") or {"zh-hans": name}, "difficulty": difficulty}
    data |= {"category": category} if category else {}
    data |= {"tags": list(tags)} if tags else {}
    source = {**body, "scene": body["stem"], "debrief": body.get("feedback") or {}}
    data |= {key: source[key] for key in ORDER if source.get(key) not in (None, {}, [])}
    return yaml.dump(data, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=1_000_000)
