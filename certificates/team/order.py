"""The list as a manager asks for it: one state, some letters, one order. Pure."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from certificates.team.members import STATES, Member

# The lights that always stand there; of the others only those that somebody is in.
ALWAYS = ("late", "soon", "fine")
NEVER = datetime.min.replace(tzinfo=UTC)


def _pressing(member: Member) -> tuple[Any, ...]:
    """As the states stand in the counts: who is on leave comes last, never between two who are on track."""
    return list(STATES).index(member.stands), member.due_on or date.max


def _rank(member: Member) -> int:
    return (member.held.track.level.rank or 0) if member.held else 0


def _hours_to_go(member: Member) -> Any:
    return -member.hours.missing if member.hours else None


# (label, key); who has the same keeps the order of the staff numbers, who has none stands last in either direction.
ORDERS: dict[str, tuple[Any, Callable[[Member], Any]]] = {
    "state": (_("State"), _pressing),
    "name": (pgettext_lazy("person", "Name"), lambda member: member.person.name_key),
    "number": (_("Staff number"), lambda member: member.person.staff_number),
    "post": (
        _("Position"),
        lambda member: (str(member.posting.position), member.posting.branch.local_name) if member.posting else ("", ""),
    ),
    "due": (_("Due next"), lambda member: member.due_on),
    "level": (_("Level"), _rank),
    "hours": (_("Hours"), _hours_to_go),
    "reminded": (_("Last reminded"), lambda member: member.nudged_at or NEVER),
}

# As they stand in the table; the staff number stands below the name.
COLUMNS = ("name", "state", "due", "level", "hours", "post", "reminded")


@dataclass(frozen=True)
class Heading:
    """A heading that sorts: ``way`` is ascending, descending or empty; ``asks`` what it is pressed for."""

    key: str
    label: Any
    way: str
    asks: str


@dataclass(frozen=True)
class Asked:
    """What the address asked for; anything unknown is as if it were not there."""

    show: str = ""
    text: str = ""
    order: str = "state"
    backwards: bool = False

    @property
    def sort(self) -> str:
        return f"-{self.order}" if self.backwards else self.order

    def headings(self, known: dict[str, Any]) -> list[Heading]:
        """Of the orders that are known, those that stand in the table."""
        return [
            Heading(
                key,
                label,
                ("descending" if self.backwards else "ascending") if key == self.order else "",
                f"-{key}" if key == self.order and not self.backwards else key,
            )
            for key, label in ((key, known[key]) for key in COLUMNS if key in known)
        ]


def orders_of(members: Iterable[Member]) -> dict[str, Any]:
    """The orders with their words; by hours only where the year asks somebody for some."""
    hours = any(member.hours for member in members)
    return {key: label for key, (label, _key) in ORDERS.items() if key != "hours" or hours}


def counts_of(members: Iterable[Member]) -> list[tuple[str, str, int]]:
    """(name, words, how many people) of each state that has a light."""
    found = Counter(member.stands for member in members)
    return [(name, str(label), found[name]) for name, label in STATES.items() if name in ALWAYS or found[name]]


def asked_of(show: str, text: str, sort: str) -> Asked:
    order = sort.removeprefix("-")
    known = order in ORDERS
    return Asked(
        show if show in STATES else "", text.strip()[:60], order if known else "state", known and sort.startswith("-")
    )


def in_order(members: Iterable[Member], asked: Asked) -> list[Member]:
    wanted = asked.text.casefold()
    found = [
        member
        for member in members
        if (not asked.show or member.stands == asked.show) and (not wanted or wanted in _letters(member))
    ]
    found.sort(key=lambda member: member.person.staff_number)
    key = ORDERS[asked.order][1]
    ranked = [member for member in found if key(member) is not None]
    empty = [member for member in found if key(member) is None]
    return [*sorted(ranked, key=key, reverse=asked.backwards), *empty]


def _letters(member: Member) -> str:
    """A post and an outlet are found by their name in either language, whichever the page speaks."""
    places = (member.posting.position, member.posting.branch) if member.posting else ()
    said = (name for place in places for name in (place.name, place.name_en))
    return " ".join((member.person.display_name, member.person.staff_number, *said)).casefold()
