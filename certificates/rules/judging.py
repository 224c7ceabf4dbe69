"""What could be awarded next, to many people on many tracks: the edge between the facts and the pure standing."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from django.conf import settings

from academy.dates.leave_effects import is_on_leave
from academy.dates.periods import add_months
from academy.models import User
from academy.requests.kept.answers import shared
from academy.requests.together import asked_together
from academy.staff.leaves import AWAY, by_person
from certificates.models import Certification, CertificationTrack, RuleVersion
from certificates.models.certifications import CERTIFICATIONS
from certificates.rules.applying import parted_by_posts
from certificates.rules.evidence import asked_by, asks_of_evidence, evidence_for, histories_on
from certificates.rules.known import Evidence
from certificates.rules.openings import with_openings
from certificates.rules.standing import Asked, Standing, evaluate
from certificates.validity import last_day_of, window_of


def purpose_on(
    current: Certification | None, through: date | None, today: date, opens: date | None = None
) -> str | None:
    """``first``, ``renewal``, ``return``, or None when nothing can be awarded on the day. ``through``: its last valid day,
    ``opens`` the first of its renewal window.

    What lapsed comes back by what renews it, until a limit of months is over; then it is earned anew.
    """
    if current is None or through is None:
        return "first"
    if has_lapsed(current, through, today):
        return "return" if current.track.renewable and today <= return_limit(through) else "first"
    if current.track.renewable and opens is not None and today >= opens:
        return "renewal"
    return None


def has_lapsed(current: Certification, through: date, today: date) -> bool:
    """Run out, and the grace after it over."""
    return today > through + timedelta(days=current.grace_days)


def return_limit(through: date) -> date:
    """The last day on which what lapsed after ``through`` comes back by what renews it."""
    return add_months(through, settings.RETURN_LIMIT_MONTHS)


def counted_from(current: Certification) -> date | None:
    """The first day that counts for what the renewal asks every cycle: that of the window, or so many days before it as
    the track says, but after the award that is renewed. Leave that moves the window takes nothing away that was done
    before. None where nothing renews it. Pure."""
    if current.renew_from is None:
        return None
    early = current.renew_from - timedelta(days=current.track.counts_before_days)
    return min(current.renew_from, max(early, current.valid_from + timedelta(days=1)))


@dataclass(frozen=True)
class Judgement:
    """What could be awarded next on a track: the standing, its rules, and whether it is a first award, a renewal or a
    return.

    ``through`` is the last valid day of ``current``, leave counted in. ``standing`` is None when nothing can be awarded on the day. ``cycle`` is the number the award would carry.
    ``finishes_by``: the day through which an older ``version`` still counts for who was under way, None where it is the
    one in force; ``opens`` is the first day of the renewal window, leave counted in. ``revoked``:
    a person took the last one away or ended it, so only a person may give it again; ``ended_on`` is the day from which.
    """

    standing: Standing | None
    version: RuleVersion | None
    purpose: str | None
    current: Certification | None
    cycle: int
    revoked: bool = False
    through: date | None = None
    finishes_by: date | None = None
    extended: bool = False
    opens: date | None = None
    ended_on: date | None = None
    # Whether the person is on leave on the day.
    on_leave: bool = False

    def is_held(self, on: date) -> bool:
        """Whether the last award stands on a day, leave counted in."""
        return self.current is not None and self.through is not None and self.current.valid_from <= on <= self.through

    @property
    def baseline(self) -> date | None:
        """The last valid day from which the next dates are reckoned: an extension moves the end, never the baseline, and a
        track with a fixed day keeps to it whatever leave did."""
        if self.current is None:
            return self.through
        fixed = self.current.track.mode == CertificationTrack.Mode.FIXED
        return self.current.valid_through if fixed or self.extended else self.through

    @property
    def met(self) -> bool:
        return self.standing is not None and self.standing.met

    @property
    def rests_on_what_was_ended(self) -> bool:
        """Whether a person took the last one away, and nothing was passed after that day."""
        if self.ended_on is None or self.standing is None:
            return False
        passed = [line.evidence_on for line in self.standing.lines if line.met and line.asked.phase == "pass"]
        return not any(day is not None and day > self.ended_on for day in passed)


@dataclass(frozen=True)
class RulesOf:
    """What one version asks, for a first award and for a renewal."""

    version: RuleVersion
    first: tuple[Asked, ...]
    renewal: tuple[Asked, ...]

    def asked(self, purpose: str) -> tuple[Asked, ...]:
        return self.renewal if purpose in ("renewal", "return") else self.first


@dataclass(frozen=True)
class Promise:
    """An older version by which those finish who were under way on ``last_day``, its last; through ``through``."""

    rules: RulesOf
    last_day: date
    through: date


@dataclass(frozen=True)
class InForce:
    """The version of a track in force on a day, and those by which some still finish, the oldest first."""

    rules: RulesOf
    promises: tuple[Promise, ...] = ()


def rank_held(judged: Iterable[tuple[CertificationTrack, Judgement]], on: date) -> int:
    """The rank of the highest level of the ladder that one person holds on a day, 0 for none. Pure."""
    return max((track.level.rank or 0 for track, found in judged if found.is_held(on)), default=0)


def rules_of(version: RuleVersion) -> RulesOf:
    return RulesOf(version, asked_by(version, "first"), asked_by(version, "renewal"))


def in_force_on(tracks: Iterable[CertificationTrack], today: date) -> dict[int, InForce]:
    """By track, in the words of the reader's language. Some queries, however many the tracks; none where they are shared."""
    histories = histories_on(tracks, today)
    return shared(
        f"asked-{today}-{'-'.join(str(pk) for pk in sorted(histories))}",
        lambda: {pk: in_force_by(history, today) for pk, history in histories.items()},
    )


