"""A round is arranged, announced, its days are moved forward, its sessions named; or it is cancelled."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import batched
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from academy.calendar.clock import local_day
from academy.errors.refusals import RuleViolation
from academy.journal import record, register_action
from academy.models import Posting, User
from academy.staff.access import branches_visible_to
from certificates.models import CertificationRound, RoundSession
from certificates.models.rounds import DAYS
from certificates.rounds import telling
from certificates.rounds.facts import KEEPERS, done_in, keeping_refusal, people_reached, phase_of, who_could_apply
from certificates.rounds.phases import (
    OVER,
    Days,
    Phase,
    days_refusals,
    move_refusals,
    past_refusal,
    past_refusals,
    phase_on,
)
from certificates.rules.evidence import rules_on
from quizzes.models import ExamSession

ARRANGE = register_action("certificates.arrange_round", gettext_lazy("Round arranged"))
ANNOUNCE = register_action("certificates.announce_round", gettext_lazy("Round announced"))
CANCEL = register_action("certificates.cancel_round", gettext_lazy("Round cancelled"))
SESSIONS = register_action("certificates.sessions_of_round", gettext_lazy("Session of a round named"))

# What may still be changed once people have read the notice.
AFTER_NOTICE = {name for name, _later in DAYS}
BATCH = 500
FACTS = ("name", "name_en", "applying", "places", "ranking", "notice")


@dataclass(frozen=True)
class DayFault:
    """What is wrong with a round and in which field, '' where in none."""

    field: str
    text: str


def arranging_faults(before: CertificationRound | None, after: CertificationRound, now: datetime) -> list[DayFault]:
    """Why a round may not be kept so, of each field the first. The form shows them beside their fields, the step raises
    the first."""
    today, days = local_day(now), Days.of(after)
    found = dict(days_refusals(days))
    if before is None or before.announced_at is None:
        return _by_field({**dict(past_refusals(days, today)), **found})
    done = done_in([before])[before.pk]
    if phase_on(Days.of(before), done, today) in OVER:
        return [DayFault("", _("This round is over."))]
    fixed = _("This was announced, and stays so. Only days are moved.")
    changed = [name for name in (*FACTS, "track_id", "branch_id", "lines") if _differs(before, after, name)]
    found = {**dict(move_refusals(Days.of(before), days, today, done)), **found}
    return _by_field({**{name.removesuffix("_id"): fixed for name in changed}, **found})


def _by_field(found: dict[str, str]) -> list[DayFault]:
    """In the order of the days, what is no day first."""
    order = [name for name, _later in DAYS]
    return [
        DayFault(*fault)
        for fault in sorted(found.items(), key=lambda named: order.index(named[0]) if named[0] in order else -1)
    ]


def _differs(before: CertificationRound, after: CertificationRound, name: str) -> bool:
    return bool(getattr(before, name) != getattr(after, name))


@transaction.atomic
def arrange_round(*, certification_round: CertificationRound, actor: User, now: datetime) -> CertificationRound:
    """Writes a round; of one that was announced only days move, and who stands in it hears of it. Raises ``RuleViolation``."""
    before = (
        CertificationRound.objects.select_for_update().filter(pk=certification_round.pk).first()
        if certification_round.pk
        else None
    )
    # As it stands and as it would be: nobody takes a round over by giving it the own branch.
    for kept in (before, certification_round):
        if kept is not None:
            _demand_keeper(kept, actor, now)
    faults = arranging_faults(before, certification_round, now)
    if faults:
        raise RuleViolation(faults[0].text)
    certification_round.save()
    record(
        ARRANGE,
        now=now,
        actor=actor,
        about=certification_round,
        before=_told(before) if before else None,
        after=_told(certification_round),
    )
    if before is not None and before.announced_at is not None and Days.of(before) != Days.of(certification_round):
        telling.tell(certification_round, telling.MOVED, _standing(certification_round), now=now, event=now.isoformat())
    return certification_round


def _told(certification_round: CertificationRound) -> dict[str, Any]:
    names = ("name", "applying", "places", "ranking", "lines", *(name for name, _later in DAYS))
    return {
        "track": certification_round.track.code,
        "branch": certification_round.branch.code if certification_round.branch else None,
        **{name: getattr(certification_round, name) for name in names},
    }


def _standing(certification_round: CertificationRound) -> list[int]:
    return list(certification_round.applications.filter(closed_at=None).values_list("person", flat=True))


def announcing_refusal(certification_round: CertificationRound, now: datetime) -> str | None:
    """Why the notice cannot go out now, or None."""
    if certification_round.announced_at is not None:
        return _("This round is announced already.")
    if certification_round.cancelled_at is not None:
        return _("This round is cancelled.")
    found = past_refusal(Days.of(certification_round), local_day(now))
    if found:
        return found[1]
    if certification_round.track.pk not in rules_on([certification_round.track], local_day(now)):
        return _("This track has no requirements in force.")
    return None


def who_is_told(certification_round: CertificationRound, now: datetime) -> tuple[str, list[int]]:
    """Which notice goes to whom: to those who meet the conditions, or to the managers who apply for them."""
    today = local_day(now)
    people = list(people_reached(certification_round, today).order_by("pk"))
    may = sorted(key for some in batched(people, BATCH) for key in who_could_apply(certification_round, some))
    if certification_round.applying != CertificationRound.Applying.MANAGER:
        return telling.ANNOUNCED, may
    posts = Posting.objects.current().effective(today).filter(person__in=may, manager__isnull=False)
    return telling.ANNOUNCED_TO_MANAGERS, sorted(set(posts.values_list("manager", flat=True)))


@transaction.atomic
def announce(*, certification_round: CertificationRound, actor: User, now: datetime) -> CertificationRound:
    """The notice goes out, and the rules of the day are those of the round. Idempotent. Raises ``RuleViolation``."""
    locked = locked_round(certification_round)
    if locked.announced_at is not None:
        return locked
    _demand_keeper(locked, actor, now)
    refusal = announcing_refusal(locked, now)
    if refusal:
        raise RuleViolation(refusal)
    locked.rule_version = rules_on([locked.track], local_day(now))[locked.track_id]
    locked.announced_at, locked.announced_by = now, actor
    locked.save(update_fields=["rule_version", "announced_at", "announced_by"])
    record(ANNOUNCE, now=now, actor=actor, about=locked, after={"rules": locked.rule_version.number})
    kind, people = who_is_told(locked, now)
    span = {"from": locked.apply_from.isoformat(), "until": locked.apply_until.isoformat()}
    telling.tell(locked, kind, people, now=now, **span)
    return locked


@transaction.atomic
def cancel(*, certification_round: CertificationRound, reason: str, actor: User, now: datetime) -> CertificationRound:
    """It does not take place; who stands in it hears why. Not once anything was decided. Raises ``RuleViolation``."""
    locked = locked_round(certification_round)
    if locked.cancelled_at is not None:
        return locked
    _demand_keeper(locked, actor, now)
    if not reason.strip():
        raise RuleViolation(_("A reason is needed."))
    if locked.closed_at is not None or locked.applications.filter(decided_at__isnull=False).exists():
        raise RuleViolation(_("The award is decided; the round cannot be cancelled any more."))
    locked.cancelled_at, locked.cancel_reason = now, reason.strip()[:500]
    locked.save(update_fields=["cancelled_at", "cancel_reason"])
    record(CANCEL, now=now, actor=actor, about=locked, reason=locked.cancel_reason)
    people = _standing(locked)
    locked.applications.filter(closed_at=None).update(closed_at=now)
    telling.tell(locked, telling.CANCELLED, people, now=now, reason=locked.cancel_reason)
    return locked


def sessions_for(certification_round: CertificationRound, actor: User, on: date) -> Any:
    """Sessions of exams that the round's rules ask for, on its exam days and in the actor's part, of no round yet."""
    asked = (
        certification_round.rule_version.requirements.filter(active=True, quiz__isnull=False)
        if certification_round.rule_version
        else []
    )
    return ExamSession.objects.filter(
        quiz__in={requirement.quiz_id for requirement in asked},
        cancelled_at=None,
        sitting_of_round=None,
        branch__in=branches_visible_to(actor, on, KEEPERS),
        starts_at__date__gte=certification_round.exams_from,
        starts_at__date__lte=Days.of(certification_round).last_exam_day,
    ).select_related("quiz", "branch")


@transaction.atomic
def name_sessions(
    *, certification_round: CertificationRound, sessions: Iterable[ExamSession], actor: User, now: datetime
) -> int:
    """Sessions belong to the round from now on; what lies after the exam days is a re-sit. Returns how many."""
    _demand_keeper(certification_round, actor, now)
    if phase_of(certification_round, local_day(now)) not in (
        Phase.APPLYING,
        Phase.ELIGIBILITY,
        Phase.EXAMINING,
        Phase.ANNOUNCED,
    ):
        raise RuleViolation(_("Sessions are named until the exams are over."))
    made = [
        RoundSession(
            round=certification_round,
            session=session,
            resit=local_day(session.starts_at) > certification_round.exams_until,
        )
        for session in sessions
    ]
    RoundSession.objects.bulk_create(made)
    record(
        SESSIONS,
        now=now,
        actor=actor,
        about=certification_round,
        after={"sessions": [str(row.session) for row in made]},
    )
    return len(made)


def locked_round(certification_round: CertificationRound) -> CertificationRound:
    """The row as it stands, until the transaction ends."""
    CertificationRound.objects.select_for_update().get(pk=certification_round.pk)
    return CertificationRound.objects.select_related("track__level", "branch", "rule_version").get(
        pk=certification_round.pk
    )


def _demand_keeper(certification_round: CertificationRound, actor: User, now: datetime) -> None:
    refusal = keeping_refusal(certification_round, actor, local_day(now))
    if refusal:
        raise RuleViolation(refusal)
