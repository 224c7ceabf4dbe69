"""What the post asks for, what is to be renewed and what lapsed, as duties: the attesting floor's answer to what is due.

A level that the post asks for is due so many days after taking up the post; while it is held, or in the grace after
it ran out, the renewal speaks for it, and once it lapsed the way back. Who stands in no post of the ladder is not called
to renew.
"""

from collections.abc import Collection, Iterator
from datetime import date, timedelta

from django.db.models.query import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from academy.bilingual import in_every_language
from academy.dates.leave_effects import is_on_leave
from academy.duties.duty import Duty, register_duties
from academy.models import CareerLevel
from academy.requests.kept.answers import shared
from certificates.award.candidates import posts_of_the_ladder
from certificates.board.facts import Certified, Facts, asking_on, facts_of
from certificates.board.rule import HOLDS
from certificates.models import CertificationTrack
from certificates.rules.judging import has_lapsed, purpose_on
from certificates.validity import window_of

OBTAIN, RENEW, REGAIN = _("Obtain %(level)s"), _("Renew %(level)s"), _("Regain %(level)s")


@register_duties
def duties_of_posts_and_renewals(people: Collection[int], on: date) -> list[Duty]:
    """Kinds ``post``, ``renewal`` and ``lapsed``. Eight queries, however many people, and one more where a branch asks on its own."""
    if not people:
        return []
    asking = asking_on(on)
    facts = facts_of(people, on, asking)
    named = posts_of_the_ladder(on)
    tracks: dict[int, CertificationTrack] = {}
    for track in shared("tracks-of-levels", lambda: list(_active_tracks())):
        tracks[track.level_id] = track
    levels = {requirement.level_id: requirement.level for requirement in asking.requirements}
    duties: list[Duty] = []
    path = ladder_path()
    for person, known in facts.items():
        in_post = stands_on_ladder(known, named)
        lapsed = _lapsed(known, on)
        duties += _renewals(person, known, on, path, in_post=in_post)
        duties += _posts(person, known, on, path, levels, tracks, lapsed)
        if lapsed is not None and in_post:
            duties.append(_return(person, known, on, path, lapsed))
    return duties


def _active_tracks() -> QuerySet[CertificationTrack]:
    return CertificationTrack.objects.filter(active=True).select_related("level").order_by("-pk")


def stands_on_ladder(facts: Facts, named: set[int]) -> bool:
    """在岗: in a post of the ladder; in any post where none is named."""
    return any(not named or posting.position_id in named for posting in facts.postings)


def _posts(
    person: int,
    facts: Facts,
    on: date,
    path: str,
    levels: dict[int, CareerLevel],
    tracks: dict[int, CertificationTrack],
    lapsed: Certified | None,
) -> Iterator[Duty]:
    outcome = facts.judged(on)
    if outcome is None:
        return
    for demand in outcome.demands:
        if demand.cover not in HOLDS and _in_grace(facts, demand.rank, on):
            # The renewal is what is to be done.
            continue
        level, text = levels[demand.level], OBTAIN
        if lapsed is not None and demand.cover not in HOLDS and lapsed.certification.track.level.rank >= demand.rank:
            # What was held comes back sooner than what the post asks is had for the first time, and covers it.
            level, text = lapsed.certification.track.level, REGAIN
        track = tracks.get(level.pk)
        yield Duty(
            person_id=person,
            kind="post",
            key=f"post:{levels[demand.level].code}:{demand.since.isoformat()}",
            title=titled(text, level),
            path=path,
            since=demand.since,
            due_on=demand.due_on,
            done_on=demand.held_since,
            paused=outcome.on_leave,
            remind_days=track.reminder_days if track else (),
            facts={"level": level.code, "cover": demand.cover.value},
            subject=level.subject,
        )


def _in_grace(facts: Facts, rank: int, on: date) -> bool:
    return any(
        certified.certification.track.level.rank >= rank
        and not certified.ended
        and certified.through < on <= certified.through + timedelta(days=certified.certification.grace_days)
        for certified in facts.certified
    )


def _renewals(person: int, facts: Facts, on: date, path: str, *, in_post: bool) -> Iterator[Duty]:
    """One a track whose window is open, until the grace after it is over; done once the next cycle is awarded."""
    standing = [certified for certified in facts.certified if not certified.ended]
    rank = max(
        (certified.certification.track.level.rank for certified in standing if certified.through >= on), default=0
    )
    for certified in standing:
        track = certified.certification.track
        renew_from = window_of(certified.certification, facts.leaves, on)
        last = certified.through + timedelta(days=certified.certification.grace_days)
        if not track.renewable or renew_from is None or not renew_from <= on <= last or track.level.rank < rank:
            continue
        follower = _follower(certified, standing)
        if follower is None and not in_post:
            continue
        yield Duty(
            person_id=person,
            kind="renewal",
            key=f"renewal:{track.code}:{certified.certification.cycle}",
            title=titled(RENEW, track.level),
            path=path,
            since=renew_from,
            due_on=certified.through,
            done_on=follower.certification.valid_from if follower else None,
            paused=is_on_leave(facts.leaves, on),
            remind_days=track.reminder_days,
            facts={"level": track.level.code, "certification": certified.certification.pk},
            subject=track.level.subject,
        )


def _lapsed(facts: Facts, on: date) -> Certified | None:
    """The highest level that ran out, its grace too, and that what renews it brings back; none while one as high or
    higher is held, or after a person ended it."""
    newest = {certified.certification.track_id: certified for certified in facts.certified}
    standing = [certified for certified in newest.values() if not certified.ended]
    held = max(
        (_rank(certified) for certified in standing if not has_lapsed(certified.certification, certified.through, on)),
        default=0,
    )
    gone = [
        certified
        for certified in standing
        if _rank(certified) > held
        and certified.certification.track.active
        and purpose_on(certified.certification, certified.through, on) == "return"
    ]
    return max(gone, key=_rank, default=None)


def _rank(certified: Certified) -> int:
    return certified.certification.track.level.rank


def _return(person: int, facts: Facts, on: date, path: str, lapsed: Certified) -> Duty:
    certification = lapsed.certification
    level = certification.track.level
    since = lapsed.through + timedelta(days=certification.grace_days + 1)
    return Duty(
        person_id=person,
        kind="lapsed",
        key=f"lapsed:{certification.track.code}:{certification.cycle}",
        title=titled(REGAIN, level),
        path=path,
        since=since,
        paused=is_on_leave(facts.leaves, on),
        facts={"level": level.code, "certification": certification.pk},
        subject=level.subject,
    )


def _follower(certified: Certified, standing: list[Certified]) -> Certified | None:
    return next(
        (
            other
            for other in standing
            if other.certification.track_id == certified.certification.track_id
            and other.certification.cycle > certified.certification.cycle
        ),
        None,
    )


def titled(text: object, level: CareerLevel) -> dict[str, str]:
    """A sentence about a level, in both languages."""
    names = {"zh-hans": f"{level.name}（{level.code}）", "en": f"{level.names['en']} ({level.code})"}
    return {code: said % {"level": names[code]} for code, said in in_every_language(text).items()}


def ladder_path() -> str:
    """Where a learner acts on a level: the ladder on the home page."""
    return reverse("home") + "#ladder-title"
