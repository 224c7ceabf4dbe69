"""Reads GIFT, Moodle's plain question format. A blank line ends a question, even inside an open brace."""

import re
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy as _

from quizzes.interchange.base import (
    ImportedQuestion,
    ReadError,
    ReadResult,
    category_path,
)
from quizzes.interchange.files import FilesAtHand
from quizzes.interchange.gathering import gather_cases
from quizzes.interchange.gift_answers import Unreadable, body_of, gap_of
from quizzes.interchange.gift_text import ESCAPE, ESCAPED, FORMAT, TextForm, plain_of, written_of
from quizzes.types import BodyProblems, canonical, question_type
from quizzes.types.rich import plain

NAME_LIMIT = 255
JUDGEMENTS = ("对", "错", "正确", "错误", "√", "×")
LABEL = re.compile(r"\[(id|is|part-of|title|tag|difficulty|scoring|shuffle|case|unit|words|guide|hint):\s*([^\]]*)\]")
BRACES = re.compile(r"\{[^{}]*\}")
MATCHED_WHOLE = ("matching", "all_or_nothing")
WORDS = re.compile(r"(\d{0,4})-(\d{0,4})")


@dataclass
class _Block:
    """The lines of one question, and what the comments before it say."""

    line: int
    lines: list[str] = field(default_factory=list)
    labels: list[tuple[str, str]] = field(default_factory=list)


def read_gift(text: str, *, language: str, files: FilesAtHand | None = None) -> ReadResult:
    """Reads a whole file, pictures and sounds from ``files``. Never raises: what cannot be read is an error of its line."""
    result = ReadResult()
    files = files or FilesAtHand()
    category = ""
    for block in _blocks(text):
        if isinstance(block, str):
            category = block
            continue
        try:
            notes: list[Any] = []
            result.questions.append(_question(block, category, language, TextForm("", files, notes)))
            result.warnings += [ReadError(block.line, note) for note in notes]
        except Unreadable as wrong:
            result.errors.append(ReadError(block.line, wrong.args[0]))
        except BodyProblems as problems:
            result.errors.append(
                ReadError(block.line, "; ".join(str(message) for _place, message in problems.problems))
            )
    result.files = files.taken
    return gather_cases(result)


def _blocks(text: str) -> list[_Block | str]:
    blocks: list[_Block | str] = []
    block: _Block | None = None
    labels: list[tuple[str, str]] = []
    for number, line in enumerate(re.split(r"\r\n|\r|\n", text), 1):
        stripped = line.strip()
        if stripped.startswith("//"):
            labels += LABEL.findall(stripped)
        elif stripped.upper().startswith("$CATEGORY:"):
            block = None
            blocks.append(category_path(stripped.split(":", 1)[1]))
        elif not stripped:
            block = None
        else:
            if block is None:
                block = _Block(number, labels=labels)
                labels = []
                blocks.append(block)
            block.lines.append(line)
    return blocks


def _question(block: _Block, category: str, language: str, form: TextForm) -> ImportedQuestion:
    raw = "\n".join(block.lines)
    # From left to right, so that an escaped backslash before a sign leaves the sign what it is.
    raw = ESCAPE.sub(lambda match: ESCAPED[match[0]], raw).strip()
    name = ""
    if raw.startswith("::"):
        end = raw.find("::", 2)
        if end < 0:
            raise Unreadable(_("The name after “::” has no end."))
        name, raw = plain_of(raw[2:end], form), raw[end + 2 :].strip()
    found = FORMAT.match(raw)
    form = form.called(found.group(1).lower() if found else "")
    raw = raw[found.end() :] if found else raw
    braces = [(found.start(), found.end()) for found in BRACES.finditer(raw)]
    rest = BRACES.sub("", raw)
    labels = dict(block.labels)
    if "{" in rest or "}" in rest:
        raise Unreadable(_("A brace is not closed before the blank line, or not opened."))
    if not braces:
        text = written_of(raw, form)
        body = _labelled({"type": "information", "stem": {language: text}, "feedback": {}}, labels, language)
        return _imported(block, category, name, text, body)
    if len(braces) > 1:
        form.notes.append(
            _("Several braces in one question are read as a paragraph with gaps; Moodle reads the first only.")
        )
        return _imported(block, category, name, "", _cloze(raw, form, language))
    start, end = braces[0]
    before, inside, after = raw[:start], raw[start + 1 : end - 1], raw[end:]
    if inside.lstrip().startswith(("＝", "～")):
        raise Unreadable(_("“＝” and “～” before the answers are full-width signs: write “=” and “~”."))
    if inside.strip() in JUDGEMENTS:
        form.notes.append(_("This answer is read as a word to type. Write {T} or {F} for a statement to be judged."))
    gap = after.strip(" \t\n.") != ""
    stem = written_of(before + ("_____" + after if gap else after if not before.strip() else ""), form)
    body = _labelled(body_of(inside, stem, form, language, form.notes), labels, language)
    hints = [unfolded(value.strip()) for key, value in block.labels if key == "hint" and value.strip()]
    if hints:
        body["hints"] = [{language: text} for text in hints]
    return _imported(block, category, name, stem, body)


