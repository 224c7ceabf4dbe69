"""故障补时: an outage gives every paper that was open the minutes it lost, once.

Shown before it is confirmed: whom it gives how much. A paper whose time ran out while nothing could be written is
offered to be opened again. Minutes are rounded up, in the learner's favour.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypedDict

from django.db import transaction
from django.db.models import Exists, OuterRef, Prefetch, Q
from django.db.models.query import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from academy.calendar.clock import local_day
from academy.errors.refusals import RuleViolation
from academy.journal import record, register_action
from academy.models import Branch, Posting, User
from academy.notices.inbox import notify, register_notice
from quizzes.attempts import give_minutes, reopen_attempt
from quizzes.attempts.proof import result_fact
from quizzes.models import OPEN_STATES, Attempt, Incident, OutageCredit

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

OUTAGE = register_action("quizzes.outage", gettext_lazy("Outage recorded"))
CREDIT = register_action("quizzes.credit_outage", gettext_lazy("Outage credited"))

GIVEN = register_notice(
    "quizzes.minutes_given",
    title=gettext_lazy("Time added (minutes: %(minutes)s): %(quiz)s"),
    text=gettext_lazy("For the outage: %(reason)s"),
    icon="time",
)

Span = tuple[datetime, datetime]
LONGEST = timedelta(hours=12)


def lost_span(
    *, starts_at: datetime, ends_at: datetime, started_at: datetime, closed_at: datetime | None, taken: Iterable[Span]
) -> Span | None:
    """The part of an outage in which a paper was open and for which nothing was given yet. Pure.

    ``closed_at`` is when the answers were closed, None while they are open. Of a part in the middle that another
    outage gave back already, the longer rest counts.
    """
    rests = [(max(starts_at, started_at), min(ends_at, closed_at) if closed_at else ends_at)]
    for first, last in taken:
        rests = [
            piece
            for begin, end in rests
            for piece in ((begin, min(end, first)), (max(begin, last), end))
            if piece[0] < piece[1]
        ]
    rests = [(begin, end) for begin, end in rests if begin < end]
    return max(rests, key=lambda span: span[1] - span[0], default=None)


def whole_minutes(span: Span) -> int:
    """Minutes of a span, rounded up. Pure."""
    return -(-int((span[1] - span[0]).total_seconds()) // 60)


@dataclass(frozen=True)
class Due:
    """One paper in the preview. ``reopens``: its time ran out in the outage, so it is opened again where ticked."""

    attempt: Attempt
    seat: str
    span: Span | None
    minutes: int
    reopens: bool
    nothing: str = ""
    given: bool = False


class Credited(TypedDict):
    """What outages gave a paper so far."""

    credits_so_far: list[OutageCredit]


def papers_hit(*, incident: Incident, now: datetime) -> "QuerySet[WithAnnotations[Attempt, Credited]]":
    """Papers that were open at a moment of the outage, in its session or its part of the bank."""
    papers = (
        Attempt.objects.filter(quiz=incident.quiz_id, started_at__lt=min(incident.ends_at, now))
        .filter(Q(finished_at=None) | Q(finished_at__gt=incident.starts_at))
        .exclude(state=Attempt.State.NOT_STARTED)
    )
    if incident.session_id is not None:
        papers = papers.filter(candidate__session=incident.session_id)
    else:
        within = Branch.objects.filter(path__startswith=incident.branch.path).values("pk")
        postings = Posting.objects.current().effective(local_day(incident.starts_at))
        papers = papers.filter(Exists(postings.filter(person=OuterRef("learner"), branch__in=within)))
    credits = Prefetch("outage_credits", queryset=OutageCredit.objects.all(), to_attr="credits_so_far")
    return papers.select_related("learner", "candidate").prefetch_related(credits).order_by("learner__staff_number")


def dues(*, incident: Incident, papers: "Iterable[WithAnnotations[Attempt, Credited]]") -> list[Due]:
    """Who gets how much. Pure: papers come with ``credits_so_far``."""
    return [_due(incident, paper) for paper in papers]


def _due(incident: Incident, paper: "WithAnnotations[Attempt, Credited]") -> Due:
    seat = paper.candidate.seat if hasattr(paper, "candidate") else ""
    so_far: Sequence[OutageCredit] = paper.credits_so_far
    if any(loss.incident_id == incident.pk for loss in so_far):
        return Due(paper, seat, None, 0, False, _("given already"), given=True)
    if paper.deadline is None or paper.started_at is None:
        return Due(paper, seat, None, 0, False, _("no time limit, nothing was lost"))
    ran_out = paper.closed_by == Attempt.ClosedBy.TIME
    if paper.state not in OPEN_STATES and not ran_out:
        return Due(paper, seat, None, 0, False, _("handed in during the outage"))
    if paper.annulled_at is not None:
        return Due(paper, seat, None, 0, False, _("the mark does not count"))
    span = lost_span(
        starts_at=incident.starts_at,
        ends_at=incident.ends_at,
        started_at=paper.started_at,
        closed_at=min(paper.finished_at or paper.deadline, paper.deadline) if ran_out else None,
        taken=[(loss.lost_from, loss.lost_until) for loss in so_far],
    )
    if span is None:
        return Due(paper, seat, None, 0, False, _("nothing was lost"))
    return Due(paper, seat, span, whole_minutes(span), ran_out)


def incident_refusal(*, incident: Incident, now: datetime) -> str | None:
    """Why an outage cannot be recorded like this, or None. Pure."""
    if incident.ends_at <= incident.starts_at:
        return _("An outage ends after it starts.")
    if incident.starts_at > now:
        return _("This lies in the future.")
    if incident.ends_at - incident.starts_at > LONGEST:
        return _("An outage lasts twelve hours at most; arrange another session instead.")
    if incident.session is not None and incident.session.quiz_id != incident.quiz_id:
        return _("This session is of another exam.")
    if not incident.reason.strip():
        return _("Say what happened.")
    return None


@transaction.atomic
def record_incident(*, incident: Incident, actor: User, now: datetime) -> Incident:
    """Keeps an outage; nothing is given before ``credit_outage``. Raises ``RuleViolation``."""
    refusal = incident_refusal(incident=incident, now=now)
    if refusal:
        raise RuleViolation(refusal)
    incident.recorded_at, incident.recorded_by = now, actor
    incident.save()
    record(
        OUTAGE,
        now=now,
        actor=actor,
        about=incident,
        reason=incident.reason,
        after={
            "quiz": incident.quiz.code,
            "branch": incident.branch.code,
            "session": incident.session_id,
            "from": incident.starts_at,
            "until": incident.ends_at,
        },
    )
    return incident


@transaction.atomic
def credit_outage(*, incident: Incident, reopen: Iterable[int], actor: User, now: datetime) -> list[OutageCredit]:
    """Gives every paper that was hit its minutes; those in ``reopen`` whose time ran out are opened again.

    Idempotent: a paper gets an outage's minutes once, whoever confirms how often.
    """
    locked = Incident.objects.select_for_update(of=("self",)).select_related("quiz", "branch").get(pk=incident.pk)
    wanted, given = set(reopen), []
    for due in dues(incident=locked, papers=papers_hit(incident=locked, now=now)):
        if due.span is None or (due.reopens and due.attempt.pk not in wanted):
            continue
        if due.reopens:
            # The end is counted from now: the lost minutes are still to be had.
            end = due.attempt.deadline
            late = whole_minutes((end, now)) if end is not None and now > end else 0
            reopen_attempt(attempt=due.attempt, now=now, minutes=due.minutes + late)
        else:
            give_minutes(attempt=due.attempt, minutes=due.minutes, now=now)
        credit = OutageCredit.objects.create(
            incident=locked,
            attempt=due.attempt,
            lost_from=due.span[0],
            lost_until=due.span[1],
            minutes=due.minutes,
            reopened=due.reopens,
            given_at=now,
            given_by=actor,
        )
        given.append(credit)
        record(
            CREDIT,
            now=now,
            actor=actor,
            about=due.attempt,
            person=due.attempt.learner,
            reason=locked.reason,
            after={"minutes": due.minutes, "outage": locked.pk, "reopened": due.reopens},
            fact=result_fact(due.attempt),
        )
        notify(
            person=due.attempt.learner,
            kind=GIVEN,
            event=f"outage:{locked.pk}",
            now=now,
            facts={
                "minutes": due.minutes,
                "quiz": locked.quiz.titles or {"zh-hans": locked.quiz.code},
                "reason": locked.reason,
            },
            path=due.attempt.get_absolute_url(),
        )
    return given
