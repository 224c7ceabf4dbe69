"""Frozen question versions, read and checked once a process: a version never changes, so nothing here grows stale."""

from collections.abc import Iterable

from quizzes.models import QuestionVersion
from quizzes.types import ParsedQuestion, question_type

# A parsed body is some ten kilobytes; a process keeps those of the papers that are being written.
LIMIT = 2000
_parsed: dict[int, ParsedQuestion] = {}


def frozen_questions(versions: Iterable[int]) -> dict[int, ParsedQuestion]:
    """The parsed question of each version id; at most one query."""
    wanted = set(versions)
    found = {pk: _parsed[pk] for pk in wanted if pk in _parsed}
    missing = wanted - set(found)
    if missing:
        for version in QuestionVersion.objects.filter(pk__in=missing):
            found[version.pk] = question_type(version.type).parse(version.body)
        if len(_parsed) + len(missing) > LIMIT:
            _parsed.clear()
        _parsed.update({pk: found[pk] for pk in missing if pk in found})
    return found


def forget() -> None:
    """For tests, where a rolled-back id comes again."""
    _parsed.clear()
