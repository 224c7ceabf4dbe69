"""Who could be awarded what, as every list of HR says it: what is met, the round it waits for, the level that was taken away
before, and the proposal that a second person has to decide."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, F, OuterRef
from django.db.models.fields.json import KT

from academy.models import Proposal, User
from certificates.award.waiting import held_for_rounds, waiting_words
from certificates.deciding.endings import EndedBefore, ended_before
from certificates.models import AwardCandidate, CertificationTrack
from certificates.rules.judging import Judgement, judge_many
from certificates.rules.standing import Standing

# Every act about levels is called so, and keeps the code of its track.
ABOUT_LEVELS = "certificates."


@dataclass(frozen=True)
class AwardState:
    """One person on one track; ``standing`` is None where nothing can be awarded today. ``waits`` says for which round the
    award does, ``ended`` that the level was taken away and which evidence was refused, ``proposal`` what is decided next.
    """

    person: User
    track: CertificationTrack
    standing: Standing | None
    waits: str = ""
    ended: EndedBefore | None = None
    proposal: Proposal | None = None

    @property
    def may_be_awarded(self) -> bool:
        return self.standing is not None and self.standing.met and not self.waits and self.proposal is None


def a_proposal_waits(person: str, track: str) -> Exists:
    """Whether a decision about the level waits for a second person, of the outer row's person and code of the track."""
    waiting = Proposal.objects.alias(about=KT("facts__track")).filter(
        state=Proposal.State.WAITING,
        action__startswith=ABOUT_LEVELS,
        people=OuterRef(person),
        about=OuterRef(track),
    )
    return Exists(waiting)


def waiting_proposals(people: Collection[int]) -> dict[tuple[int, str], Proposal]:
    """By person and code of the track, the decision about it that waits for a second person. One query."""
    waiting = {"state": Proposal.State.WAITING, "action__startswith": ABOUT_LEVELS}
    rows = Proposal.objects.filter(**waiting, people__in=people)
    found = rows.annotate(whom=F("people")).order_by("proposed_at", "pk")
    return {(proposal.whom, str(proposal.facts.get("track", ""))): proposal for proposal in found}


def award_states(people: Sequence[User], tracks: Sequence[CertificationTrack], today: date) -> list[AwardState]:
    """Each person on each track, the people in their order. A constant number of queries, however many people they are."""
    if not people or not tracks:
        return []
    return states_of(people, tracks, judge_many(people=people, tracks=tracks, today=today), today)


def states_of(
    people: Sequence[User],
    tracks: Sequence[CertificationTrack],
    judged: dict[tuple[int, int], Judgement],
    today: date,
) -> list[AwardState]:
    """The same of what was judged."""
    asked = [(person.pk, track, judged[person.pk, track.pk]) for person in people for track in tracks]
    held = held_for_rounds(asked, today)
    waits = {key: waiting_words(certification_round) for key, certification_round in held.items()}
    proposals = waiting_proposals([person.pk for person in people])
    ended: dict[tuple[int, int], EndedBefore] = {}
    for track in tracks:
        taken = [person.pk for person in people if judged[person.pk, track.pk].revoked]
        found = ended_before(taken, track) if taken else {}
        ended |= {(person, track.pk): before for person, before in found.items()}
    return [
        AwardState(
            person,
            track,
            judged[key].standing,
            waits.get(key, ""),
            ended.get(key),
            proposals.get((person.pk, track.code)),
        )
        for person in people
        for track in tracks
        for key in [(person.pk, track.pk)]
    ]


def stands_ready_for(person: User, today: date) -> list[AwardState]:
    """The levels that wait for a decision about one person, as the ready list says them. One query where there are none."""
    rows = AwardCandidate.objects.filter(person=person, closed_at=None, track__active=True)
    tracks = [row.track for row in rows.select_related("track__level").order_by("track__level__rank", "track__code")]
    states = award_states([person], tracks, today)
    return [state for state in states if state.standing is not None and state.standing.met]
