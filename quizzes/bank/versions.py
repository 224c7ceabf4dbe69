"""Publishing freezes a question; papers and statistics read versions only."""

from datetime import datetime
from typing import Any

from django.db import transaction

from academy.calendar.clock import local_day
from academy.models import User
from academy.models.at_once import chosen_again, last_number
from quizzes.bank.holding import CheckedRules, settle_hold
from quizzes.grading.frozen import parsed_version
from quizzes.grading.quoting import QuotedRules, digest_of, hand_worked, rule_problems, rules_of
from quizzes.models import Question, QuestionVersion
from quizzes.models.bank import checked_values
from quizzes.types import BodyProblems, Response, canonical, question_type
from quizzes.types.base import Body, Order


def outward(version: QuestionVersion, order: Order, response: Response) -> Any:
    """A stored response as its page named it, None where there is none."""
    kind = question_type(version.type)
    return None if response is None else kind.outward(parsed_version(version), order, response)


@transaction.atomic
def publish_version(
    *, question: Question, now: datetime, actor: User | None, checked: CheckedRules | None = None
) -> QuestionVersion:
    """Freezes the body. An unchanged body makes no new version, unless a house rule that it quotes says something else.

    ``checked`` is what the house rules said to whoever worked the key out, by code; None: what they say now. Raises
    ``BodyProblems``.
    """
    kind = question_type(question.type)
    problems = kind.publishing_problems(kind.parse(question.body))
    rules = rules_of(body=question.body, tags=question.tags, day=local_day(now))
    problems += rule_problems(kind=kind, body=question.body, rules=rules)
    if problems:
        raise BodyProblems(problems)
    return _frozen(question, question.body, rules, now, actor, checked)


def renew_version(*, question: Question, now: datetime, actor: User | None = None) -> bool:
    """A new version of what is published where the house rules that it names say something else now; whatever is drafted
    beside it stays a draft. A key worked out by hand is held until somebody checks it. Returns whether there is one; raises ``BodyProblems`` where the rules do not let it."""
    return chosen_again(lambda: _renew(question, now, actor), lost=lambda: _is_behind(question))


def _renew(question: Question, now: datetime, actor: User | None) -> bool:
    # Whoever renews many has read them when the pass began; one of them may have been published since.
    _read_anew(question)
    current = question.current_version
    if current is None:
        return False
    rules = rules_of(body=current.body, tags=question.tags, day=local_day(now))
    if digest_of(current.body, rules) == current.digest:
        return False
    problems = rule_problems(kind=question_type(current.type), body=current.body, rules=rules)
    if problems:
        raise BodyProblems(problems)
    return _freeze(question, current.body, rules, now, actor, checked_values(current)) != current


def _read_anew(question: Question) -> None:
    """What is published of it now, which nobody changes before the transaction ends."""
    question.refresh_from_db(fields=["current_version"], from_queryset=Question.objects.select_for_update())


def _frozen(
    question: Question,
    body: Body,
    rules: QuotedRules,
    now: datetime,
    actor: User | None,
    checked: CheckedRules | None,
) -> QuestionVersion:
    """Of two who freeze it at the same moment the second freezes over what the first one has frozen."""
    return chosen_again(
        lambda: _freeze(question, body, rules, now, actor, checked),
        lost=lambda: _is_behind(question),
    )


def _is_behind(question: Question) -> bool:
    """Whether somebody else froze it meanwhile; theirs is the current version then."""
    known = question.current_version_id
    question.refresh_from_db(fields=["current_version"])
    return question.current_version_id != known


def _freeze(
    question: Question,
    body: Body,
    rules: QuotedRules,
    now: datetime,
    actor: User | None,
    checked: CheckedRules | None,
) -> QuestionVersion:
    # The number comes first: whoever chose it before another was there is refused, and reads the parts anew.
    number = last_number(question.versions) + 1
    parts = part_versions(question) if question.type == "case" else []
    digest, current = digest_of(body, rules), question.current_version
    if current is not None and current.digest == digest and current.parts == parts:
        return current
    version = QuestionVersion.objects.create(
        question=question,
        number=number,
        type=question.type,
        body=canonical(body),
        digest=digest,
        parts=parts,
        house_rules=rules.by_scope,
        checked_rules=_checked(question, body, rules, checked),
        created_at=now,
        created_by=actor,
    )
    Question.objects.filter(pk=question.pk).update(current_version=version)
    question.current_version = version
    settle_hold(question=question, now=now, actor=actor)
    _renew_case(question, now, actor)
    return version


def _checked(question: Question, body: Body, rules: QuotedRules, checked: CheckedRules | None) -> CheckedRules | None:
    """Only what differs from what stands at publishing is kept apart, and only of rules that the key does not follow."""
    by_hand = hand_worked(body, question.tags) if checked is not None else frozenset()
    kept = {
        code: checked[code] if checked is not None and code in by_hand and code in checked else said
        for code, said in rules.by_scope.items()
    }
    return None if kept == rules.by_scope else kept


def part_versions(case: Question) -> list[int]:
    """The versions of a case's questions that papers take, in order."""
    parts = (
        case.parts.filter(live=True, retired_at=None, current_version__isnull=False) if case.pk else case.parts.none()
    )
    return list(parts.order_by("case_order", "pk").values_list("current_version", flat=True))


def _renew_case(question: Question, now: datetime, actor: User | None) -> None:
    """A case is versioned with its questions: of one that papers take there is a new version, too."""
    case = question.case if question.case_id else None
    if case is None:
        return
    _read_anew(case)
    if case.current_version is None or part_versions(case) == case.current_version.parts:
        return
    frozen = case.current_version
    case.body = frozen.body
    publish_version(question=case, now=now, actor=actor, checked=checked_values(frozen))
