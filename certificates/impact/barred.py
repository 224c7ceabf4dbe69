"""Posts that ask for a level which nobody in them could obtain any more once a draft of its requirements takes effect."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from academy.bilingual import listed
from academy.models import Position
from certificates.curriculum.changing import version_in
from certificates.models import Certification, CertificationTrack, PositionRequirement, Requirement
from certificates.posts.asking import people_in_posts, positions_asked, shut_out, ways_on
from certificates.rules.barring import Way
from certificates.rules.evidence import requirement_label


def posts_barred_by(draft: dict[str, Any], day: date) -> list[str]:
    """In words, what posts ask that nobody there could obtain by the draft though they can as the rules stand. A constant
    number of queries, and two for each of them."""
    track = CertificationTrack.objects.select_related("level").get(pk=draft["track"])
    version = version_in(draft)
    if version is None or not track.active:
        return []
    before = ways_on(day)
    after = before | {track.pk: Way(track.level, list(version.requirements.all()))}
    told, everywhere = [], list(Position.objects.order_by("code"))
    for asked in _standing(track, day):
        positions = positions_asked(asked, everywhere)
        stood = shut_out(list(before.values()), asked.level, positions)
        shut = shut_out(list(after.values()), asked.level, positions)
        fresh = {position: barred for position, barred in shut.items() if position not in stood}
        if fresh:
            named = [str(position) for position in everywhere if position.pk in fresh]
            told.append(_in_words(asked, fresh, named, day))
    return told


def _standing(track: CertificationTrack, day: date) -> Iterator[PositionRequirement]:
    """The requirements of posts, of the day or later, that this track could meet."""
    rows = PositionRequirement.objects.current().filter(Q(effective_until=None) | Q(effective_until__gte=day))
    for asked in rows.select_related("level", "position", "branch").order_by("effective_from", "pk"):
        if track.level.contains(asked.level):
            yield asked


def _in_words(asked: PositionRequirement, shut: dict[int, list[Requirement]], named: list[str], day: date) -> str:
    people = people_in_posts(asked, max(day, asked.effective_from), shut)
    holding = Certification.objects.holding(day).filter(asked.level.or_higher("track__level"), person__in=people)
    without = len(set(people) - set(holding.values_list("person", flat=True)))
    asks = dict.fromkeys(requirement_label(one) for barred in shut.values() for one in barred)
    text = _(
        "Posts must hold %(level)s and nobody could obtain it there any more: %(posts)s. The level would ask for %(asks)s. "
        "In these posts without it: %(count)s."
    )
    return text % {"level": asked.level.code, "posts": listed(named), "asks": listed(list(asks)), "count": without}
