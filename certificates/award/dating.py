"""The span of an award on a track: the edge between the track's settings, the posting and the pure dates."""

from collections.abc import Collection
from datetime import date, timedelta

from academy.dates.periods import add_months
from academy.models import Posting, User
from certificates.models import CertificationTrack
from certificates.rules.dates import Dates, NoDates, certification_dates, first_occurrence, posting_dates


def dates_of_award(*, person: User, track: CertificationTrack, completed_on: date, through: date | None) -> Dates:
    """The span by the track's mode; ``through`` is the last valid day of the one before. Raises ``NoDates``."""
    posting = None
    if track.mode == CertificationTrack.Mode.POSTING:
        posting = primary_postings([person.pk], completed_on).get(person.pk)
    return dates_from(track=track, completed_on=completed_on, through=through, posting=posting)


def primary_postings(people: Collection[int], on: date) -> dict[int, Posting]:
    """By person, the primary posting of a day, the first where several are. One query."""
    rows = Posting.objects.current().effective(on).filter(person__in=people, primary=True)
    return {row.person_id: row for row in rows.order_by("-effective_from")}


def dates_from(
    *, track: CertificationTrack, completed_on: date, through: date | None, posting: Posting | None
) -> Dates:
    """The same, of a posting that is known; a track that does not count from it needs none. Raises ``NoDates``. Pure."""
    if track.mode == CertificationTrack.Mode.POSTING:
        if posting is None:
            raise NoDates("no posting")
        return posting_dates(awarded_on=completed_on, posted_on=posting.post_began, months=track.active_months)
    anchor_day = date(
        2000, track.anchor_month, min(track.anchor_day, 28 if track.anchor_month == 2 else track.anchor_day)
    )
    fixed = track.mode == CertificationTrack.Mode.FIXED
    expiry = through + timedelta(days=1) if through else None
    return certification_dates(
        mode=track.mode,
        completed_on=completed_on,
        active=track.active_months,
        window=track.window_months,
        minimum=track.minimum_months,
        expiry=expiry,
        due=first_occurrence(anchor_day, after=completed_on) if fixed else None,
    )


def people_out_of_time(people: Collection[int], track: CertificationTrack, on: date) -> set[int]:
    """Of these those to whom the track can give no day any more: its time after taking up the post is over. A person
    decides about them. One query for a track that counts from the posting and somebody asked about, else none."""
    if track.mode != CertificationTrack.Mode.POSTING or not people:
        return set()
    rows = Posting.objects.current().effective(on).filter(person__in=people, primary=True)
    return {row.person_id for row in rows if add_months(row.post_began, track.active_months) <= on}
