"""A round on one page: where it stands, what blocks it, what is next, and how many people are where."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, F, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from academy.calendar.clock import local_day
from academy.models import User
from certificates.models import CertificationRound, RoundObjection
from certificates.rounds.arranging import announcing_refusal
from certificates.rounds.facts import done_in, held_back, keeping_refusal, open_objections, ready_for_award
from certificates.rounds.issuing import proposing_refusal, waiting_proposal
from certificates.rounds.judging import judging_refusal
from certificates.rounds.listing import listing_refusal
from certificates.rounds.objecting import who_could_answer
from certificates.rounds.phases import Days, Done, Phase, phase_on
from quizzes.models import Candidate, Observation
from quizzes.models.observing import OPEN


@dataclass(frozen=True)
class RoundStep:
    """One of the steps on the line: its days, and whether it is over (``done``), runs (``current``) or comes."""

    label: Any
    first: date
    last: date
    state: str


@dataclass(frozen=True)
class Overview:
    """``deed`` is the act that is next, '' where one waits for a day or for somebody else; ``blocks`` is in its way."""

    phase: Phase
    steps: tuple[RoundStep, ...]
    next: str
    deed: str
    blocks: tuple[str, ...]
    counts: dict[str, int]


LINE = (
    (Phase.APPLYING, "apply_from", "apply_until"),
    (Phase.ELIGIBILITY, "judged_on", "objections_until"),
    (Phase.EXAMINING, "exams_from", "last_exam_day"),
    (Phase.RESULTS, "results_on", "results_on"),
    (Phase.PUBLICITY, "publicity_from", "publicity_until"),
    (Phase.ISSUED, "award_on", "award_on"),
)
ORDER = list(Phase)


def steps_of(days: Days, phase: Phase) -> tuple[RoundStep, ...]:
    """The line of a round. Pure."""
    at = ORDER.index(phase)

    def state(step: Phase, following: Phase | None) -> str:
        if phase == Phase.CANCELLED:
            return "coming"
        if following is not None and at >= ORDER.index(following):
            return "done"
        if phase == Phase.CLOSED:
            return "done"
        return "current" if at >= ORDER.index(step) else "coming"

    ends: list[Phase | None] = [step for step, _first, _last in LINE[1:]]
    # After the publicity comes the decision, and not yet the certificate.
    ends = [Phase.DECIDING if step == Phase.ISSUED else step for step in ends]
    return tuple(
        RoundStep(step.label, getattr(days, first), getattr(days, last), state(step, following))
        for (step, first, last), following in zip(LINE, [*ends, None], strict=True)
    )


def overview_of(certification_round: CertificationRound, now: datetime, done: Done | None = None) -> Overview:
    """A fixed number of queries, however many stand in it. ``done``: from ``done_in``, of whoever looks at many rounds."""
    today, days = local_day(now), Days.of(certification_round)
    phase = phase_on(days, done or done_in([certification_round])[certification_round.pk], today)
    said, deed, blocks = _next(certification_round, phase, now)
    return Overview(phase, steps_of(days, phase), said, deed, tuple(blocks), _counts(certification_round))


def _counts(certification_round: CertificationRound) -> dict[str, int]:
    """Who is out of it before its end is counted as out, and nowhere else."""
    stays = Q(ending="")
    counted = certification_round.applications.aggregate(
        how_many=Count("pk", filter=stays),
        are_eligible=Count("pk", filter=stays & Q(eligible=True)),
        are_refused=Count("pk", filter=stays & Q(eligible=False)),
        have_passed=Count("pk", filter=stays & Q(result="passed")),
        are_certified=Count("pk", filter=Q(certification__isnull=False)),
        are_out=Count("pk", filter=~stays),
    )
    names = ("applied", "eligible", "refused", "passed", "issued", "out")
    return dict(zip(names, counted.values(), strict=True))


def _next(certification_round: CertificationRound, phase: Phase, now: datetime) -> tuple[str, str, list[str]]:
    """In words what is next, by which deed, and what is in the way."""
    blocks = _objections(certification_round, now)
    match phase:
        case Phase.DRAFT:
            return _("Announce it."), "announce", _said(announcing_refusal(certification_round, now))
        case Phase.ANNOUNCED | Phase.APPLYING:
            return _("Applications run through %(day)s.") % {"day": certification_round.apply_until.isoformat()}, "", []
        case Phase.ELIGIBILITY if certification_round.judged_at is None:
            return _("Judge eligibility."), "judge", _said(judging_refusal(certification_round, now))
        case Phase.ELIGIBILITY:
            return (
                _("Objections are taken through %(day)s.") % {"day": certification_round.objections_until.isoformat()},
                "",
                blocks,
            )
        case Phase.EXAMINING:
            day = Days.of(certification_round).last_exam_day.isoformat()
            return (
                _("Exams and observations run through %(day)s.") % {"day": day},
                "",
                _without_seat(certification_round),
            )
        case Phase.RESULTS if certification_round.listed_at is None:
            return _("List the results."), "list", _said(listing_refusal(certification_round, now))
        case Phase.RESULTS:
            return (
                _("The publicity period begins on %(day)s.") % {"day": certification_round.publicity_from.isoformat()},
                "",
                blocks,
            )
        case Phase.PUBLICITY:
            return (
                _("The publicity period ends on %(day)s.") % {"day": certification_round.publicity_until.isoformat()},
                "",
                blocks,
            )
        case Phase.CLOSED | Phase.CANCELLED:
            return "", "", []
    return _next_award(certification_round, phase, now, blocks)


def _next_award(
    certification_round: CertificationRound, phase: Phase, now: datetime, blocks: list[str]
) -> tuple[str, str, list[str]]:
    if ready_for_award(certification_round):
        waiting = waiting_proposal(certification_round)
        if waiting is not None:
            return (
                _("A second person decides on the award list."),
                "",
                [*blocks, str(proposing_refusal(certification_round, now))],
            )
        return _("Propose the award list with its document number."), "propose", blocks
    if phase == Phase.DECIDED:
        return _("Certificates are issued on %(day)s.") % {"day": certification_round.award_on.isoformat()}, "", blocks
    if held_back(certification_round):
        return _("Answer the objections; whoever they are against has to wait for the answer."), "", blocks
    return _("Nothing is left; the round closes by itself."), "", blocks


def _said(refusal: str | None) -> list[str]:
    return [refusal] if refusal else []


def _objections(certification_round: CertificationRound, now: datetime) -> list[str]:
    """How many wait for an answer, and for how many of them there is nobody."""
    waiting = list(open_objections([certification_round]).select_related("application__round__branch"))
    if not waiting:
        return []
    text = ngettext(
        "%(count)s objection waits for an answer.", "%(count)s objections wait for an answer.", len(waiting)
    )
    found = [text % {"count": len(waiting)}]
    if not who_could_answer(waiting[0], local_day(now)):
        found.append(_("Nobody could answer: everybody who looks after rounds here has judged or is concerned."))
    return found


def without_seat(certification_round: CertificationRound) -> Any:
    """Who is eligible and sits in none of the round's sessions that take place."""
    seated = Candidate.objects.filter(
        session__sitting_of_round__round=certification_round, session__cancelled_at=None
    ).values("person")
    return certification_round.applications.filter(eligible=True, closed_at=None).exclude(person__in=seated)