def _cloze(raw: str, form: TextForm, language: str) -> dict[str, Any]:
    """A paragraph with a gap for each pair of braces."""
    insides = [found[0][1:-1].strip() for found in BRACES.finditer(raw)]
    gaps = [gap_of(inside, form, language, number) for number, inside in enumerate(insides, 1)]
    numbers = iter(range(1, len(gaps) + 1))
    stem = written_of(BRACES.sub(lambda _found: f"[[g{next(numbers)}]]", raw), form)
    return {"type": "cloze", "stem": {language: stem}, "feedback": {}, "gaps": gaps}


def _imported(block: _Block, category: str, name: str, stem: str, body: dict[str, Any]) -> ImportedQuestion:
    """The question, checked. Raises ``BodyProblems``."""
    kind = question_type(body["type"])
    body = canonical(body)
    kind.parse(body)
    labels = dict(block.labels)
    difficulty = labels.get("difficulty", "").strip()
    stem = plain(stem) or kind.shown_stem(kind.parse(body), next(iter(body["stem"]), ""))
    return ImportedQuestion(
        type=kind.code,
        name=(name or stem.replace("\n", " "))[:NAME_LIMIT],
        text=stem,
        category=category,
        line=block.line,
        body=body,
        external_id=labels.get("id", "").strip()[:80],
        tags=tuple(value.strip() for key, value in block.labels if key == "tag" and value.strip()),
        difficulty=difficulty if difficulty in ("easy", "medium", "hard") else "",
        case=labels.get("part-of", "").strip(),
    )


def _labelled(body: dict[str, Any], labels: dict[str, str], language: str) -> dict[str, Any]:
    """What stands in the comment before a question because GIFT has no sign for it."""
    kind = body["type"]
    scoring = labels.get("scoring", "").strip()
    if (kind == "multiple" and scoring in ("all_or_nothing", "capped")) or (kind, scoring) == MATCHED_WHOLE:
        body["scoring"] = scoring
    if kind in ("single", "multiple") and labels.get("shuffle", "").strip() == "no":
        body["shuffle"] = False
    if kind == "shorttext" and labels.get("case", "").strip() == "yes":
        body["case_sensitive"] = True
    if kind == "numeric" and labels.get("unit", "").strip():
        body["unit"] = {language: unfolded(labels["unit"].strip())}
    bounds = WORDS.fullmatch(labels.get("words", "").strip())
    if kind == "essay" and bounds:
        found = {"words_min": bounds[1], "words_max": bounds[2]}
        body.update({key: int(value) for key, value in found.items() if value})
    if kind == "information" and labels.get("is", "").strip() == "case":
        title = unfolded(labels.get("title", "").strip())
        body.update({"type": "case", **({"title": {language: title}} if title else {})})
    if kind == "essay" and labels.get("guide", "").strip():
        body["guide"] = {language: unfolded(labels["guide"].strip())}
    return body


def unfolded(text: str) -> str:
    """A label's text with its lines and brackets."""
    signs = {"\\\\": "\\", "\\n": "\n", "\\r": "]", "\\l": "[", "\\s": " "}
    return re.sub(r"\\[\\nrls]", lambda match: signs[match[0]], text)
