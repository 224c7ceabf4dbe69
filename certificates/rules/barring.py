"""Posts in which nobody can obtain a level, because what it asks for a first award asks for another post. Pure."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import NamedTuple

from academy.models import CareerLevel
from certificates.models import Requirement

POSTS = (Requirement.Kind.POSTED, Requirement.Kind.MONTHS_IN_POST)


class Way(NamedTuple):
    """A track: the level that it gives and what its version in force asks."""

    level: CareerLevel
    requirements: list[Requirement]


def barring(requirements: Iterable[Requirement], position: int) -> list[Requirement]:
    """What of a version nobody in a post, given by the key of its position, could meet for a first award while they hold no
    other. A choice group is in the way where too few of it are left."""
    asked = [one for one in requirements if one.active and one.purpose in ("first", "both") and _asks(one, position)]
    groups: dict[str, list[Requirement]] = defaultdict(list)
    for one in asked:
        if one.group:
            groups[one.group].append(one)
    found = [one for one in asked if not one.group and _names_others(one, position)]
    for members in groups.values():
        shut = [one for one in members if _names_others(one, position)]
        if shut and len(members) - len(shut) < min(members[0].group_needs, len(members)):
            found += shut
    return found


def in_every_way(ways: Collection[Way], level: CareerLevel, position: int) -> list[Requirement]:
    """What is in the way of a level by every way that gives it; nothing where one can be met, or there is none. A higher level
    is a way only where those that it asks for can be held first."""
    found: list[Requirement] = []

    def is_open(asked: CareerLevel, above: frozenset[int]) -> bool:
        for way in ways:
            if not way.level.contains(asked) or way.level.pk in above:
                continue
            barred = barring(way.requirements, position)
            found.extend(barred)
            if not barred and all(is_open(one, above | {way.level.pk}) for one in _levels(way.requirements, position)):
                return True
        return False

    return [] if is_open(level, frozenset()) else found


def _levels(requirements: Iterable[Requirement], position: int) -> list[CareerLevel]:
    return [
        one.level
        for one in requirements
        if one.active
        and not one.group
        and one.kind == Requirement.Kind.LEVEL_HELD
        and one.level is not None
        and one.purpose in ("first", "both")
        and _asks(one, position)
    ]


def _asks(one: Requirement, position: int) -> bool:
    only = {found.pk for found in one.only_positions.all()}
    return not only or position in only


def _names_others(one: Requirement, position: int) -> bool:
    named = {found.pk for found in one.positions.all()}
    return one.kind in POSTS and bool(named) and position not in named
