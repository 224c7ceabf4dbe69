"""Frozen question versions, read and checked once a process: a version never changes, so nothing here grows stale."""

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

from academy.house_rules.quoting import Values, codes_in, filled
from academy.house_rules.reading import values_for
from quizzes.models import Answer, QuestionVersion
from quizzes.types import ParsedQuestion, question_type


class _Kept(NamedTuple):
    """A version as it reads with what the rules said when it was published. Of one that quotes house rules also the
    question with its quotes, and what the rules said then."""

    question: ParsedQuestion
    quoting: tuple[ParsedQuestion, Values] | None


# A parsed body is some ten kilobytes; a process keeps those of the papers that are being written. One entry says all of a
# version, and whoever reads takes it once: another thread may forget at any moment.
LIMIT = 2000
_parsed: dict[int, _Kept] = {}
_question_of: dict[int, int] = {}
# What was found out about versions; beyond so many it begins anew.
MOST = 8000
_found: dict[Hashable, Any] = {}


def frozen_questions(versions: Iterable[int], values: Values | None = None) -> dict[int, ParsedQuestion]:
    """The parsed question of each version id; at most one query.

    House rules that it quotes say what they say to the reader, ``values``; without them what they said at publishing.
    """
    return {
        pk: _said(pk, kept.quoting, values) if values and kept.quoting is not None else kept.question
        for pk, kept in _kept(versions).items()
    }


def _kept(versions: Iterable[int]) -> dict[int, _Kept]:
    """The entry of each version; one query where this process does not have them all."""
    wanted = set(versions)
    found = {pk: parsed for pk in wanted if (parsed := _parsed.get(pk)) is not None}
    missing = wanted - set(found)
    if missing:
        if len(_parsed) + len(missing) > LIMIT:
            forget()
        for version in QuestionVersion.objects.filter(pk__in=missing):
            found[version.pk] = _parsed[version.pk] = _read(version)
            _question_of[version.pk] = version.question_id
    return found


def _read(version: QuestionVersion) -> _Kept:
    raw = question_type(version.type).parse(version.body)
    if not version.house_rules:
        return _Kept(raw, None)
    return _Kept(with_values(raw, version.frozen_values), (raw, version.frozen_values))


def _said(version: int, quoting: tuple[ParsedQuestion, Values], values: Values) -> ParsedQuestion:
    raw, frozen = quoting
    key = tuple((code, tuple(sorted(values.get(code, text).items()))) for code, text in frozen.items())
    return found_once(version, ("house rules", key), lambda: with_values(raw, {**frozen, **values}))


def with_values(question: ParsedQuestion, values: Values) -> ParsedQuestion:
    """The question with what the house rules say in place of its quotes. It was checked with them at publishing."""
    body = filled(question.body, values)
    hints = tuple(body.get("hints", ()))
    return replace(question, stem=body["stem"], feedback=body.get("feedback") or {}, body=body, hints=hints)


def parsed_version(version: QuestionVersion, values: Values | None = None) -> ParsedQuestion:
    """The parsed question of a version that is read already; ``values`` as of ``frozen_questions``."""
    question = question_type(version.type).parse(version.body)
    if not version.house_rules:
        return question
    return with_values(question, {**version.frozen_values, **(values or {})})


def parsed_answer(answer: Answer) -> ParsedQuestion:
    """The question of an answer as its candidate read it; the paper is asked only where the question quotes something."""
    return parsed_version(answer.version, answer.attempt.house_rules if answer.version.house_rules else None)


def parsed_for(version: QuestionVersion, *, person: int, now: datetime) -> ParsedQuestion:
    """The same as it reads for a person today. A question that quotes nothing costs no query."""
    return parsed_version(version, values_for(person, now=now) if version.house_rules else None)


def quotes_of(versions: Mapping[int, ParsedQuestion]) -> dict[int, list[str]]:
    """By version the codes that it quotes in words, of those that ``frozen_questions`` gave. No query, unless another
    thread has them forgotten."""
    return {
        pk: sorted(codes_in(kept.quoting[0].body)) for pk, kept in _kept(versions).items() if kept.quoting is not None
    }


def said_of(version: int, values: Values) -> tuple[Any, ...]:
    """What of ``values`` a version quotes: what is kept of its words is kept by it."""
    kept = _parsed.get(version) or _kept([version]).get(version)
    if kept is None or kept.quoting is None:
        return ()
    return tuple((code, repr(values.get(code))) for code in kept.quoting[1])


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