def in_force_by(history: list[RuleVersion], today: date) -> InForce:
    """Of versions in the order in which they took effect, the last of which is in force."""
    promises = [
        Promise(rules_of(before), version.effective_from - timedelta(days=1), version.transition_until)
        for before, version in pairwise(history)
        if version.transition_until is not None and today <= version.transition_until
    ]
    return InForce(rules_of(history[-1]), tuple(promises))


@dataclass(frozen=True)
class KnownFacts:
    """What is known on a day of many people on some tracks, before any rule is asked: read once, judged as often as one
    likes. ``newest`` is the last certification of (person, track) that no person ended."""

    people: tuple[User, ...]
    tracks: tuple[CertificationTrack, ...]
    today: date
    evidence: dict[int, Evidence]
    leaves: dict[int, list[Any]]
    newest: dict[tuple[int, int], Certification]
    cycles: dict[tuple[int, int], int]
    # From which day the last one of (person, track) was ended by a person, where it was.
    ended: dict[tuple[int, int], date]


def facts_on(*, people: Iterable[User], tracks: Iterable[CertificationTrack], today: date) -> KnownFacts:
    """Eleven queries, however many they are, and one for one person; none where ``asks_of_evidence`` was asked."""
    people, tracks = tuple(people), tuple(tracks)
    with asked_together(*(asks_of_evidence([people[0].pk], today) if len(people) == 1 else ())):
        return _facts(people, tracks, today)


def _facts(people: tuple[User, ...], tracks: tuple[CertificationTrack, ...], today: date) -> KnownFacts:
    ids = [person.pk for person in people]
    leaves = by_person(AWAY.rows(people=ids))
    evidence = evidence_for(ids, today, leaves=leaves)
    cycles: dict[tuple[int, int], int] = {}
    newest: dict[tuple[int, int], Certification] = {}
    ended_from: dict[tuple[int, int], date] = {}
    among = {track.pk for track in tracks}
    awarded = [row for row in CERTIFICATIONS.rows(people=ids) if row.track_id in among]
    for certification in sorted(awarded, key=lambda row: row.cycle):
        key = (certification.person_id, certification.track_id)
        cycles[key] = cycles.get(key, 0) + 1
        ending = getattr(certification, "ending", None)
        ended = ending is not None and ending.effective_on <= today
        # From the moment it is decided: a renewal by the rules alone would be a way round it.
        ended_from.pop(key, None)
        if ending is not None:
            ended_from[key] = ending.effective_on
        if not ended:
            newest[key] = certification
    return KnownFacts(people, tracks, today, evidence, leaves, newest, cycles, ended_from)


def judge_many(
    *, people: Iterable[User], tracks: Iterable[CertificationTrack], today: date
) -> dict[tuple[int, int], Judgement]:
    """Judges people on tracks, by (person, track). A constant number of queries, however many they are."""
    tracks = list(tracks)
    rules = in_force_on(tracks, today)
    return judge_by(facts_on(people=people, tracks=tracks, today=today), rules)


