"""What an award asks about its person: read at once, in the person's turn."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from academy.models import Employment, Posting, User
from academy.requests.prepared import BoundQuery, PreparedQuery
from academy.requests.together import asked_together
from certificates.models import AwardCandidate, Certification, CertificationTrack
from certificates.models.certifications import CERTIFICATIONS

LOCKED = PreparedQuery(lambda pk: User.objects.select_for_update(no_key=True).filter(pk=pk).values_list("pk"))
EMPLOYED = PreparedQuery(
    lambda person, on: Employment.objects.current().effective(on).filter(person=person).values_list("pk", flat=True)
)
POSTED = PreparedQuery(
    lambda person, on: (
        Posting.objects.current().effective(on).filter(person=person, primary=True).select_related("branch")
    )
)
CANDIDACIES = PreparedQuery(
    lambda person: AwardCandidate.objects.filter(person=person, closed_at=None).values_list("track", flat=True)
)


@dataclass(frozen=True)
class AwardFacts:
    """As they stand on the day of the award."""

    employed: bool
    posting: Posting | None
    certifications: tuple[Certification, ...]
    # The tracks on which they stand ready for HR.
    candidacies: frozenset[int]

    def on(self, track: CertificationTrack) -> list[Certification]:
        return [row for row in self.certifications if row.track_id == track.pk]

    def same(self, track: CertificationTrack, valid_from: date) -> Certification | None:
        """The award that stands and begins on that day."""
        return next((row for row in self.on(track) if _stands(row) and row.valid_from == valid_from), None)

    def holds_below(self, track: CertificationTrack) -> bool:
        return any(_stands(row) and track.level.is_above(row.track.level) for row in self.certifications)


def _stands(row: Certification) -> bool:
    return getattr(row, "ending", None) is None


def asks_of_award(person: int, on: date) -> list[BoundQuery[Any] | None]:
    """What ``award_facts`` asks."""
    return [
        EMPLOYED.bound(person=person, on=on),
        POSTED.bound(person=person, on=on),
        CERTIFICATIONS.bound(people=[person]),
        CANDIDACIES.bound(person=person),
    ]


def award_facts(person: User, on: date) -> AwardFacts:
    with asked_together(*asks_of_award(person.pk, on)):
        return AwardFacts(
            employed=bool(EMPLOYED.rows(person=person.pk, on=on)),
            posting=POSTED.first(person=person.pk, on=on),
            certifications=tuple(CERTIFICATIONS.rows(people=[person.pk])),
            candidacies=frozenset(CANDIDACIES.rows(person=person.pk)),
        )


def take_turn(person: User) -> None:
    """The person's row is the lock. It is taken before anything is judged: of two requests on either side of midnight
    the second would else award a second time, by a judgement from before the first."""
    # Others may refer to the row meanwhile: its key does not change.
    if LOCKED.first(pk=person.pk) is None:
        raise User.DoesNotExist
