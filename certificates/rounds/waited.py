"""Who met everything while a round went on and did not stand in it: rolling award takes them up when the round is over."""

from datetime import datetime, timedelta

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from academy.calendar.clock import local_day
from academy.calendar.turns import register_turns
from academy.models import User
from certificates.award.awarding import award_if_met
from certificates.award.candidates import BATCH
from certificates.models import CertificationRound, CertificationTrack
from certificates.rounds.facts import people_reached
from certificates.rules.judging import judge_many

WAITED = register_turns(
    "who waited for a round", label=_("Awarding people who waited for a round"), model=User, tries=3
)
# So many days back, so that those on which no pass ran are made up for.
LOOKED_BACK = timedelta(days=7)


def award_who_waited(*, now: datetime) -> int:
    """The daily pass, of tracks that award at once; where HR decides, the pass over who stands ready notes them.
    Returns how many were awarded."""
    since = now - LOOKED_BACK
    over = CertificationRound.objects.filter(Q(closed_at__gte=since) | Q(cancelled_at__gte=since))
    over = over.filter(announced_at__isnull=False, track__award=CertificationTrack.Award.AUTOMATIC, track__active=True)
    tracks: dict[int, CertificationTrack] = {}
    people: set[int] = set()
    for certification_round in over.select_related("track__level", "track__design", "branch"):
        tracks[certification_round.track_id] = certification_round.track
        people |= set(people_reached(certification_round, local_day(now)).values_list("pk", flat=True))
    if not people:
        return 0

    def award(some: list[User]) -> int:
        judged = judge_many(people=some, tracks=tracks.values(), today=local_day(now))
        met = [(person, track) for person in some for track in tracks.values() if judged[person.pk, track.pk].met]
        return sum(award_if_met(person=person, track=track, now=now) is not None for person, track in met)

    return WAITED.together(User.objects.filter(pk__in=people), award, now=now, size=BATCH)
