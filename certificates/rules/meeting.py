"""Whether what a version asks for can be met at all: circles, groups without enough members, kinds that nothing records."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from academy.bilingual import listed
from academy.models import CareerLevel
from certificates.models import CertificationTrack, Requirement
from certificates.rules.evidence import requirement_label, rules_on
from certificates.rules.standing import is_recorded
from quizzes.grading.papers import plays_dialogue


@dataclass(frozen=True)
class Unmet:
    """Why nobody could meet a version: at which requirement (its place in the list, None for the whole) and field."""

    place: int | None
    field: str | None
    why: str


def unmeetable(*, track: CertificationTrack, requirements: Iterable[Requirement], today: date) -> list[Unmet]:
    """Everything for which nobody could meet these requirements, in the order of the list. Three queries, and two for each dialogue."""
    asked = [(place, requirement) for place, requirement in enumerate(requirements) if requirement.active]
    found = [*_of_marks(asked), *_of_dialogues(asked)]
    for purpose in ("first", "renewal"):
        here = [(place, requirement) for place, requirement in asked if requirement.purpose in (purpose, "both")]
        found += _of_purpose(here)
        found += _of_openings(here)
        if purpose == "first":
            found += _of_first(here, track)
    found += _of_levels(asked, track, today)
    return list(dict.fromkeys(found))


def _of_dialogues(asked: list[tuple[int, Requirement]]) -> Iterator[Unmet]:
    for place, requirement in asked:
        if requirement.kind != Requirement.Kind.DIALOGUE or requirement.quiz is None:
            continue
        if not plays_dialogue(requirement.quiz.kind, list(requirement.quiz.slots.all())):
            yield Unmet(place, "quiz", _("Name a practice that plays one client dialogue and nothing else."))


def _of_marks(asked: list[tuple[int, Requirement]]) -> Iterator[Unmet]:
    seen: set[str] = set()
    for place, requirement in asked:
        if requirement.mark and requirement.mark in seen:
            yield Unmet(place, "mark", _("Another requirement has this mark already."))
        seen.add(requirement.mark)
        if requirement.opens_after and requirement.kind != Requirement.Kind.QUIZ:
            yield Unmet(place, "opens_after", _("Only a quiz or exam is opened by other requirements."))


def _of_purpose(asked: list[tuple[int, Requirement]]) -> Iterator[Unmet]:
    """Groups, and kinds of which nothing is recorded: alone nobody meets them, in a group others may take their place."""
    for name in dict.fromkeys(requirement.group for _place, requirement in asked if requirement.group):
        members = [(place, requirement) for place, requirement in asked if requirement.group == name]
        able = sum(is_recorded(requirement.kind) for _place, requirement in members)
        for place, requirement in members:
            if requirement.group_needs != members[0][1].group_needs:
                yield Unmet(place, "group_needs", _("One group asks for one number, the same in each of its rows."))
            elif requirement.group_needs > able:
                words = {"needed": requirement.group_needs, "group": name, "count": able}
                yield Unmet(
                    place,
                    "group_needs",
                    _("Nobody can meet %(needed)s of “%(group)s”: only %(count)s of it can be met.") % words,
                )
    for place, requirement in asked:
        if not requirement.group and not is_recorded(requirement.kind):
            yield Unmet(place, "kind", _("Nobody can meet this: nothing of this kind is recorded here."))


def _of_openings(asked: list[tuple[int, Requirement]]) -> Iterator[Unmet]:
    """Marks that nothing bears, and circles of exams that wait for each other."""
    marks = {requirement.mark: place for place, requirement in asked if requirement.mark}
    waits: dict[int, set[int]] = {}
    for place, requirement in asked:
        if requirement.kind != Requirement.Kind.QUIZ:
            continue
        unknown = [mark for mark in requirement.opening_marks if mark not in marks]
        if unknown:
            words = {"exam": requirement_label(requirement), "marks": listed(unknown)}
            text = _(
                "“%(exam)s” opens by a mark that no requirement for the same award has: %(marks)s. "
                "Give the mark to the requirement that opens it, or take it out of “opens after” here."
            )
            yield Unmet(place, "opens_after", text % words)
        waits[place] = {marks[mark] for mark in requirement.opening_marks if mark in marks}
        if requirement.phase != Requirement.Phase.APPLY:
            waits[place] |= {other for other, row in asked if row.phase == Requirement.Phase.APPLY}
    for place in waits:
        if _leads_back(place, waits):
            yield Unmet(place, "opens_after", _("Nobody can ever sit this: it waits for itself."))


def _leads_back(start: Any, waits: dict[Any, set[Any]]) -> bool:
    """Whether one comes back to the start. Pure."""
    seen: set[Any] = set()
    ahead = list(waits.get(start, ()))
    while ahead:
        place = ahead.pop()
        if place == start:
            return True
        if place not in seen:
            seen.add(place)
            ahead += waits.get(place, ())
    return False


def _of_first(asked: list[tuple[int, Requirement]], track: CertificationTrack) -> Iterator[Unmet]:
    if not asked:
        yield Unmet(None, None, _("Nothing is asked for a first award: nobody could ever be awarded it."))
    if track.mode != CertificationTrack.Mode.POSTING:
        return
    for place, requirement in asked:
        if (
            requirement.kind == Requirement.Kind.MONTHS_IN_POST
            and not requirement.group
            and (requirement.amount or 0) >= track.active_months
        ):
            words = {"months": track.active_months}
            yield Unmet(
                place,
                "amount",
                ngettext(
                    "The level ends %(months)s month after taking up the post: this is too late.",
                    "The level ends %(months)s months after taking up the post: this is too late.",
                    track.active_months,
                )
                % words,
            )


def _of_levels(asked: list[tuple[int, Requirement]], track: CertificationTrack, today: date) -> Iterator[Unmet]:
    """Levels that ask for each other, and levels that no track in use gives."""
    first = [
        (place, requirement)
        for place, requirement in asked
        if requirement.purpose in ("first", "both") and not requirement.group
    ]
    named = [
        (place, requirement)
        for place, requirement in first
        if requirement.kind == Requirement.Kind.LEVEL_HELD and requirement.level is not None
    ]
    if not named:
        return
    tracks = list(CertificationTrack.objects.filter(active=True).select_related("level"))
    needs = {
        pk: _levels(version.requirements.all()) for pk, version in rules_on(tracks, today).items() if pk != track.pk
    }
    for place, requirement in named:
        assert requirement.level is not None
        if not any(used.level.contains(requirement.level) for used in tracks):
            yield Unmet(place, "level", _("Nobody can hold this level: no track in use gives it."))
        elif _needs_itself(requirement.level, track, tracks, needs):
            yield Unmet(place, "level", _("Nobody can hold this level before this one: each asks for the other."))


def _levels(requirements: Iterable[Requirement]) -> set[CareerLevel]:
    return {
        requirement.level
        for requirement in requirements
        if requirement.active
        and not requirement.group
        and requirement.kind == Requirement.Kind.LEVEL_HELD
        and requirement.level is not None
        and requirement.purpose in ("first", "both")
    }


def _needs_itself(
    level: CareerLevel, track: CertificationTrack, tracks: list[CertificationTrack], needs: dict[int, set[CareerLevel]]
) -> bool:
    """Whether every track by which this level could be held asks for this track, straight or through others."""
    seen: set[CareerLevel] = set()

    def can_be_held(asked: CareerLevel) -> bool:
        if asked in seen:
            return False
        seen.add(asked)
        ways = [way for way in tracks if way.level.contains(asked) and way.pk != track.pk]
        return any(all(can_be_held(level) for level in needs.get(way.pk, ())) for way in ways)

    return not can_be_held(level)
