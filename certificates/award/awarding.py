"""Award: from a standing to a certification. Awarding twice is the same award."""

from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from academy.calendar.clock import local_day
from academy.dates.periods import add_months
from academy.errors.refusals import RuleViolation
from academy.journal import record, register_action
from academy.models import User
from academy.requests.prepared_writes import PreparedInsert
from academy.requests.together import asked_together
from academy.staff.access import own_refusal
from certificates.award.dating import dates_of_award
from certificates.award.facts import EMPLOYED, AwardFacts, asks_of_award, award_facts, take_turn
from certificates.award.waiting import held_for_rounds, waiting_words
from certificates.document.issuing import SerialNumber, blocking_characters, issue_certificate, take_number
from certificates.models import AwardCandidate, Certification, CertificationEnding, CertificationTrack, RuleVersion
from certificates.rules.dates import Dates, NoDates
from certificates.rules.evidence import asks_of_evidence
from certificates.rules.judging import Judgement, judge
from certificates.rules.standing import Standing

NEW = PreparedInsert(Certification)

AWARD = register_action("certificates.award", gettext_lazy("Certification awarded"))
IMPORT = register_action("certificates.import_history", gettext_lazy("Past certification recorded"))
REVOKE = register_action("certificates.revoke", gettext_lazy("Certification revoked"))
END = register_action("certificates.end", gettext_lazy("Certification ended"))


def award_refusal(
    *,
    person: User,
    track: CertificationTrack,
    judged: Judgement,
    today: date,
    actor: User | None = None,
    facts: AwardFacts | None = None,
) -> str | None:
    """Why HR cannot award now, or None. Nobody awards a level to themselves. ``facts`` are those of today, where they are at
    hand."""
    own = own_refusal(actor, [person.pk])
    if own:
        return own
    standing = judged.standing
    if not (facts.employed if facts is not None else EMPLOYED.rows(person=person.pk, on=today)):
        return _("This person is not employed here today.")
    if judged.purpose is None:
        return _("This person holds the level, and its renewal is not open yet.")
    if standing is None:
        return _("This track has no requirements in force.")
    if not standing.met:
        return _("Still missing: %(what)s") % {
            "what": pgettext("between reasons", "; ").join(str(line.asked.label) for line in standing.missing)
        }
    waits = held_for_rounds([(person.pk, track, judged)], today)
    if waits:
        return waiting_words(next(iter(waits.values())))
    try:
        dates_of_award(person=person, track=track, completed_on=today, through=judged.baseline)
    except NoDates:
        return _("The time after taking up the post is over.")
    return None


@transaction.atomic(savepoint=False)
def award_if_met(
    *,
    person: User,
    track: CertificationTrack,
    now: datetime,
    actor: User | None = None,
    known: tuple[Judgement, AwardFacts] | None = None,
) -> Certification | None:
    """Awards when every requirement is met. Idempotent.

    An approval track, and a level that was revoked, is awarded by an actor only. ``known`` is what the caller found in
    this transaction since it has taken the person's turn; without it the person is judged here.
    """
    today = local_day(now)
    if track.award == CertificationTrack.Award.APPROVAL and actor is None:
        return None
    if known is None:
        take_turn(person)
        with asked_together(*asks_of_evidence([person.pk], today), *asks_of_award(person.pk, today)):
            known = judge(person=person, track=track, today=today), award_facts(person, today)
    judged, facts = known
    if actor is None and judged.revoked:
        return None
    if (
        not track.active
        or judged.standing is None
        or award_refusal(person=person, track=track, judged=judged, today=today, actor=actor, facts=facts)
    ):
        return None
    return _award_judged(person=person, track=track, judged=judged, facts=facts, awarded_on=today, now=now, actor=actor)


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
    take_turn(person)
    return _award_judged(
        person=person,
        track=track,
        judged=judged,
        facts=award_facts(person, awarded_on),
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
    facts: AwardFacts,
    awarded_on: date,
    now: datetime,
    actor: User | None,
    document_number: str = "",
) -> Certification:
    """Writes the award for which everything is met; ``facts`` are those of its day, in the person's turn."""
    standing = judged.standing
    assert standing is not None
    return _create(
        person=person,
        track=track,
        kind=_kind_of_award(track, judged, facts),
        dates=dates_of_award(person=person, track=track, completed_on=awarded_on, through=judged.baseline),
        awarded_on=awarded_on,
        version=judged.version,
        evidence=evidence_of(standing),
        now=now,
        actor=actor,
        action=AWARD,
        document_number=document_number,
        facts=facts,
    )


def evidence_of(standing: Standing) -> list[dict[str, Any]]:
    """What a certification keeps of what it was awarded for: each requirement that is met, by which day, and those that
    were not asked of the holder's post."""
    met = [
        {
            "requirement": line.asked.pk,
            "kind": line.asked.kind,
            "on": str(line.evidence_on),
            **({"decided": line.decided} if line.decided else {}),
        }
        for line in standing.lines
        if line.met
    ]
    return [
        *met,
        *({"requirement": asked.pk, "kind": asked.kind, "not_asked": True} for asked in standing.not_asked),
    ]


def _kind_of_award(track: CertificationTrack, judged: Judgement, facts: AwardFacts) -> str:
    if judged.purpose in ("renewal", "return"):
        return Certification.Kind.RENEWAL
    return Certification.Kind.PROMOTION if facts.holds_below(track) else Certification.Kind.FIRST


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
        raise RuleViolation(_("The last valid day is before the award."))
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
    facts: AwardFacts | None = None,
) -> Certification:
    if facts is None:
        take_turn(person)
        facts = award_facts(person, awarded_on)
    same = facts.same(track, dates.valid_from)
    if same is not None:
        return same
    posting = facts.posting
    certification = Certification(
        person=person,
        track=track,
        cycle=1 + len(facts.on(track)),
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
    number = _written_with_number(certification, now)
    record(
        action,
        now=now,
        actor=actor,
        about=certification,
        person=person,
        after={"track": track.code, "from": dates.valid_from, "through": dates.valid_through, "kind": kind},
        fact=certification,
        as_written=True,
    )
    if track.pk in facts.candidacies:
        AwardCandidate.objects.filter(person=person, track=track, closed_at=None).update(closed_at=now)
    issue_certificate(certification=certification, now=now, issued_by=actor, told=told, number=number)
    return certification


def _written_with_number(certification: Certification, now: datetime) -> SerialNumber | None:
    """Writes it, and by the same statement takes the number of its certificate; None where that cannot be printed."""
    if blocking_characters(certification=certification):
        NEW.write(certification)
        return None
    NEW.write_soon(certification)
    return take_number(certification=certification, now=now)


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
