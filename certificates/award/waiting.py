"""Where a level is awarded in a round: rolling award, at once or by HR, waits there for the one that goes on, and where a
track says in rounds only, for the next."""

from collections.abc import Collection, Iterable
from datetime import date
from typing import Protocol

from django.utils.translation import gettext as _

from academy.models import Posting
from academy.requests.kept.answers import shared
from certificates.models import CertificationRound, CertificationTrack, RoundApplication


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
    judged: Iterable[tuple[int, CertificationTrack, Purposeful]], today: date
) -> dict[tuple[int, int], CertificationRound | None]:
    """Of (person, track, judgement) those whose award waits, by the keys of both, with the round for which it does; None is
    the next one, which is not announced yet.

    A first award waits where a round is for the person's branch and line of the day, and without one where the track is
    awarded to the line in rounds only; any award for who applied in one. One query while no round goes on and no track
    is so, else two or three.
    """
    judged = list(judged)
    tracks = {track.pk: track for _person, track, _found in judged}
    rounds = rounds_going_on(tracks) if judged else []
    if not rounds and not any(track.round_lines for track in tracks.values()):
        return {}
    people = {person for person, _track, _found in judged}
    postings = Posting.objects.current().effective(today).filter(person__in=people, primary=True)
    placed = {posting.person_id: posting for posting in postings.select_related("branch", "position")}
    applied = _applied(people, rounds) if rounds else {}
    found: dict[tuple[int, int], CertificationRound | None] = {}
    for person, track, judgement in judged:
        key, posting = (person, track.pk), placed.get(person)
        here = next((held for held in rounds if held.track_id == track.pk and reaches(held, posting)), None)
        if key in applied:
            found[key] = applied[key]
        elif judgement.purpose == "first" and (here is not None or in_rounds_only(track, posting)):
            found[key] = here
    return found


def in_rounds_only(track: CertificationTrack, posting: Posting | None) -> bool:
    """Whether who is posted so is awarded it in rounds only. Pure."""
    return posting is not None and posting.position.line in track.round_lines


def _applied(people: Collection[int], rounds: list[CertificationRound]) -> dict[tuple[int, int], CertificationRound]:
    by_key = {certification_round.pk: certification_round for certification_round in rounds}
    standing = RoundApplication.objects.filter(person__in=people, round__in=rounds, closed_at=None)
    return {(person, track): by_key[key] for person, track, key in standing.values_list("person", "track", "round")}


def waiting_words(certification_round: CertificationRound | None) -> str:
    """For which round an award waits, as HR reads it."""
    if certification_round is None:
        return _("It is awarded to this line in certification rounds only: it waits for the next one.")
    return _("It is awarded in the round %(name)s.") % {"name": certification_round.local_name}
