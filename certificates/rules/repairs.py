"""What a repaired question does to levels: of those who hold one by it, and of those who may reach one by it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext_lazy

from academy.bilingual import listed
from academy.calendar.clock import local_day
from academy.doors import Consequence
from certificates.models import Certification, CertificationTrack, Requirement
from quizzes.marking.regrading import Change, KeyRepair


def certifications_of_a_repair(change: Any) -> list[Consequence]:
    """A person decides about each of them. Three queries."""
    if not isinstance(change, KeyRepair):
        return []
    lost = [found for found in change.changes if found.passed_before and not found.passed_after]
    gained = [found for found in change.changes if found.passed_after and not found.passed_before]
    tracks = _tracks_by_quiz({found.attempt.quiz_id for found in (*lost, *gained)})
    asked = {track.pk for some in tracks.values() for track in some}
    people = {found.attempt.learner_id for found in (*lost, *gained)}
    held: dict[int, set[int]] = defaultdict(set)
    holding = Certification.objects.filter(person__in=people, track__in=asked).holding(local_day(timezone.now()))
    for person, track in holding.values_list("person", "track"):
        held[person].add(track)
    return [
        *_told(
            _named(lost, tracks, lambda person, track: track in held[person]),
            ngettext_lazy(
                "%(count)s of those who no longer pass holds a level that asks for it. It stays until a person "
                "decides.",
                "%(count)s of those who no longer pass hold a level that asks for it. It stays until a person decides.",
                "count",
            ),
        ),
        *_told(
            _named(gained, tracks, lambda person, track: track not in held[person]),
            _("%(count)s of those who pass by it may reach a level that asks for it."),
        ),
    ]


def _tracks_by_quiz(quizzes: set[int]) -> Mapping[int, list[CertificationTrack]]:
    """The tracks in use whose newest rules or others in force ask for a quiz, itself or by a course."""
    asking = Requirement.objects.filter(Q(quiz__in=quizzes) | Q(course__placements__quiz__in=quizzes), active=True)
    found: dict[int, list[CertificationTrack]] = defaultdict(list)
    rows = asking.select_related("rule_version__track").prefetch_related("course__placements").distinct()
    for requirement in rows:
        placed = [placement.quiz_id for placement in requirement.course.placements.all()] if requirement.course else []
        for quiz in quizzes.intersection([requirement.quiz_id, *placed]):
            track = requirement.rule_version.track
            if track not in found[quiz]:
                found[quiz].append(track)
    return found


def _named(changes: Iterable[Change], tracks: Mapping[int, list[CertificationTrack]], holds: Any) -> dict[int, str]:
    """By person the tracks."""
    named: dict[int, list[str]] = defaultdict(list)
    for change in changes:
        person = change.attempt.learner_id
        for track in tracks.get(change.attempt.quiz_id, []):
            if holds(person, track.pk) and track.local_name not in named[person]:
                named[person].append(track.local_name)
    return {person: listed(names) for person, names in named.items() if names}


def _told(by_person: dict[int, str], text: Any) -> list[Consequence]:
    if not by_person:
        return []
    return [Consequence(text % {"count": len(by_person)}, by_person=by_person, asks_each=True)]
