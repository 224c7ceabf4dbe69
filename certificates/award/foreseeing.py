"""What will happen to a person by a day, if nothing more comes or if given evidence does. Nothing is written.

Each day is judged by the rules that will be in force on it, as they stand today, by the one judgement that awards; what an
automatic track would award, or HR where ``approving``, counts from then on.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from academy.models import User
from certificates.award.dating import dates_of_award
from certificates.models import Certification, CertificationTrack, OutsideDocumentKind, RuleVersion
from certificates.rules.dates import NoDates
from certificates.rules.judging import InForce, KnownFacts, facts_on, has_lapsed, in_force_on, judge_by, return_limit
from certificates.rules.known import Evidence, Held
from certificates.validity import last_day_of, window_of
from courses.models import Course
from quizzes.models import ObservedPractice, Quiz


@dataclass(frozen=True)
class Given:
    """Evidence that would come on a day: ``course``, ``quiz``, ``taught``, ``observed``, ``dialogue``, ``recommended``, ``document`` with
    a code, or ``hours`` with a number."""

    kind: str
    about: str
    on: date


@dataclass(frozen=True)
class Event:
    """What happens on a day, as a code for programs and in words for people; ``track`` is '' where it is of none."""

    on: date
    code: str
    track: str
    words: str


@dataclass
class _Course:
    """How things stand while the days go by."""

    facts: KnownFacts
    ready: set[tuple[int, int]] = field(default_factory=set)
    events: list[Event] = field(default_factory=list)

    def tell(self, on: date, code: str, track: str, words: str) -> None:
        self.events.append(Event(on, code, track, words))


def foresee(
    *, person: User, first: date, last: date, given: Iterable[Given] = (), approving: bool = False
) -> list[Event]:
    """The events from ``first`` to ``last``, both inclusive, in their order.

    A constant number of queries, and some for each day on which other rules come into force. Raises ``LookupError`` that
    names a code nobody has.
    """
    tracks = list(CertificationTrack.objects.filter(active=True).select_related("level", "design"))
    evidence = [_known(fact) for fact in given]
    facts = facts_on(people=[person], tracks=tracks, today=last)
    known = facts.evidence[person.pk]
    for add in evidence:
        known = add(known)
    course = _Course(replace(facts, evidence={person.pk: known}))
    for fact in given:
        if first <= fact.on <= last:
            course.tell(fact.on, "evidence", "", f"{fact.kind}: {fact.about}")
    for spans in known.documents.values():
        for _issued, through in spans:
            if through is not None and first <= through <= last:
                course.tell(through, "document_ends", "", _("Last valid day of an outside document."))
    changes = _days_of_other_rules(tracks, first, last)
    rules: dict[int, InForce] = {}
    for day in _days(first, last):
        if not rules or day in changes:
            rules = in_force_on(tracks, day)
        _tell_of_dates(course, person, day)
        _award(course, person, day, rules, approving=approving)
    return sorted(course.events, key=lambda event: event.on)


def _days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=number) for number in range((last - first).days + 1))


def _days_of_other_rules(tracks: list[CertificationTrack], first: date, last: date) -> set[date]:
    days: set[date] = set()
    for starts, until in RuleVersion.objects.filter(track__in=tracks).values_list("effective_from", "transition_until"):
        days.add(starts)
        if until is not None:
            days.add(until + timedelta(days=1))
    return {day for day in days if first <= day <= last}


def _tell_of_dates(course: _Course, person: User, day: date) -> None:
    """What the calendar alone brings to the levels that are held; only the highest is renewed."""
    newest = [certified for (holder, _track), certified in course.facts.newest.items() if holder == person.pk]
    standing = [(certified, _through(course.facts, certified, day)) for certified in newest]
    held = [certified.track.level for certified, through in standing if certified.valid_from <= day <= through]
    for certified, through in standing:
        level = certified.track.level.code
        opens = _opens(course.facts, certified, day)
        contained = any(higher.is_above(certified.track.level) for higher in held)
        if not contained and certified.track.renewable and opens == day:
            words = _("The renewal of %(level)s opens; it is valid through %(day)s.")
            course.tell(day, "window_opens", certified.track.code, words % {"level": level, "day": through})
        if day == through:
            course.tell(
                day, "last_valid_day", certified.track.code, _("The last valid day of %(level)s.") % {"level": level}
            )
        if day == through + timedelta(days=1) and certified.grace_days:
            course.tell(day, "grace", certified.track.code, _("%(level)s is in grace.") % {"level": level})
        if has_lapsed(certified, through, day) and not has_lapsed(certified, through, day - timedelta(days=1)):
            course.tell(day, "lapsed", certified.track.code, _("%(level)s has lapsed.") % {"level": level})
            if certified.track.renewable:
                words = _("Until %(day)s, meeting what renews %(level)s brings it back.")
                told = words % {"level": level, "day": return_limit(through)}
                course.tell(day, "way_back", certified.track.code, told)


def _through(facts: KnownFacts, certification: Certification, day: date) -> date:
    return last_day_of(certification, facts.leaves.get(certification.person_id, ()), day)


def _opens(facts: KnownFacts, certification: Certification, day: date) -> date | None:
    return window_of(certification, facts.leaves.get(certification.person_id, ()), day)


def _award(course: _Course, person: User, day: date, rules: dict[int, InForce], *, approving: bool) -> None:
    for (holder, pk), judged in judge_by(replace(course.facts, today=day), rules).items():
        track = next(track for track in course.facts.tracks if track.pk == pk)
        key = (pk, judged.cycle)
        if holder != person.pk or not judged.met or key in course.ready:
            continue
        level = {"level": track.level.code}
        automatic = track.award == CertificationTrack.Award.AUTOMATIC and not judged.revoked
        course.ready.add(key)
        if not automatic and not approving:
            course.tell(day, "ready", track.code, _("Everything for %(level)s is there; HR decides.") % level)
            continue
        try:
            dates = dates_of_award(person=person, track=track, completed_on=day, through=judged.baseline)
        except NoDates:
            course.tell(day, "too_late", track.code, _("The time after taking up the post is over."))
            continue
        made = Certification(
            person=person,
            track=track,
            cycle=judged.cycle,
            awarded_on=day,
            valid_from=dates.valid_from,
            valid_through=dates.valid_through,
            renew_from=dates.renew_from if track.renewable else None,
            grace_days=track.grace_days,
        )
        # It stands in no table, so no decision moved its end.
        vars(made)["extended"] = None
        course.facts = _with(course.facts, made)
        words = _("%(level)s is awarded, valid through %(day)s.")
        course.tell(day, "awarded", track.code, words % {**level, "day": dates.valid_through})


def _with(facts: KnownFacts, made: Certification) -> KnownFacts:
    """The facts as they are once this is awarded."""
    key, known = (made.person_id, made.track_id), facts.evidence[made.person_id]
    held = Held.of(made, made.valid_through)
    return replace(
        facts,
        newest={**facts.newest, key: made},
        cycles={**facts.cycles, key: made.cycle},
        ended={other: day for other, day in facts.ended.items() if other != key},
        evidence={**facts.evidence, made.person_id: replace(known, held=(*known.held, held))},
    )


def _known(given: Given) -> Any:
    """What adds this evidence to what is known. Raises ``LookupError``."""
    if given.kind == "hours":
        return lambda known: replace(known, hours=(*known.hours, (given.on, Decimal(given.about))))
    model: Any = {
        "course": Course,
        "quiz": Quiz,
        "taught": Course,
        "observed": ObservedPractice,
        "dialogue": Quiz,
        "recommended": CertificationTrack,
        "document": OutsideDocumentKind,
    }.get(given.kind)
    pk = model.objects.filter(code=given.about).values_list("pk", flat=True).first() if model else None
    if pk is None:
        raise LookupError(f"{given.kind}:{given.about}")
    name, fact = {
        "course": ("courses", given.on),
        "quiz": ("quizzes", (given.on, Decimal(100), True)),
        "taught": ("taught", given.on),
        "observed": ("observed", given.on),
        "dialogue": ("dialogues", given.on),
        "recommended": ("recommended", given.on),
        "document": ("documents", (given.on, None)),
    }[given.kind]

    def add(known: Evidence) -> Evidence:
        facts = getattr(known, name)
        changed: Any = {name: {**facts, pk: (*facts.get(pk, ()), fact)}}
        return replace(known, **changed)

    return add
