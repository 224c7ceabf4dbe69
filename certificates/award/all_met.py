"""Awards all that a person, or many, have met: when a fact came in, and by the day's pass."""

from collections.abc import Iterable
from datetime import date, datetime

from django.db import transaction

from academy.calendar.clock import local_day
from academy.models import User
from academy.requests.kept.answers import by_what_stands_now
from academy.requests.prepared import PreparedQuery
from academy.requests.together import asked_together
from certificates.award.awarding import award_if_met
from certificates.award.candidates import ASKED_FOR, note_candidates
from certificates.award.facts import AwardFacts, asks_of_award, award_facts, take_turn
from certificates.award.openings import note_openings
from certificates.models import AwardCandidate, Certification, CertificationTrack
from certificates.rules.evidence import asks_of_evidence
from certificates.rules.judging import Judgement, judge_many

TRACKS = PreparedQuery(lambda: CertificationTrack.objects.filter(active=True).select_related("level", "design"))


# What fails here and below fails for the caller's whole act: no savepoints of their own.
@transaction.atomic(savepoint=False)
@by_what_stands_now()
def award_all_met(*, person: User, now: datetime) -> list[Certification]:
    """Awards every automatic track whose requirements are met, and notes where the person stands ready for HR.

    Called when a fact came in. Idempotent. The rules are read once; the facts anew for each judgement, since an award is one.
    """
    tracks = TRACKS.rows()
    take_turn(person)
    judged, facts, candidates = _judged_in_turn(person, tracks, local_day(now))
    awarded: list[Certification] = []
    # What is awarded may be what another track asked for; each track awards once at most.
    for _round in tracks:
        made = award_met(people=[person], tracks=tracks, judged=judged, now=now, facts=facts)
        if not made:
            break
        awarded += made
        judged, facts, candidates = _judged_in_turn(person, tracks, local_day(now))
    note_candidates(people=[person], tracks=tracks, judged=judged, now=now, rows=candidates)
    note_openings(people=[person], tracks=tracks, judged=judged, now=now)
    return awarded


def _judged_in_turn(
    person: User, tracks: list[CertificationTrack], today: date
) -> tuple[dict[tuple[int, int], Judgement], AwardFacts, list[AwardCandidate]]:
    """Judged anew, with what an award and the list of candidates ask, by one statement."""
    candidates = ASKED_FOR.bound(people=[person.pk], tracks=[track.pk for track in tracks])
    asks = asks_of_evidence([person.pk], today)
    with asked_together(*asks, *asks_of_award(person.pk, today), candidates):
        judged = judge_many(people=[person], tracks=tracks, today=today)
        return judged, award_facts(person, today), candidates.rows() if candidates is not None else []


def award_met(
    *,
    people: Iterable[User],
    tracks: Iterable[CertificationTrack],
    judged: dict[tuple[int, int], Judgement],
    now: datetime,
    facts: AwardFacts | None = None,
) -> list[Certification]:
    """Awards what is judged met on the tracks that award at once. ``facts`` are those of the one person, who was judged in
    their turn."""
    at_once = [track for track in tracks if track.award == CertificationTrack.Award.AUTOMATIC]
    met = [(person, track) for person in people for track in at_once if judged[person.pk, track.pk].met]
    awarded: list[Certification] = []
    for person, track in met:
        # After an award everything is judged anew.
        known = (judged[person.pk, track.pk], facts) if facts is not None and not awarded else None
        made = award_if_met(person=person, track=track, now=now, known=known)
        if made is not None:
            awarded.append(made)
    return awarded
