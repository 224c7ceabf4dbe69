"""Pasted lists of staff numbers: every wrong line is named, and the list is taken whole or not at all."""

from dataclasses import dataclass, field

from django.db.models.query import QuerySet
from django.utils.translation import gettext as _

from academy.models import User
from quizzes.hall.seating import MAXIMUM_LINES, LineError, read_lines


@dataclass
class Listed:
    """Whom a list names, in its order, and what is wrong with it."""

    people: list[User] = field(default_factory=list)
    errors: list[LineError] = field(default_factory=list)
    rest: dict[int, str] = field(default_factory=dict)


def people_of_lines(text: str, *, people: QuerySet[User]) -> Listed:
    """Reads staff numbers, one a line, against the people within reach. ``rest`` keeps what follows the number, by person.

    One query.
    """
    # A staff number has no space in it, so what stands behind one is no part of it either.
    lines = [(line, first.split()[0]) for line, first in read_lines(text)]
    if len(lines) > MAXIMUM_LINES:
        message = _("No more than %(count)s lines at once.") % {"count": MAXIMUM_LINES}
        return Listed(errors=[LineError(MAXIMUM_LINES + 1, "", message)])
    if not lines:
        return Listed(errors=[LineError(0, "", _("Name at least one person."))])
    whole = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    numbers = {number for _line, number in lines if len(number) <= 32}
    known = {person.staff_number: person for person in people.filter(staff_number__in=numbers)}
    listed = Listed()
    seen: dict[str, int] = {}
    for line, number in lines:
        person, problem = known.get(number), ""
        if number in seen:
            problem = _("Already in line %(line)s.") % {"line": seen[number]}
        elif person is None:
            problem = _("No person with this staff number in your part of the bank.")
        seen.setdefault(number, line)
        if problem:
            listed.errors.append(LineError(line, number[:40], problem))
        elif person is not None:
            listed.people.append(person)
            listed.rest[person.pk] = (
                whole[line - 1].strip(" \u3000\ufeff\u00a0")[len(number) :].strip(" \t,，;；\u3000")
            )
    return listed


def line_of(text: str, number: str) -> int:
    """In which line of a pasted list the staff number stands. Pure."""
    return next((at for at, first in read_lines(text) if first.split()[0] == number), 0)
