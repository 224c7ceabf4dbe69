"""成绩名单: what each person of a round reached, and who comes first where there are only so many places."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from academy.bilingual import in_every_language
from academy.calendar.clock import local_day
from academy.errors.refusals import RuleViolation
from academy.journal import record, register_action
from academy.models import User
from academy.staff.access import own_refusal
from certificates.models import CertificationRound, RoundApplication, RuleVersion
from certificates.rounds import telling
from certificates.rounds.arranging import locked_round
from certificates.rounds.facts import keeping_refusal, open_objections, rules_of
from certificates.rounds.judging import Verdict, verdicts
from certificates.rounds.phases import Days
from certificates.rules.evidence import evidence_for
from quizzes.models import Attempt, Candidate, SpecialResult

LIST = register_action("certificates.list_results", gettext_lazy("Results of a round listed"))
Result = RoundApplication.Result
BATCH = 500
# What says that a mark of the exam was not reached for a reason of its own.
ABSENCES = (Result.ABSENT, Result.DEFERRED)


@dataclass(frozen=True)
class Sat:
    """What a person did in the sessions of a round: outcomes in their order (``sat`` or a special result)."""

    outcomes: tuple[str, ...] = ()
    resat: bool = False


def result_of(*, met: bool, sat: Sat) -> str:
    """The result by what is met and what happened in the hall. Pure.

    违纪 is out of the round whatever else was passed. Of absences the last sitting counts: who was absent and passed the
    re-sit has passed, who was absent from both is absent.
    """
    if Result.IRREGULAR in sat.outcomes:
        return Result.IRREGULAR
    if met:
        return Result.PASSED
    last = sat.outcomes[-1] if sat.outcomes else "sat"
    if last in ABSENCES:
        return last
    return Result.VOID if Result.VOID in sat.outcomes else Result.FAILED


def in_order(rows: Iterable[tuple[int, Decimal | None, datetime]], ranking: str) -> list[int]:
    """Keys in the order of the ranking, by (key, mark, moment of applying). Who has no mark comes last. Pure."""

    def key(row: tuple[int, Decimal | None, datetime]) -> tuple[Decimal, datetime, int]:
        by_mark = ranking == CertificationRound.Ranking.SCORE and row[1] is not None
        return (-row[1] if by_mark and row[1] is not None else Decimal(1), row[2], row[0])

    return [row[0] for row in sorted(rows, key=key)]


def listing_refusal(certification_round: CertificationRound, now: datetime) -> str | None:
    """Why the results cannot be listed now, or None."""
    today = local_day(now)
    if certification_round.judged_at is None or certification_round.cancelled_at is not None:
        return _("Eligibility is not judged yet.")
    if certification_round.listed_at is not None:
        return _("The results are listed already.")
    if today < certification_round.results_on:
        return _("The results are listed from %(day)s.") % {"day": certification_round.results_on.isoformat()}
    if today > certification_round.publicity_from:
        return _("The publicity period has begun without a list. Move the days first.")
    if open_objections([certification_round]).exists():
        return _("An objection to eligibility waits for an answer.")
    marking = being_marked(certification_round).count()
    if marking:
        text = ngettext("%(count)s paper is still being marked.", "%(count)s papers are still being marked.", marking)
        return text % {"count": marking}
    return None


def exams_asked(certification_round: CertificationRound) -> set[int]:
    """The exams that the rules of the round ask for."""
    if certification_round.rule_version is None:
        return set()
    asked = certification_round.rule_version.requirements.filter(active=True, quiz__isnull=False)
    return {key for key in asked.values_list("quiz", flat=True) if key is not None}


def being_marked(certification_round: CertificationRound):
    """Papers of its exams by people of the round that nobody has finished marking."""
    people = certification_round.applications.filter(eligible=True, closed_at=None).values("person")
    return Attempt.objects.filter(
        learner__in=people, quiz__in=exams_asked(certification_round), state=Attempt.State.SUBMITTED
    )


@transaction.atomic
def list_results(*, certification_round: CertificationRound, actor: User, now: datetime) -> CertificationRound:
    """Writes each result and rank, and tells each person. Idempotent. Raises ``RuleViolation``."""
    locked = locked_round(certification_round)
    if locked.listed_at is not None:
        return locked
    own = locked.applications.filter(closed_at=None).values_list("person", flat=True)
    refusal = keeping_refusal(locked, actor, local_day(now)) or listing_refusal(locked, now) or own_refusal(actor, own)
    if refusal:
        raise RuleViolation(refusal)
    version = rules_of(locked)
    rows = list(locked.applications.filter(eligible=True, closed_at=None).select_related("person").order_by("pk"))
    for at in range(0, len(rows), BATCH):
        write_results(locked, version, rows[at : at + BATCH], now)
    _rank(locked, rows)
    RoundApplication.objects.bulk_update(rows, ["result", "missing", "score", "resat", "rank"], batch_size=BATCH)
    locked.listed_at, locked.listed_by = now, actor
    locked.save(update_fields=["listed_at", "listed_by"])
    counts: dict[str, int] = defaultdict(int)
    for row in rows:
        counts[row.result] += 1
    record(LIST, now=now, actor=actor, about=locked, after=dict(counts))
    for row in rows:
        row.round = locked
    tell_results(locked, rows, now)
    return locked


def tell_results(
    certification_round: CertificationRound, rows: Sequence[RoundApplication], now: datetime, *, event: str = ""
) -> None:
    until = certification_round.publicity_until.isoformat()
    facts = {row.person_id: {"result": in_every_language(lambda row=row: row.state), "until": until} for row in rows}
    telling.tell_each(certification_round, telling.RESULT, facts, now=now, event=event)


def write_results(
    certification_round: CertificationRound, version: RuleVersion, rows: Sequence[RoundApplication], now: datetime
) -> None:
    """Sets result, mark and what is missing on the rows, as of the day of the list. The caller keeps them."""
    people = [row.person for row in rows]
    found = verdicts(
        certification_round=certification_round, version=version, people=people, on=certification_round.results_on
    )
    sat, marks = sat_in(certification_round, people, now), marks_in(certification_round, people)
    for row in rows:
        verdict: Verdict = found[row.person_id]
        row.result = result_of(met=verdict.passes, sat=sat.get(row.person_id, Sat()))
        row.resat = sat.get(row.person_id, Sat()).resat
        row.score = marks.get(row.person_id)
        row.missing = [] if row.result == Result.PASSED else [*verdict.outside, *verdict.missing]


def _rank(certification_round: CertificationRound, rows: Sequence[RoundApplication]) -> None:
    passed = [row for row in rows if row.result == Result.PASSED]
    places = {key: at for at, key in enumerate(in_order([_key(row) for row in passed], certification_round.ranking), 1)}
    for row in rows:
        row.rank = places.get(row.pk)


def _key(row: RoundApplication) -> tuple[int, Decimal | None, datetime]:
    return row.pk, row.score, row.applied_at


def rank_of_one(certification_round: CertificationRound, row: RoundApplication) -> int:
    """The rank of somebody who comes to a list that stands: nobody of it moves. The first that comes behind gives it."""
    others = certification_round.applications.filter(result=Result.PASSED).exclude(pk=row.pk)
    order = in_order([*(_key(other) for other in others), _key(row)], certification_round.ranking)
    return order.index(row.pk) + 1


@dataclass
class _Seats:
    outcomes: list[str] = field(default_factory=list)
    resat: bool = False


def sat_in(certification_round: CertificationRound, people: Sequence[User], now: datetime) -> dict[int, Sat]:
    """What people did in the round's sessions. Three queries.

    A seat in a session that is over, with neither paper nor word about it, is absent; in one that was cancelled or is
    still to come it is nothing.
    """
    seats = Candidate.objects.filter(session__sitting_of_round__round=certification_round, person__in=people)
    seats = seats.select_related("session__sitting_of_round", "attempt").defer("attempt__paper")
    special = SpecialResult.objects.filter(
        person__in=people, quiz__in=exams_asked(certification_round), withdrawn_at=None
    )
    said: dict[int, str] = {}
    loose: dict[int, list[str]] = defaultdict(list)
    for ruling in special.order_by("recorded_at"):
        if ruling.candidate_id is not None:
            said[ruling.candidate_id] = ruling.kind
        elif local_day(ruling.recorded_at) >= certification_round.exams_from:
            loose[ruling.person_id].append(ruling.kind)
    found: dict[int, _Seats] = defaultdict(_Seats)
    for seat in seats.order_by("session__starts_at"):
        outcome = said.get(seat.pk) or ("sat" if seat.attempt_id else Result.ABSENT)
        took_place = seat.session.cancelled_at is None and seat.session.ends_at <= now
        if outcome == Result.ABSENT and seat.pk not in said and not took_place:
            continue
        found[seat.person_id].outcomes.append(str(outcome))
        found[seat.person_id].resat |= seat.session.sitting_of_round.resit and seat.attempt_id is not None
    for person, kinds in loose.items():
        found[person].outcomes += kinds
    return {person: Sat(tuple(row.outcomes), row.resat) for person, row in found.items()}


def marks_in(certification_round: CertificationRound, people: Sequence[User]) -> dict[int, Decimal]:
    """The mean of each person's best marks in the exams asked, out of 100; those of the exam days before earlier ones."""
    asked, days = exams_asked(certification_round), Days.of(certification_round)
    found = {}
    for person, facts in evidence_for(people, certification_round.results_on).items():
        best = []
        for quiz in asked:
            marks = facts.quizzes.get(quiz, ())
            within = [
                mark for day, mark, _passed in marks if certification_round.exams_from <= day <= days.last_exam_day
            ]
            if within or marks:
                best.append(max(within or [mark for _day, mark, _passed in marks]))
        if best:
            found[person] = sum(best, Decimal(0)) / len(best)
    return found
