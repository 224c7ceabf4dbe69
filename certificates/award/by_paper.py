"""Which awards a paper brought: those that carry the moment of its follow-up."""

from typing import Any

from django.db.models import Q

from academy.requests.prepared import BoundQuery, PreparedQuery
from certificates.models import Certificate, Certification
from quizzes.models import Attempt


def _of_attempt(attempt: int) -> Q:
    """Recorded by the follow-up of a paper: an award carries its moment."""
    paper = Attempt.objects.filter(pk=attempt).order_by()
    return Q(recorded_at__in=paper.values("followed_up_at")) | Q(recorded_at__in=paper.values("result_told_at"))


AWARDED_BY = PreparedQuery(
    lambda person, attempt: Certification.objects.filter(
        _of_attempt(attempt), person=person, ending=None
    ).select_related("track__level")
)
ISSUED_BY = PreparedQuery(
    lambda person, attempt: Certificate.objects.filter(
        certification__in=Certification.objects.filter(_of_attempt(attempt), person=person), superseded_by=None
    )
)


def asks_of_awards(attempt: Attempt) -> list[BoundQuery[Any] | None]:
    """What the page of its result asks."""
    key = {"person": attempt.learner_id, "attempt": attempt.pk}
    return [AWARDED_BY.bound(**key), ISSUED_BY.bound(**key)] if attempt.counts and attempt.passed else []
