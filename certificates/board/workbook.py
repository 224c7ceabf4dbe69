"""The board's views as workbooks: text staff numbers, real dates, a frozen header, a filter; nothing in them runs."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from academy.spreadsheets import Column, ColumnKind, columns_of
from certificates.board.appointments import Against
from certificates.board.names import Named
from certificates.board.table import Board


def board_columns() -> list[Column]:
    return columns_of(
        _("Branch code"),
        _("Branch"),
        _("Must hold"),
        _("Hold"),
        _("Not yet, still in time"),
        _("Working without"),
        _("Expiring soon"),
        Column(_("Share certified (%)"), ColumnKind.PERCENTAGE),
    )


def board_rows(board: Board) -> Iterable[list]:
    for row in board.rows:
        yield [row.place.code, row.place.name, *_numbers(row.tally)]
    yield ["", _("Total"), *_numbers(board.total)]


def _numbers(tally: Any) -> list:
    share = None if tally.share is None else round(tally.share, 1)
    return [tally.required, tally.held, tally.missing, tally.without, tally.soon, share]


def name_columns() -> list[Column]:
    return columns_of(
        _("Staff number"),
        pgettext("person", "Name"),
        _("Branch code"),
        _("Branch"),
        _("Department"),
        _("Position"),
        _("In post since"),
        _("Line manager"),
        _("Manager's staff number"),
        _("Required level"),
        _("Status"),
        pgettext("certificate", "Due on"),
        _("Days late"),
        _("Holds through"),
        pgettext("person", "On leave"),
    )


def name_rows(people: Iterable[Named], *, urging: bool) -> Iterable[list]:
    """A row a level; of the list to urge only the levels that are lacking, or that expire."""
    for person in people:
        posting = person.posting
        for line in person.lacking if urging else person.lines:
            yield [
                person.person.staff_number,
                person.person.display_name,
                person.place.code,
                person.place.name,
                posting.department,
                str(posting.position),
                posting.post_began,
                posting.manager.display_name if posting.manager else "",
                posting.manager.staff_number if posting.manager else "",
                str(line.level),
                str(line.cover.label),
                line.demand.through if not line.lacks else line.demand.due_on,
                line.days_late or None,
                line.demand.through,
                _("yes") if person.outcome.on_leave else "",
            ]


def appointment_columns() -> list[Column]:
    return columns_of(
        _("Staff number"),
        pgettext("person", "Name"),
        _("Branch code"),
        _("Branch"),
        _("Position"),
        _("Level held"),
        _("Holds through"),
        _("Level appointed to"),
        _("Appointed from"),
        _("Appointed until"),
        _("Document number"),
    )


def appointment_rows(people: Iterable[Against]) -> Iterable[list]:
    for person in people:
        posting, appointed = person.posting, person.appointment
        yield [
            posting.person.staff_number,
            posting.person.display_name,
            person.place.code,
            person.place.name,
            str(posting.position),
            str(person.held or ""),
            person.through,
            str(appointed.level) if appointed else "",
            appointed.effective_from if appointed else None,
            appointed.effective_until if appointed else None,
            appointed.document_number if appointed else "",
        ]
