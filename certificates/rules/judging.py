"""What could be awarded next, to many people on many tracks: the edge between the facts and the pure standing."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.conf import settings

from academy.dates.periods import add_months
from academy.models import User
from academy.requests.kept.answers import shared
from academy.requests.prepared import PreparedQuery
from academy.staff.leaves import leaves_of
from certificates.models import Certification, CertificationEnding, CertificationTrack, RuleVersion
from certificates.rules.evidence import asked_by, evidence_for, rules_on
from certificates.rules.standing import Asked, Standing, evaluate
from certificates.validity import through_with_leave


def purpose_on(current: Certification | None, through: date | None, today: date) -> str | None:
    """``first``, ``renewal``, ``return``, or None when nothing can be awarded on the day. ``through``: its last valid day.

    What lapsed comes back by what renews it, until a limit of months is over; then it is earned anew.
    """
    if current is None or through is None:
        return "first"
    if has_lapsed(current, through, today):
        return "return" if current.track.renewable and today <= return_limit(through) else "first"
    if current.track.renewable and current.renew_from is not None and today >= current.renew_from:
        return "renewal"
    return None


def has_lapsed(current: Certification, through: date, today: date) -> bool:
    """Run out, and the grace after it over."""
    return today > through + timedelta(days=current.grace_days)


def return_limit(through: date) -> date:
    """The last day on which what lapsed after ``through`` comes back by what renews it."""
    return add_months(through, settings.RETURN_LIMIT_MONTHS)


@dataclass(frozen=True)
class Judgement:
    """What could be awarded next on a track: the standing, its rules, and whether it is a first award, a renewal or a
    return.

    ``through`` is the last valid day of ``current``, leave counted in. ``standing`` is None when nothing can be awarded on the day. ``cycle`` is the number the award would carry.
    ``revoked``: a person took the last one away, so only a person may give it again.
    """

    standing: Standing | None
    version: RuleVersion | None
    purpose: str | None
    current: Certification | None
    cycle: int
    revoked: bool = False
    through: date | None = None

    @property
    def met(self) -> bool:
        return self.standing is not None and self.standing.met


AWARDED = PreparedQuery(
    lambda people, tracks: (
        Certification.objects.filter(person__in=people, track__in=tracks)
        .select_related("track", "ending")
        .order_by("cycle")
    )
)


def _asked(versions: dict[int, RuleVersion]) -> dict[tuple[int, str], tuple[Asked, ...]]:
    """What each track asks of whom, in the words of the reader's language."""
    return {
        (pk, purpose): asked_by(version, purpose)
        for pk, version in versions.items()
        for purpose in ("first", "renewal")
    }


def judge_many(
    *, people: Iterable[User], tracks: Iterable[CertificationTrack], today: date
) -> dict[tuple[int, int], Judgement]:
    """Judges people on tracks, by (person, track). A constant number of queries, however many they are."""
    people, tracks = list(people), list(tracks)
    versions = rules_on(tracks, today)
    leaves = leaves_of([person.pk for person in people])
    evidence = evidence_for(people, today, leaves=leaves)
    asked = shared(f"asked-{today}-{'-'.join(str(pk) for pk in sorted(versions))}", lambda: _asked(versions))
    cycles: dict[tuple[int, int], int] = {}
    newest: dict[tuple[int, int], Certification] = {}
    revoked: dict[tuple[int, int], bool] = {}
    for one in AWARDED.rows(people=[person.pk for person in people], tracks=[track.pk for track in tracks]):
        key = (one.person_id, one.track_id)
        cycles[key] = cycles.get(key, 0) + 1
        ending = getattr(one, "ending", None)
        revoked[key] = ending is not None and ending.kind == CertificationEnding.Kind.REVOKED
        if ending is None:
            newest[key] = one
    found: dict[tuple[int, int], Judgement] = {}
    for person in people:
        for track in tracks:
            key = (person.pk, track.pk)
            current, version = newest.get(key), versions.get(track.pk)
            through = None
            if current is not None:
                through = through_with_leave(
                    valid_from=current.valid_from,
                    valid_through=current.valid_through,
                    leaves=leaves.get(person.pk, ()),
                    on=today,
                )
            purpose, standing = purpose_on(current, through, today), None
            if purpose is not None and version is not None:
                renewing = asked[track.pk, "renewal"]
                if purpose == "return" and (not renewing or revoked.get(key, False)):
                    purpose = "first"
                validity = None
                if current is not None and through is not None and purpose != "first":
                    validity = (current.valid_from, through)
                standing = evaluate(
                    renewing if purpose in ("renewal", "return") else asked[track.pk, "first"],
                    evidence[person.pk],
                    today,
                    cycle_from=current.renew_from if current is not None and purpose != "first" else None,
                    anew_from=_anew_from(track, through) if purpose == "first" else None,
                    validity=validity,
                )
            found[key] = Judgement(
                standing,
                version,
                purpose,
                current,
                cycles.get(key, 0) + 1,
                revoked=revoked.get(key, False),
                through=through,
            )
    return found


def _anew_from(track: CertificationTrack, through: date | None) -> date | None:
    """Who begins anew does not pass by what was passed for the level that lapsed. One that cannot be renewed is no
    cycle: what was passed for it counts for good, and whether it is given again a person decides."""
    return through + timedelta(days=1) if through is not None and track.renewable else None


def judge(*, person: User, track: CertificationTrack, today: date) -> Judgement:
    """One person on one track."""
    return judge_many(people=[person], tracks=[track], today=today)[person.pk, track.pk]
