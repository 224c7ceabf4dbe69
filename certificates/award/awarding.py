"""Award: from a standing to a certification. Awarding twice is the same award."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from academy.calendar.clock import local_day
from academy.dates.periods import add_months
from academy.errors.refusals import RuleViolation
from academy.journal import record, register_action
from academy.models import Employment, Posting, User
from academy.requests.kept.answers import by_what_stands_now
from academy.staff.access import own_refusal
from certificates.award.candidates import note_candidates
from certificates.award.dating import dates_of_award
from certificates.award.openings import note_openings
from certificates.award.waiting import held_for_rounds
from certificates.document.issuing import issue_certificate
from certificates.models import AwardCandidate, Certification, CertificationEnding, CertificationTrack, RuleVersion
from certificates.rules.dates import Dates, NoDates
from certificates.rules.judging import Judgement, judge, judge_many

AWARD = register_action("certificates.award", gettext_lazy("Certification awarded"))
IMPORT = register_action("certificates.import_history", gettext_lazy("Past certification recorded"))
REVOKE = register_action("certificates.revoke", gettext_lazy("Certification revoked"))
END = register_action("certificates.end", gettext_lazy("Certification ended"))


def award_refusal(
    *, person: User, track: CertificationTrack, judged: Judgement, today: date, actor: User | None = None
) -> str | None:
    """Why HR cannot award now, or None. Nobody awards a level to themselves."""
    own = own_refusal(actor, [person.pk])
    if own:
        return own
    standing = judged.standing
    if not Employment.objects.current().effective(today).filter(person=person).exists():
        return _("This person is not employed here today.")
    if judged.purpose is None:
        return _("This person holds the level, and its renewal is not open yet.")
    if standing is None:
        return _("This track has no requirements in force.")
    if not standing.met:
        return _("Still missing: %(what)s") % {
            "what": pgettext("between reasons", "; ").join(str(line.asked.label) for line in standing.missing)
        }
    waits = held_for_rounds([(person.pk, track.pk, judged)], today)
    if waits:
        return _("It is awarded in the round %(name)s.") % {"name": next(iter(waits.values())).local_name}
    try:
        dates_of_award(person=person, track=track, completed_on=today, through=judged.baseline)
    except NoDates:
        return _("The time after taking up the post is over.")
    return None


@transaction.atomic
def award_if_met(
    *,
    person: User,
    track: CertificationTrack,
    now: datetime,
    actor: User | None = None,
    judged: Judgement | None = None,
) -> Certification | None:
    """Awards when every requirement is met. Idempotent.

    An approval track, and a level that was revoked, is awarded by an actor only. ``judged`` is what the caller found in
    this transaction since it has taken the person's turn; without it the person is judged here.
    """
    today = local_day(now)
    if track.award == CertificationTrack.Award.APPROVAL and actor is None:
        return None
    if judged is None:
        _take_turn(person)
        judged = judge(person=person, track=track, today=today)
    if actor is None and judged.revoked:
        return None
    if (
        not track.active
        or judged.standing is None
        or award_refusal(person=person, track=track, judged=judged, today=today, actor=actor)
    ):
        return None
    return _award_judged(person=person, track=track, judged=judged, awarded_on=today, now=now, actor=actor)


@transaction.atomic
def award_in_round(
    *,
    person: User,
    track: CertificationTrack,
    judged: Judgement,
    awarded_on: date,
    document_number: str,
    now: datetime,
    actor: User | None,
) -> Certification:
    """What two people decided for a round, on its common award date. ``judged`` is met, by the rules of the round.

    Raises ``NoDates`` where the track gives this person none on the day.
    """
    _take_turn(person)
    return _award_judged(
        person=person,
        track=track,
        judged=judged,
        awarded_on=awarded_on,
        now=now,
        actor=actor,
        document_number=document_number,
    )


def _award_judged(
    *,
    person: User,
    track: CertificationTrack,
    judged: Judgement,
    awarded_on: date,
    now: datetime,
    actor: User | None,
    document_number: str = "",
) -> Certification:
    """Writes the award for which everything is met."""
    standing = judged.standing
    assert standing is not None
    evidence = [
        {
            "requirement": line.asked.pk,
            "kind": line.asked.kind,
            "on": str(line.evidence_on),
            **({"decided": line.decided} if line.decided else {}),
        }
        for line in standing.lines
        if line.met
    ]
    return _create(
        person=person,
        track=track,
        kind=_kind_of_award(person, track, judged),
        dates=dates_of_award(person=person, track=track, completed_on=awarded_on, through=judged.baseline),
        awarded_on=awarded_on,
        version=judged.version,
        evidence=evidence,
        now=now,
        actor=actor,
        action=AWARD,
        document_number=document_number,
    )


def _kind_of_award(person: User, track: CertificationTrack, judged: Judgement) -> str:
    if judged.purpose in ("renewal", "return"):
        return Certification.Kind.RENEWAL
    lower = Certification.objects.filter(person=person, track__level__rank__lt=track.level.rank, ending=None)
    return Certification.Kind.PROMOTION if lower.exists() else Certification.Kind.FIRST


@transaction.atomic
def import_history(
    *,
    person: User,
    track: CertificationTrack,
    awarded_on: date,
    valid_through: date,
    now: datetime,
    actor: User | None,
    document_number: str = "",
    reason: str = "",
    told: bool = True,
    old_serial: str = "",
    score: str = "",
) -> Certification:
    """A past certification from before this academy, as HR's records have it. ``told``: its holder hears of it.
    ``old_serial`` is the number of the certificate from before, ``score`` that of its exam as the records write it."""
    if valid_through < awarded_on:
        raise RuleViolation(_("The last valid day lies before the award."))
    expires = valid_through + timedelta(days=1)
    dates = Dates(
        awarded_on, expires, valid_through, max(awarded_on, add_months(expires, -track.window_months)), expires
    )
    return _create(
        person=person,
        track=track,
        kind=Certification.Kind.HISTORY,
        dates=dates,
        awarded_on=awarded_on,
        version=None,
        evidence=[
            {
                "kind": "history",
                "label": reason or document_number,
                "on": str(awarded_on),
                **({"serial": old_serial} if old_serial else {}),
                **({"score": score} if score else {}),
            }
        ],
        now=now,
        actor=actor,
        action=IMPORT,
        document_number=document_number,
        told=told,
    )


def _create(
    *,
    person: User,
    track: CertificationTrack,
    kind: str,
    dates: Dates,
    awarded_on: date,
    version: RuleVersion | None,
    evidence: list[dict[str, Any]],
    now: datetime,
    actor: User | None,
    action: str,
    document_number: str = "",
    told: bool = True,
) -> Certification:
    _take_turn(person)
    same = Certification.objects.filter(person=person, track=track, ending=None, valid_from=dates.valid_from).first()
    if same is not None:
        return same
    posting = Posting.objects.current().effective(awarded_on).filter(person=person, primary=True).first()
    certification = Certification.objects.create(
        person=person,
        track=track,
        cycle=1 + Certification.objects.filter(person=person, track=track).count(),
        kind=kind,
        awarded_on=awarded_on,
        valid_from=dates.valid_from,
        valid_through=dates.valid_through,
        renew_from=dates.renew_from if track.renewable else None,
        anchor=dates.anchor,
        grace_days=track.grace_days,
        rule_version=version,
        evidence=evidence,
        document_number=document_number,
        branch=posting.branch if posting else None,
        recorded_at=now,
        recorded_by=actor,
    )
    record(
        action,
        now=now,
        actor=actor,
        about=certification,
        person=person,
        after={"track": track.code, "from": dates.valid_from, "through": dates.valid_through, "kind": kind},
        fact=certification,
    )
    AwardCandidate.objects.filter(person=person, track=track, closed_at=None).update(closed_at=now)
    issue_certificate(certification=certification, now=now, issued_by=actor, told=told)
    return certification


@transaction.atomic
def award_by_decision(
    *,
    person: User,
    track: CertificationTrack,
    kind: str,
    dates: Dates,
    version: RuleVersion | None,
    evidence: list[dict[str, Any]],
    now: datetime,
    actor: User | None,
    document_number: str = "",
) -> Certification:
    """What two people decided though the rules alone would not give it: by hand, reinstated, or lower than before."""
    return _create(
        person=person,
        track=track,
        kind=kind,
        dates=dates,
        awarded_on=local_day(now),
        version=version,
        evidence=evidence,
        now=now,
        actor=actor,
        action=AWARD,
        document_number=document_number,
    )


def _take_turn(person: User) -> None:
    """The person's row is the lock. It is taken before anything is judged: of two requests on either side of midnight
    the second would else award a second time, by a judgement from before the first."""
    # Others may refer to the row meanwhile: its key does not change.
    User.objects.select_for_update(no_key=True).get(pk=person.pk)


@transaction.atomic
def revoke_certification(
    *, certification: Certification, reason: str, now: datetime, actor: User | None
) -> CertificationEnding:
    """Takes a certification away from today on. Idempotent: the first reason stands. Raises ``RuleViolation``."""
    return end_certification(
        certification=certification,
        kind=CertificationEnding.Kind.REVOKED,
        effective_on=local_day(now),
        reason=reason,
        now=now,
        actor=actor,
    )


@transaction.atomic
def end_certification(
    *,
    certification: Certification,
    kind: str,
    effective_on: date,
    reason: str,
    now: datetime,
    actor: User | None,
) -> CertificationEnding:
    """``effective_on`` is the first day on which it no longer holds. Idempotent. Raises ``RuleViolation``."""
    if not reason.strip():
        raise RuleViolation(_("A reason is needed."))
    ending, created = CertificationEnding.objects.get_or_create(
        certification=certification,
        defaults={
            "kind": kind,
            "effective_on": effective_on,
            "reason": reason.strip(),
            "recorded_at": now,
            "recorded_by": actor,
        },
    )
    if created:
        record(
            REVOKE if kind == CertificationEnding.Kind.REVOKED else END,
            now=now,
            actor=actor,
            about=certification,
            person=certification.person,
            reason=reason.strip(),
            after={"from": ending.effective_on},
            fact=ending,
        )
    return ending


@transaction.atomic
@by_what_stands_now()
def award_all_met(*, person: User, now: datetime) -> list[Certification]:
    """Awards every automatic track whose requirements are met, and notes where the person stands ready for HR.

    Called when a fact came in. Idempotent. The rules are read once; the facts anew for each judgement, since an award is one.
    """
    tracks = list(CertificationTrack.objects.filter(active=True).select_related("level", "design"))
    _take_turn(person)
    judged = judge_many(people=[person], tracks=tracks, today=local_day(now))
    awarded: list[Certification] = []
    # What is awarded may be what another track asked for; each track awards once at most.
    for _round in tracks:
        made = award_met(people=[person], tracks=tracks, judged=judged, now=now, in_turn=True)
        if not made:
            break
        awarded += made
        judged = judge_many(people=[person], tracks=tracks, today=local_day(now))
    note_candidates(people=[person], tracks=tracks, judged=judged, now=now)
    note_openings(people=[person], tracks=tracks, judged=judged, now=now)
    return awarded


def award_met(
    *,
    people: Iterable[User],
    tracks: Iterable[CertificationTrack],
    judged: dict[tuple[int, int], Judgement],
    now: datetime,
    in_turn: bool = False,
) -> list[Certification]:
    """Awards what is judged met on the tracks that award at once. ``in_turn``: the one person was judged in their turn."""
    at_once = [track for track in tracks if track.award == CertificationTrack.Award.AUTOMATIC]
    met = [(person, track) for person in people for track in at_once if judged[person.pk, track.pk].met]
    awarded: list[Certification] = []
    for person, track in met:
        # After an award everything is judged anew.
        known = judged[person.pk, track.pk] if in_turn and not awarded else None
        made = award_if_met(person=person, track=track, now=now, judged=known)
        if made is not None:
            awarded.append(made)
    return awarded
