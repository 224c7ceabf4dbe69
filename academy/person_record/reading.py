"""A person's tables as HR's page shows them: the newest of each, grouped; a former branch sees its past only."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models.query import QuerySet
from django.utils.translation import gettext_lazy as _

from academy.doors import PERSON, RecordTable, person_records
from academy.models import Branch, Posting, User
from academy.models.roles import PEOPLE_ROLES
from academy.person_record.columns import spoken, spoken_row
from academy.staff.access import has_role, roles_of

# So many rows of each table stand on the page; a page of its own lists them all.
SHOWN = 20
SECTIONS = {
    "duties": _("Due"),
    "certification": _("Levels and certificates"),
    "learning": _("Learning"),
    "exams": _("Quizzes and exams"),
    "work": _("Employment and posts"),
    "messages": _("Notices"),
    "journal": _("Journal"),
}


@dataclass(frozen=True)
class ShownTable:
    """One table as the page shows it: ``rows`` are pairs of an address ('' for none) and the cells in words."""

    code: str
    label: Any
    headings: list[Any]
    rows: list[tuple[str, list[str]]]
    total: int

    @property
    def more(self) -> bool:
        return self.total > len(self.rows)


@dataclass
class Section:
    code: str
    label: Any
    panels: list[dict[str, Any]] = field(default_factory=list)
    tables: list[ShownTable] = field(default_factory=list)


def tables_for_bank(person: User) -> list[RecordTable]:
    """Every table that HR may read, in the order of the page."""
    order = list(SECTIONS)
    tables = [table for table in person_records(person) if table.reader != PERSON]
    tables.sort(
        key=lambda table: (
            order.index(table.section) if table.section in order else len(order),
            table.order,
            table.code,
        )
    )
    return tables


def table_of(person: User, code: str) -> RecordTable | None:
    return next((table for table in tables_for_bank(person) if table.code == code), None)


def shown(table: RecordTable, rows: list[Any], total: int, *, whole: bool = False) -> ShownTable:
    """Rows in words; the columns that the page shows, or all of them."""
    keys = () if whole else table.shown
    return ShownTable(
        code=table.code,
        label=table.label,
        headings=[column.label for column in table.columns if not keys or column.key in keys],
        rows=[(table.link(row) if table.link else "", spoken_row(table, row, keys)) for row in rows],
        total=total,
    )


def sections_of(person: User, panels: list[dict[str, Any]]) -> list[Section]:
    """The page: what each floor drew itself (``panels``), then the newest rows of each table. One query a table."""
    sections = {code: Section(code, label) for code, label in SECTIONS.items()}
    for panel in sorted(panels, key=lambda panel: panel["order"]):
        sections[panel.get("section", "exams")].panels.append(panel)
    for table in tables_for_bank(person):
        if table.shown and table.section in sections:
            rows = list(table.rows[: SHOWN + 1])
            total = table.rows.count() if len(rows) > SHOWN else len(rows)
            sections[table.section].tables.append(shown(table, rows[:SHOWN], total))
    return [section for section in sections.values() if section.panels or section.tables]


def former_part(viewer: User, on: date, person: User) -> tuple[date, QuerySet[Branch]] | None:
    """The last day on which the person stood in the viewer's part of the bank, and that part. None: never."""
    if not has_role(viewer, on, *PEOPLE_ROLES):
        return None
    held = roles_of(viewer, on)
    within = Branch.objects.below([branch for role in PEOPLE_ROLES for branch in held.get(role, [])])
    left = Posting.objects.current().filter(person=person, branch__in=within.values("pk"), effective_until__lt=on)
    day = left.order_by("-effective_until").values_list("effective_until", flat=True).first()
    return (day, within) if day else None


def past_tables(person: User, *, through: date, within: QuerySet[Branch]) -> list[ShownTable]:
    """What a former branch keeps: rows of the days up to its last one, without what came later.

    Of the postings only those in its own part are told: where somebody went is the new branch's to say.
    """
    shown_tables = []
    for table in tables_for_bank(person):
        if table.day is None or not table.shown:
            continue
        queryset = table.rows
        if queryset.model is Posting:
            queryset = queryset.filter(branch__in=within.values("pk"))
        rows = [row for row in queryset if (day := table.day(row)) is not None and day <= through]
        columns = [column for column in table.columns if column.key in table.shown]
        cells = [("", [_known(table, column, row, through) for column in columns]) for row in rows]
        if cells:
            shown_tables.append(
                ShownTable(table.code, table.label, [column.label for column in columns], cells, len(cells))
            )
    return shown_tables


def _known(table: RecordTable, column: Any, row: Any, through: date) -> str:
    if column.key in table.later:
        value = column.value(row)
        day = value.date() if hasattr(value, "date") else value
        if isinstance(day, date) and day > through:
            return ""
    return spoken(column.read(row))
