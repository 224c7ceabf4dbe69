"""Whom a pasted list or a spreadsheet names: taken whole or not at all, each wrong line with its reason."""

import tempfile
from datetime import date
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from academy.importing.columns import Column, recognise
from academy.importing.faults import CellFault, FileRefused
from academy.importing.kinds.headings import NUMBER_HEADINGS
from academy.importing.reading import Source
from academy.importing.values import identifier
from academy.models import Role, User
from academy.staff.access import people_visible_to
from quizzes.hall.seating import numbers_on, read_lines

MOST_PEOPLE = 200
NAMED = 30
NUMBER = Column("number", gettext_lazy("Staff number"), NUMBER_HEADINGS, identifier, required=True)

# Where it stands, and the staff number.
type Line = tuple[int, str]


def pasted(text: str) -> list[Line]:
    """The staff numbers, one a line; of a pasted sheet the first column. Raises ``ValidationError`` for several on a line,
    of which all but the first would be lost."""
    crowded = [
        _said(number, line.strip(), _("One staff number per line."))
        for number, line in enumerate(text.splitlines(), 1)
        if numbers_on(line)
    ]
    if crowded:
        raise ValidationError(crowded[:NAMED])
    return read_lines(text)


def in_spreadsheet(upload: UploadedFile) -> list[Line]:
    """The staff numbers of a file, by its row. Raises ``ValidationError`` for what cannot be read."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "list"
        with path.open("wb") as file:
            for chunk in upload.chunks():
                file.write(chunk)
        try:
            return _numbers_in(path)
        except FileRefused as refused:
            raise ValidationError(str(refused.message)) from None


def _numbers_in(path: Path) -> list[Line]:
    lines: list[Line] = []
    problems: list[str] = []
    with Source(path) as source:
        layout = recognise(source, [NUMBER])
        column = layout.by_key.get(NUMBER.key)
        if column is None:
            raise ValidationError(_("No column is headed “%(name)s”.") % {"name": NUMBER_HEADINGS[0]})
        for row in source.rows(layout.sheet):
            if row.number <= layout.header:
                continue
            if row.fault:
                problems.append(_said(row.number, "", row.fault))
                continue
            cell: Any = row.cells[column] if column < len(row.cells) else None
            try:
                number = identifier(cell)
            except CellFault as fault:
                problems.append(_said(row.number, str(cell)[:32], str(fault.message)))
                continue
            if number:
                lines.append((row.number, str(number)))
            if len(lines) > MOST_PEOPLE:
                break
    if problems:
        raise ValidationError(problems[:NAMED])
    return lines


def people_of(lines: list[Line], *, viewer: User, on: date, roles: tuple[Role, ...]) -> list[User]:
    """The people, in the order of the list. Raises ``ValidationError`` that names what is unknown, out of reach, named
    twice or the viewer."""
    if not lines:
        raise ValidationError(_("Name at least one person."))
    if len(lines) > MOST_PEOPLE:
        raise ValidationError(_("No more than %(count)s lines at once.") % {"count": MOST_PEOPLE})
    reach = people_visible_to(viewer, on, roles).filter(staff_number__in={number for _line, number in lines})
    known = {person.staff_number: person for person in reach.filter(erasure=None)}
    first: dict[str, int] = {}
    problems = []
    for line, number in lines:
        if number in first:
            problem = _("It is in line %(line)s already.") % {"line": first[number]}
        elif number not in known:
            # One message for who is unknown and who is out of reach: nothing is given away.
            problem = _("No person with this staff number in your part of the bank.")
        elif known[number].pk == viewer.pk:
            problem = _("Nobody decides about themselves.")
        else:
            first[number] = line
            continue
        problems.append(_said(line, number, problem))
    if problems:
        more = len(problems) - NAMED
        shown = problems[:NAMED]
        if more > 0:
            shown.append(_("And %(count)s further lines.") % {"count": more})
        raise ValidationError(shown)
    return [known[number] for number in first]


def _said(line: int, number: str, problem: str) -> str:
    return _("Line %(line)s (%(number)s): %(problem)s") % {"line": line, "number": number[:40], "problem": problem}
