"""What the post asks for, what is to be renewed and what lapsed, as duties: the attesting floor's answer to what is due.

A level that the post asks for is due so many days after taking up the post; while it is held, or in the grace after
it ran out, the renewal speaks for it, and once it lapsed the way back. Who stands in no post of the ladder is not called
to renew.
"""

from collections.abc import Collection, Iterator
from datetime import date, timedelta

from django.db.models.query import QuerySet
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from academy.bilingual import in_every_language
from academy.dates.leave_effects import is_on_leave
from academy.doors import AssessingBar, levels_held
from academy.duties.duty import Duty, register_duties
from academy.models import CareerLevel, User
from academy.models.levels import contains_level
from academy.requests.kept.answers import shared
from certificates.award.candidates import posts_by_ladder
from certificates.board.facts import Certified, Facts, asking_on, facts_of
from certificates.board.rule import HOLDS, Demand
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
    named = posts_by_ladder(on)
    tracks: dict[int, CertificationTrack] = {}
    for track in shared("tracks-of-levels", lambda: list(_active_tracks())):
        tracks[track.level_id] = track
    levels = {requirement.level_id: requirement.level for requirement in asking.requirements}
    duties: list[Duty] = []
    path = ladder_path()
    for person, known in facts.items():
        in_post = {level.ladder: stands_on_ladder(known, named, level) for level in _levels_of(known)}
        lapsed = _lapsed(known, on)
        duties += _renewals(person, known, on, path, in_post=in_post)
        duties += _posts(person, known, on, path, levels, tracks, lapsed)
        duties += [
            _return(person, known, on, path, certified) for certified in lapsed if in_post[_level(certified).ladder]
        ]
    return duties


def bars_of_posts(person: User | None, assessors: Collection[int], on: date) -> list[AssessingBar]:
    """Assessors who hold no level although their own post asks for one: they are judged themselves first."""
    without = set(assessors) - {held.person_id for held in levels_held(assessors, on)}
    asked = duties_of_posts_and_renewals(sorted(without), on)
    lacking = {duty.person_id for duty in asked if duty.kind in ("post", "lapsed") and duty.done_on is None}
    words = gettext("Whoever lacks the level that the own post asks for does not assess.")
    return [AssessingBar(pk, words) for pk in sorted(lacking)]


def _active_tracks() -> QuerySet[CertificationTrack]:
    return CertificationTrack.objects.filter(active=True).select_related("level").order_by("-pk")


def stands_on_ladder(facts: Facts, named: dict[int, set[int]], level: CareerLevel) -> bool:
    """在岗: in a post of the level's ladder, see ``posts_by_ladder``; in any post where none is named."""
    posts = named.get(level.ladder)
    return any(not posts or posting.position_id in posts for posting in facts.postings)


def _level(certified: Certified) -> CareerLevel:
    return certified.certification.track.level


def _levels_of(facts: Facts) -> list[CareerLevel]:
    return [_level(certified) for certified in facts.certified]


def _posts(
    person: int,
    facts: Facts,
    on: date,
    path: str,
    levels: dict[int, CareerLevel],
    tracks: dict[int, CertificationTrack],
    lapsed: list[Certified],
) -> Iterator[Duty]:
    outcome = facts.judged(on)
    if outcome is None:
        return
    for demand in outcome.demands:
        if demand.cover not in HOLDS and _in_grace(facts, demand, on):
            # The renewal is what is to be done.
            continue
        level, text = levels[demand.level], OBTAIN
        back = next((certified for certified in lapsed if _covers(certified, demand)), None)
        if back is not None and demand.cover not in HOLDS:
            # What was held comes back sooner than what the post asks is had for the first time, and covers it.
            level, text = _level(back), REGAIN
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


def _covers(certified: Certified, demand: Demand) -> bool:
    level = _level(certified)
    return contains_level(level.pk, level.rank, asked=demand.level, asked_rank=demand.rank)


def _in_grace(facts: Facts, demand: Demand, on: date) -> bool:
    return any(
        _covers(certified, demand)
        and not certified.ended
        and certified.through < on <= certified.through + timedelta(days=certified.certification.grace_days)
        for certified in facts.certified
    )


def _renewals(person: int, facts: Facts, on: date, path: str, *, in_post: dict[int, bool]) -> Iterator[Duty]:
    """One a track whose window is open, until the grace after it is over; done once the next cycle is awarded. Of the
    ladder only the highest is renewed."""
    standing = [certified for certified in facts.certified if not certified.ended]
    for certified in standing:
        track = certified.certification.track
        renew_from = window_of(certified.certification, facts.leaves, on)
        last = certified.through + timedelta(days=certified.certification.grace_days)
        if not track.renewable or renew_from is None or not renew_from <= on <= last:
            continue
        if any(other.through >= on and _level(other).is_above(track.level) for other in standing):
            continue
        follower = _follower(certified, standing)
        if follower is None and not in_post[track.level.ladder]:
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


def _lapsed(facts: Facts, on: date) -> list[Certified]:
    """The highest level that ran out, its grace too, and that what renews it brings back, of the ladder and of each that
    stands outside it; none while one as high or higher is held, or after a person ended it."""
    newest = {certified.certification.track_id: certified for certified in facts.certified}
    standing = [certified for certified in newest.values() if not certified.ended]
    held = [
        _level(certified) for certified in standing if not has_lapsed(certified.certification, certified.through, on)
    ]
    gone = [
        certified
        for certified in standing
        if not any(level.contains(_level(certified)) for level in held)
        and certified.certification.track.active
        and purpose_on(certified.certification, certified.through, on) == "return"
    ]
    highest: dict[int, Certified] = {}
    for certified in sorted(gone, key=lambda certified: _level(certified).sort_key):
        highest[_level(certified).ladder] = certified
    return list(highest.values())


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
