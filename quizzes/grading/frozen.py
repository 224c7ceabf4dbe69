"""Frozen question versions, read and checked once a process: a version never changes, so nothing here grows stale."""

from collections.abc import Callable, Hashable, Iterable
from typing import Any

from quizzes.models import QuestionVersion
from quizzes.types import ParsedQuestion, question_type

# A parsed body is some ten kilobytes; a process keeps those of the papers that are being written.
LIMIT = 2000
_parsed: dict[int, ParsedQuestion] = {}
_question_of: dict[int, int] = {}
# What was found out about versions; beyond so many it begins anew.
MOST = 8000
_found: dict[Hashable, Any] = {}


def frozen_questions(versions: Iterable[int]) -> dict[int, ParsedQuestion]:
    """The parsed question of each version id; at most one query."""
    wanted = set(versions)
    # Another thread may forget in the middle.
    found = {pk: parsed for pk in wanted if (parsed := _parsed.get(pk)) is not None}
    missing = wanted - set(found)
    if missing:
        if len(_parsed) + len(missing) > LIMIT:
            forget()
        for version in QuestionVersion.objects.filter(pk__in=missing):
            found[version.pk] = _parsed[version.pk] = question_type(version.type).parse(version.body)
            _question_of[version.pk] = version.question_id
    return found


def found_once[Found](version: int, key: Hashable, find: Callable[[], Found]) -> Found:
    """What follows from a version and the key alone, found out once a process. Nobody may change it."""
    found: Found | None = _found.get((version, key))
    if found is None:
        found = find()
        if len(_found) >= MOST:
            _found.clear()
        _found[version, key] = found
    return found


def questions_met(versions: Iterable[int]) -> dict[int, int]:
    """The question of each of the versions that this process has met. No query."""
    return {pk: question for pk in versions if (question := _question_of.get(pk)) is not None}


def questions_of(versions: Iterable[int]) -> dict[int, int]:
    """The question of each version id, both as keys; at most one query."""
    wanted = set(versions)
    found = questions_met(wanted)
    if missing := wanted - set(found):
        found |= QuestionVersion.objects.filter(pk__in=missing).values_list("pk", "question")
    return found


def forget() -> None:
    """Also for tests, where a rolled-back id comes again."""
    _parsed.clear()
    _question_of.clear()
    _found.clear()
