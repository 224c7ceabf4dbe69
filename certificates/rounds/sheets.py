"""The lists of a round as the bank keeps them: applications, eligibility, results, publicity, the list for the board."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import F
from django.db.models.query import QuerySet
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy, pgettext
from django.utils.translation import gettext as _

from academy.bilingual import pick
from academy.journal import head_line
from academy.models import Posting, User
from academy.spreadsheets import Column, ColumnKind, Sheet
from certificates.models import CertificationRound, RoundApplication, RoundObjection
from certificates.rounds.overview import objections_of

TEXT, DATE, MOMENT = ColumnKind.TEXT, ColumnKind.DATE, ColumnKind.MOMENT


def masked_number(number: str) -> str:
    """A staff number as the publicity shows it: its middle digits are stars."""
    shown = max(1, len(number) // 3)
    return f"{number[:shown]}{'*' * max(1, len(number) - 2 * shown)}{number[-shown:] if len(number) > 2 else ''}"


@dataclass(frozen=True)
class RoundList:
    """One list: its title, whose rows and which columns it has."""

    title: Any
    rows: Callable[[CertificationRound], QuerySet[RoundApplication]]
    columns: Callable[[], list[Column]]
    cells: Callable[[RoundApplication, Posting | None], list[Any]]


def _all(certification_round: CertificationRound) -> QuerySet[RoundApplication]:
    applications = certification_round.applications.select_related(
        "person", "branch", "round__track__level", "applied_by", "certification"
    )
    return applications.order_by("person__staff_number")


def _judged(certification_round: CertificationRound) -> QuerySet[RoundApplication]:
    return _all(certification_round).exclude(eligible=None)


def _listed(certification_round: CertificationRound) -> QuerySet[RoundApplication]:
    return _all(certification_round).exclude(result="").order_by(F("rank").asc(nulls_last=True), "person__staff_number")


def public_rows(certification_round: CertificationRound) -> list[RoundApplication]:
    """Who stands in the publicity: passed, with a place, and not out of it."""
    rows = _listed(certification_round).filter(result=RoundApplication.Result.PASSED, ending="")
    return [row for row in rows if row.has_place]


def _award(certification_round: CertificationRound) -> QuerySet[RoundApplication]:
    return _listed(certification_round).filter(pk__in=[row.pk for row in public_rows(certification_round)])


def _person_columns() -> list[Column]:
    return [
        Column(_("Staff number"), TEXT, 12),
        Column(pgettext("person", "Name"), TEXT, 12),
        Column(_("Branch code"), TEXT, 12),
        Column(_("Branch"), TEXT, 24),
        Column(_("Position"), TEXT, 18),
    ]


def _person(row: RoundApplication, posting: Posting | None) -> list[Any]:
    branch = row.branch
    place = ["", ""] if branch is None else [branch.code, branch.local_name]
    return [row.person.staff_number, row.person.display_name, *place, str(posting.position) if posting else ""]


def in_words(texts: Sequence[dict[str, str]]) -> str:
    """Texts in the reader's language, as one."""
    language = get_language() or settings.LANGUAGE_CODE
    return pgettext("between reasons", "; ").join(pick(text, language) for text in texts)


