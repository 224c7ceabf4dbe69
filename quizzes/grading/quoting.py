"""House rules in questions: which a question quotes, what stands against publishing it, and the digest that covers them."""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from academy.calendar.clock import local_day
from academy.house_rules.formatting import PLAIN, Text
from academy.house_rules.quoting import QUOTE, codes_in, codes_of_tags, figures_in, filled
from academy.house_rules.reading import scope_of, table_of
from academy.house_rules.resolving import Scope, Table, by_scope, resolve_all, scopes_of
from academy.models import HouseRule, Line
from quizzes.models import Attempt, Question, QuestionVersion
from quizzes.types import BodyProblems, QuestionType, body_digest
from quizzes.types.base import Body


@dataclass(frozen=True)
class QuotedRules:
    """What a question has of house rules on a day: ``quoted`` in its words, ``named`` also by its tags."""

    quoted: frozenset[str]
    named: frozenset[str]
    table: Table

    @property
    def by_scope(self) -> dict[str, list[list[object]]]:
        return by_scope(self.table, self.named) if self.named else {}


def rules_of(*, body: Body, tags: str, day: date) -> QuotedRules:
    """One query where the question names a house rule, none where it does not."""
    quoted = codes_in(body)
    named = quoted | codes_of_tags(tags)
    return QuotedRules(quoted, named, table_of(day, named) if named else {})


def hand_worked(body: Body, tags: str) -> frozenset[str]:
    """The house rules on which the key depends and does not follow by itself: those of the tags, and where the right number
    is typed in, those that the words quote. What is right and says nothing but a rule follows it. Pure."""
    right = list(_right_answers(body))
    follows = bool(right) and all(_is_said_by_rules(answer) for answer in right)
    if follows:
        return codes_of_tags(tags) - codes_in(right)
    typed_in = codes_in(body) if body.get("type") == "numeric" else frozenset()
    return codes_of_tags(tags) | typed_in


def _right_answers(part: Any) -> Iterator[Any]:
    """The words or the number of each answer that bears marks, wherever it stands; of pairs and orders there are none."""
    if isinstance(part, list):
        for row in part:
            yield from _right_answers(row)
    elif isinstance(part, Mapping):
        if "fraction" in part:
            if Decimal(str(part["fraction"])) > 0:
                yield part["value"] if part.get("value") not in (None, "") else part.get("text")
            return
        for name in ("options", "answers", "gaps"):
            yield from _right_answers(part.get(name))


def _is_said_by_rules(answer: Any) -> bool:
    """Whether each text of it quotes a house rule and has no figure beside it."""
    texts = list(answer.values()) if isinstance(answer, Mapping) else [str(answer)]
    return all(QUOTE.search(text) and not re.search(r"\d", QUOTE.sub("", text)) for text in texts)


def rule_problems(*, kind: QuestionType, body: Body, rules: QuotedRules) -> list[tuple[str, Any]]:
    """Why the question cannot be published for its house rules: a rule that is not there, or that in some line or branch
    two of its parts say the same."""
    missing = sorted(code for code in rules.named if not rules.table.get(code))
    if missing:
        return [("stem", _("There is no house rule “%(code)s”.") % {"code": code}) for code in missing]
    if figures := figures_in(body):
        wordy = HouseRule.objects.filter(code__in=figures, unit__in=PLAIN).order_by("code")
        for code in wordy.values_list("code", flat=True):
            return [("stem", _("What the house rule “%(code)s” says is not a number.") % {"code": code})]
    for scope in scopes_of(rules.table, rules.quoted) if rules.quoted else ():
        try:
            kind.parse(filled(body, resolve_all(rules.table, scope)))
        except BodyProblems as faults:
            return [(place, _said(message, rules, scope)) for place, message in faults.problems]
    return []


def _said(message: Any, rules: QuotedRules, scope: Scope) -> str:
    branch = next(
        (value.branch for values in rules.table.values() for value in values if value.scope.path == scope.path), ""
    )
    where = [Line(scope.line).label if scope.line else "", branch]
    return _("What the house rules say (%(where)s) gives: %(message)s") % {
        "where": " · ".join(str(part) for part in where if part) or _("the whole bank"),
        "message": message,
    }


def digest_of(body: Body, rules: QuotedRules) -> str:
    """The digest of a version: of its body, and of what the house rules say that it names, by scope."""
    if not rules.named:
        return body_digest(body)
    text = json.dumps([body_digest(body), rules.by_scope], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def values_at_start(attempt: Attempt, version: QuestionVersion) -> dict[str, Text]:
    """What house rules said when the paper began: those that it kept, and those that only this version quotes. Two
    queries where the paper lacks one of them, none where it has them all."""
    kept: dict[str, Text] = attempt.house_rules
    lacking = codes_in(version.body) - set(kept) if version.house_rules else frozenset()
    if not lacking or attempt.started_at is None:
        return kept
    day = local_day(attempt.started_at)
    return resolve_all(table_of(day, lacking), scope_of(attempt.learner_id, day)) | kept


def questions_naming(codes: Iterable[str] | None = None) -> list[Question]:
    """The questions whose draft or published words, or whose tags, name one of the house rules, or any. By their key."""
    published = ~Q(current_version__house_rules={}) & Q(current_version__isnull=False)
    rows = Question.objects.filter(Q(words__contains="rule:") | published).select_related("current_version", "category")
    wanted = None if codes is None else set(codes)
    return [row for row in rows.order_by("pk") if (named := _named(row)) and (wanted is None or named & wanted)]


def _named(question: Question) -> frozenset[str]:
    version = question.current_version
    return codes_in(question.body) | codes_of_tags(question.tags) | frozenset(version.house_rules if version else ())