def judge_by(facts: KnownFacts, rules: dict[int, InForce]) -> dict[tuple[int, int], Judgement]:
    """The same of facts that were read, by rules that need not be those in force. No query."""
    return {
        (person.pk, track.pk): _judgement(facts, person.pk, track, rules.get(track.pk))
        for person in facts.people
        for track in facts.tracks
    }


def _judgement(facts: KnownFacts, person: int, track: CertificationTrack, rules: InForce | None) -> Judgement:
    key, today = (person, track.pk), facts.today
    current, ended_on, through, opens = facts.newest.get(key), facts.ended.get(key), None, None
    revoked = ended_on is not None
    if current is not None:
        leaves = facts.leaves.get(person, ())
        through, opens = last_day_of(current, leaves, today), window_of(current, leaves, today)
        ending = getattr(current, "ending", None)
        if ending is not None:
            through = min(through, ending.effective_on - timedelta(days=1))
    purpose, standing, by, promised = purpose_on(current, through, today, opens), None, None, None
    if purpose is not None and rules is not None:
        cycle = facts.cycles.get(key, 0) + 1
        case = _Case(track, current, through, purpose, revoked, facts.evidence[person], today, cycle)
        purpose, standing, by, promised = _by_rules(case, rules)
    return Judgement(
        standing,
        by.version if by is not None else rules.rules.version if rules is not None else None,
        purpose,
        current,
        facts.cycles.get(key, 0) + 1,
        revoked=revoked,
        through=through,
        finishes_by=promised,
        extended=current is not None and through == current.extended,
        opens=opens,
        ended_on=ended_on,
        on_leave=is_on_leave(facts.leaves.get(person, ()), today),
    )


@dataclass(frozen=True)
class _Case:
    """One person on one track on a day."""

    track: CertificationTrack
    current: Certification | None
    through: date | None
    purpose: str
    revoked: bool
    evidence: Evidence
    today: date
    cycle: int

    def purpose_by(self, rules: RulesOf) -> str:
        """A return needs something that renews it and is asked of them, and is no way round a revocation."""
        if self.purpose == "return" and (
            self.revoked or not parted_by_posts(rules.renewal, self.evidence.posts, self.today)[0]
        ):
            return "first"
        return self.purpose

    def judged(self, rules: RulesOf, on: date) -> Standing:
        purpose, current, through = self.purpose_by(rules), self.current, self.through
        again = current is not None and purpose != "first"
        cycle_from = counted_from(current) if current is not None and again else None
        anew_from = _anew_from(self.track, through) if purpose == "first" else None
        standing = evaluate(
            rules.asked(purpose),
            self.evidence,
            on,
            cycle_from=cycle_from,
            anew_from=anew_from,
            validity=(current.valid_from, through) if current is not None and through is not None and again else None,
            cycle=self.cycle,
        )
        began = cycle_from or (through + timedelta(days=1) if through is not None else date.min)
        return with_openings(standing, self.evidence, on, began)

    def was_under_way(self, rules: RulesOf, day: date) -> bool:
        """Whether somebody had met a thing to be passed by that day, or had an open renewal before them."""
        if self.current is not None and self.purpose_by(rules) != "first":
            return self.current.renew_from is not None and self.current.renew_from <= day
        return any(
            line.met and line.asked.phase == "pass" and line.evidence_on is not None
            for line in self.judged(rules, day).lines
        )


def _by_rules(case: _Case, rules: InForce) -> tuple[str, Standing, RulesOf, date | None]:
    """The purpose, the standing, by which version it is, and until when an older one is kept to. What meets the version in
    force goes by it."""
    standing = case.judged(rules.rules, case.today)
    if not standing.met:
        for promise in rules.promises:
            if case.was_under_way(promise.rules, promise.last_day):
                by = promise.rules
                return case.purpose_by(by), case.judged(by, case.today), by, promise.through
    return case.purpose_by(rules.rules), standing, rules.rules, None


def _anew_from(track: CertificationTrack, through: date | None) -> date | None:
    """Who begins anew does not pass by what was passed for the level that lapsed. One that cannot be renewed is no
    cycle: what was passed for it counts for good, and whether it is given again a person decides."""
    return through + timedelta(days=1) if through is not None and track.renewable else None


def judge(*, person: User, track: CertificationTrack, today: date) -> Judgement:
    """One person on one track."""
    return judge_many(people=[person], tracks=[track], today=today)[person.pk, track.pk]