LISTS: dict[str, RoundList] = {
    "applications": RoundList(
        gettext_lazy("Applications"),
        _all,
        lambda: [
            *_person_columns(),
            Column(_("Applied at"), MOMENT, 20),
            Column(_("Applied by"), TEXT, 12),
            Column(pgettext("column", "Words"), TEXT, 30),
            Column(_("State"), TEXT, 14),
        ],
        lambda row, posting: [
            *_person(row, posting),
            row.applied_at,
            row.applied_by.staff_number,
            row.words,
            str(row.state),
        ],
    ),
    "eligibility": RoundList(
        gettext_lazy("Eligibility check"),
        _judged,
        lambda: [*_person_columns(), Column(_("Eligible"), TEXT, 10), Column(_("Reason"), TEXT, 60)],
        lambda row, posting: [*_person(row, posting), bool(row.eligible), in_words(row.reasons)],
    ),
    "results": RoundList(
        gettext_lazy("Results"),
        _listed,
        lambda: [
            *_person_columns(),
            Column(_("Result"), TEXT, 16),
            Column(_("Mark"), ColumnKind.NUMBER, 10),
            Column(_("Re-sit"), TEXT, 8),
            Column(_("Rank"), ColumnKind.NUMBER, 8),
            Column(_("What was missing"), TEXT, 60),
        ],
        lambda row, posting: [
            *_person(row, posting),
            str(row.state),
            row.score,
            row.resat,
            row.rank,
            in_words(row.missing),
        ],
    ),
    "publicity": RoundList(
        gettext_lazy("Publicity list"),
        _award,
        lambda: [
            Column(_("Staff number"), TEXT, 12),
            Column(pgettext("person", "Name"), TEXT, 12),
            Column(_("Branch"), TEXT, 24),
            Column(_("Level"), TEXT, 24),
        ],
        lambda row, posting: [
            masked_number(row.person.staff_number),
            row.person.display_name,
            row.branch.local_name if row.branch else "",
            str(row.round.track.level),
        ],
    ),
    "board": RoundList(
        gettext_lazy("List for the board"),
        _award,
        lambda: [
            *_person_columns(),
            Column(_("Level"), TEXT, 24),
            Column(_("Mark"), ColumnKind.NUMBER, 10),
            Column(_("Rank"), ColumnKind.NUMBER, 8),
            Column(_("Document number"), TEXT, 24),
            Column(_("Common award date"), DATE, 14),
            Column(_("Certified through"), DATE, 14),
        ],
        lambda row, posting: [
            *_person(row, posting),
            str(row.round.track.level),
            row.score,
            row.rank,
            row.document_number,
            row.round.award_on,
            row.certification.valid_through if row.certification else None,
        ],
    ),
}


def list_of(
    certification_round: CertificationRound, name: str, *, people: QuerySet | None, limited: bool, now: datetime
) -> list[Sheet]:
    """One list as a workbook; ``people`` narrows it to whom the reader answers for. Raises ``KeyError``."""
    wanted = LISTS[name]
    rows = wanted.rows(certification_round)
    if people is not None:
        rows = rows.filter(person__in=people)
    found = list(rows)
    posts = Posting.objects.current().effective(timezone.localdate(now)).filter(person__in=rows.values("person"))
    posted = {post.person_id: post for post in posts.filter(primary=True).select_related("position")}
    table = [[at, *wanted.cells(row, posted.get(row.person_id))] for at, row in enumerate(found, 1)]
    columns = [Column(_("No."), ColumnKind.NUMBER, 6), *wanted.columns()]
    return [
        Sheet(
            str(wanted.title),
            columns,
            table,
            _head(certification_round, str(wanted.title), len(found), limited, now),
            3,
        )
    ]


def objections_sheet(
    certification_round: CertificationRound, viewer: User, *, limited: bool, now: datetime
) -> list[Sheet]:
    """Objections with their answers. Who objected against another stands in none of the lists."""
    rows = list(objections_of(certification_round, viewer))
    title = _("Objections")
    columns = [
        Column(_("No."), ColumnKind.NUMBER, 6),
        Column(_("About"), TEXT, 14),
        Column(_("Concerns"), TEXT, 14),
        Column(_("By"), TEXT, 14),
        Column(pgettext("column", "Words"), TEXT, 50),
        Column(_("At"), MOMENT, 20),
        Column(_("Upheld"), TEXT, 10),
        Column(_("Answer"), TEXT, 50),
        Column(_("Answered at"), MOMENT, 20),
        Column(_("Answered by"), TEXT, 14),
    ]
    table = [
        [
            at,
            row.get_about_display(),
            row.application.person.staff_number,
            "" if row.about == RoundObjection.About.LISTED else row.made_by.staff_number,
            row.words,
            row.made_at,
            "" if row.upheld is None else row.upheld,
            row.answer,
            row.answered_at,
            row.answered_by.staff_number if row.answered_by else "",
        ]
        for at, row in enumerate(rows, 1)
    ]
    return [Sheet(title, columns, table, _head(certification_round, title, len(rows), limited, now), 3)]


def _head(
    certification_round: CertificationRound, title: str, count: int, limited: bool, now: datetime
) -> list[tuple[str, Any]]:
    return [
        (pgettext("certificate", "Title"), f"{certification_round.local_name} · {title}"),
        (_("Level"), str(certification_round.track.level)),
        (_("Branch"), certification_round.branch.local_name if certification_round.branch else _("All")),
        (_("As known on"), now),
        (_("Limited by permission"), _("yes") if limited else _("no")),
        (_("Rows"), count),
        head_line(now=now),
    ]
