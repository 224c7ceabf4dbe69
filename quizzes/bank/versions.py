"""Publishing freezes a question; papers and statistics read versions only."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max

from academy.models import User
from quizzes.models import Question, QuestionVersion
from quizzes.types import BodyProblems, Response, body_digest, canonical, question_type
from quizzes.types.base import Order


def outward(version: QuestionVersion, order: Order, response: Response) -> Any:
    """A stored response as its page named it, None where there is none."""
    kind = question_type(version.type)
    return None if response is None else kind.outward(kind.parse(version.body), order, response)


@transaction.atomic
def publish_version(*, question: Question, now: datetime, actor: User | None) -> QuestionVersion:
    """Freezes the body. An unchanged body makes no new version. Raises ``BodyProblems``."""
    kind = question_type(question.type)
    problems = kind.publishing_problems(kind.parse(question.body))
    if problems:
        raise BodyProblems(problems)
    parts = part_versions(question) if question.type == "case" else []
    digest, current = body_digest(question.body), question.current_version
    if current is not None and current.digest == digest and current.parts == parts:
        return current
    last = question.versions.aggregate(last=Max("number"))["last"] or 0
    version = QuestionVersion.objects.create(
        question=question,
        number=last + 1,
        type=question.type,
        body=canonical(question.body),
        digest=digest,
        parts=parts,
        created_at=now,
        created_by=actor,
    )
    Question.objects.filter(pk=question.pk).update(current_version=version)
    question.current_version = version
    _renew_case(question, now, actor)
    return version


def part_versions(case: Question) -> list[int]:
    """The versions of a case's questions that papers take, in order."""
    parts = (
        case.parts.filter(live=True, retired_at=None, current_version__isnull=False) if case.pk else case.parts.none()
    )
    return list(parts.order_by("case_order", "pk").values_list("current_version", flat=True))


def _renew_case(question: Question, now: datetime, actor: User | None) -> None:
    """A case is versioned with its questions: of one that papers take there is a new version, too."""
    case = question.case if question.case_id else None
    if case is None or case.current_version is None or part_versions(case) == case.current_version.parts:
        return
    frozen = case.current_version
    case.body = frozen.body
    publish_version(question=case, now=now, actor=actor)
