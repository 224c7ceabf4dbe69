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


# (label, key); who has the same keeps the order of the staff numbers.
ORDERS: dict[str, tuple[Any, Callable[[Member], Any]]] = {
    "state": (_("State"), _pressing),
    "name": (pgettext_lazy("person", "Name"), lambda member: member.person.name_key),
    "number": (_("Staff number"), lambda member: member.person.staff_number),
    "post": (
        _("Position"),
        lambda member: (str(member.posting.position), member.posting.branch.local_name) if member.posting else ("", ""),
    ),
    "due": (_("Due next"), lambda member: member.due_on or date.max),
    "level": (_("Level"), _rank),
    "reminded": (_("Last reminded"), lambda member: member.nudged_at or NEVER),
}

# As they stand in the table; the staff number stands below the name.
COLUMNS = ("name", "state", "due", "level", "post", "reminded")


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

    def headings(self) -> list[Heading]:
        return [
            Heading(
                key,
                label,
                ("descending" if self.backwards else "ascending") if key == self.order else "",
                f"-{key}" if key == self.order and not self.backwards else key,
            )
            for key, (label, _key) in ((key, ORDERS[key]) for key in COLUMNS)
        ]


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
    return sorted(found, key=ORDERS[asked.order][1], reverse=asked.backwards)


def _letters(member: Member) -> str:
    posting = member.posting
    place = f" {posting.position} {posting.branch.local_name}" if posting else ""
    return f"{member.person.display_name} {member.person.staff_number}{place}".casefold()