def _without_seat(certification_round: CertificationRound) -> list[str]:
    if not certification_round.sittings.exists():
        return []
    count = without_seat(certification_round).count()
    text = ngettext("%(count)s person is in no session yet.", "%(count)s people are in no session yet.", count)
    return [text % {"count": count}] if count else []


@dataclass(frozen=True)
class Observed:
    """Observations that the rules of a round ask for, of who is eligible: still open, and passed on its exam days."""

    open: int
    passed: int


def observed_in(certification_round: CertificationRound) -> Observed | None:
    """None where nothing is observed. Two queries, one where nothing is."""
    if certification_round.rule_version is None:
        return None
    asked = certification_round.rule_version.requirements.filter(active=True, practices__isnull=False)
    practices = set(asked.values_list("practices", flat=True))
    if not practices:
        return None
    people = certification_round.applications.filter(eligible=True, ending="").values("person")
    within = Q(
        observed_on__gte=certification_round.exams_from, observed_on__lte=Days.of(certification_round).last_exam_day
    )
    counted = Observation.objects.filter(person__in=people, practice__in=practices).aggregate(
        waiting=Count("pk", filter=Q(state__in=OPEN)),
        done=Count("pk", filter=within & Q(passed=True, annulled_at=None)),
    )
    return Observed(counted["waiting"], counted["done"])


def objections_of(certification_round: CertificationRound, viewer: User) -> Any:
    """All of a round, the open ones first, but for those about the viewer: who objects against another stays untold."""
    about_others = RoundObjection.objects.filter(application__round=certification_round).exclude(
        application__person=viewer
    )
    others = about_others.select_related("application__person", "application__round__branch", "made_by", "answered_by")
    return others.order_by(F("answered_at").asc(nulls_first=True), "made_at")


def waiting_rounds(viewer: User, now: datetime) -> list[CertificationRound]:
    """Rounds that the viewer looks after and in which a step is due: one query where none goes on."""
    open_rounds = CertificationRound.objects.filter(closed_at=None, cancelled_at=None)
    rounds = list(open_rounds.select_related("track__level", "branch", "rule_version"))
    mine = [
        certification_round
        for certification_round in rounds
        if keeping_refusal(certification_round, viewer, local_day(now)) is None
    ]
    done = done_in(mine) if mine else {}
    return [
        certification_round
        for certification_round in mine
        if _wants_somebody(overview_of(certification_round, now, done[certification_round.pk]))
    ]


def _wants_somebody(found: Overview) -> bool:
    """A deed that can be done now, or something that is in the way."""
    return bool(found.deed or found.blocks)
