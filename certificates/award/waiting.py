"""Where a level is awarded in a round: rolling award, at once or by HR, waits for the round there."""

from collections.abc import Collection, Iterable
from datetime import date
from typing import Protocol

from academy.models import Posting
from academy.requests.kept.answers import shared
from certificates.models import CertificationRound, RoundApplication


class Purposeful(Protocol):
    """A judgement, or the rung of a ladder that was made of one."""

    @property
    def purpose(self) -> str | None: ...


def rounds_going_on(tracks: Collection[int]) -> list[CertificationRound]:
    """Announced and neither closed nor cancelled. One query, the same for everybody."""
    going_on = CertificationRound.objects.filter(announced_at__isnull=False, closed_at=None, cancelled_at=None)
    rows = going_on.select_related("branch").order_by("pk")
    return [
        certification_round
        for certification_round in shared("rounds-going-on", lambda: list(rows))
        if certification_round.track_id in tracks
    ]


def reaches(certification_round: CertificationRound, posting: Posting | None) -> bool:
    """Whether the round is for who is posted so. Pure."""
    if posting is None:
        return False
    if certification_round.branch is not None and not posting.branch.path.startswith(certification_round.branch.path):
        return False
    return not certification_round.lines or posting.position.line in certification_round.lines


def held_for_rounds(
    judged: Iterable[tuple[int, int, Purposeful]], today: date
) -> dict[tuple[int, int], CertificationRound]:
    """Of (person, track, judgement) those whose award waits, with the round for which it does.

    A first award waits where a round is for the person's branch and line of the day; any award for who applied in one.
    One query while no round goes on, else three.
    """
    judged = list(judged)
    rounds = rounds_going_on({track for _person, track, _found in judged}) if judged else []
    if not rounds:
        return {}
    people = {person for person, _track, _found in judged}
    postings = Posting.objects.current().effective(today).filter(person__in=people, primary=True)
    placed = {posting.person_id: posting for posting in postings.select_related("branch", "position")}
    standing = RoundApplication.objects.filter(person__in=people, round__in=rounds, closed_at=None)
    applied = {(person, track): key for person, track, key in standing.values_list("person", "track", "round")}
    by_key = {certification_round.pk: certification_round for certification_round in rounds}
    found: dict[tuple[int, int], CertificationRound] = {}
    for person, track, judgement in judged:
        if (person, track) in applied:
            found[person, track] = by_key[applied[person, track]]
        elif judgement.purpose == "first":
            here = (
                certification_round
                for certification_round in rounds
                if certification_round.track_id == track and reaches(certification_round, placed.get(person))
            )
            first = next(here, None)
            if first is not None:
                found[person, track] = first
    return found
