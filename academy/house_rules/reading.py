"""The values of house rules out of the database: read once, kept until a value, a posting or the day changes them."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from typing import NamedTuple

from academy.calendar.clock import local_day
from academy.house_rules.formatting import Text, said
from academy.house_rules.resolving import Scope, ScopedValue, Table, of_day, resolve, resolve_all, resolve_elsewhere
from academy.models import HouseRuleValue, Posting
from academy.requests.kept.answers import Versions, kept_answer, read_versions
from academy.requests.kept.watching import EVERYBODY
from academy.requests.prepared import PreparedQuery

# The house rule that says how the bank is called.
BANK = "bank-name"
POST = PreparedQuery(
    lambda person, day: (
        Posting.objects.current()
        .effective(day)
        .filter(person=person, primary=True)
        .order_by("-effective_from")
        .values_list("position__line", "branch__path")[:1]
    )
)


class _Row(NamedTuple):
    """The columns of a value that say what holds where and when."""

    code: str
    unit: str
    line: str
    path: str | None
    branch: str | None
    valid_from: date | None
    valid_until: date | None
    value: str
    value_en: str


def table_of(day: date, codes: Iterable[str] | None = None) -> Table:
    """By code what holds on a day, the nearest scope first. One query."""
    values = HouseRuleValue.objects.order_by("pk")
    if codes is not None:
        values = values.filter(rule__code__in=list(codes))
    found: dict[str, list[ScopedValue]] = defaultdict(list)
    columns = ("rule__code", "rule__unit", "line", "branch__path", "branch__code")
    for values_of_row in values.values_list(*columns, "valid_from", "valid_until", "value", "value_en"):
        row = _Row(*values_of_row)
        found[row.code].append(
            ScopedValue(
                text=said(row.unit, row.value, row.value_en),
                scope=Scope(row.line, row.path or ""),
                branch=row.branch or "",
                valid_from=row.valid_from,
                valid_until=row.valid_until,
            )
        )
    return {code: of_day(rows, day) for code, rows in found.items()}


def kept_table(now: datetime, version: int) -> Table:
    """The table of today, kept under the version of what concerns everybody."""
    day = local_day(now)
    return kept_answer("house-rules", lambda: table_of(day), person=EVERYBODY, under=(version, day), now=now)


def scope_of(person: int, day: date) -> Scope:
    """Where the person works on a day: line and branch of the primary post; the bank where there is none. One query."""
    row = POST.first(person=person, day=day)
    return Scope(row[0] or "", row[1] or "") if row else Scope()


def values_for(person: int, *, now: datetime, versions: Versions | None = None) -> dict[str, Text]:
    """By code what holds for a person today. One query where it is kept, none where the caller has read the ``versions``."""
    return resolve_all(*_table_and_scope(person, now, versions))


def values_elsewhere(
    person: int, *, now: datetime, versions: Versions | None = None
) -> dict[str, list[tuple[str, Text]]]:
    """By code what holds in the person's branch for other lines, where it differs. Queries as ``values_for``."""
    table, scope = _table_and_scope(person, now, versions)
    return {code: resolve_elsewhere(values, scope) for code, values in table.items()}


def _table_and_scope(person: int, now: datetime, versions: Versions | None) -> tuple[Table, Scope]:
    under = versions if versions is not None else read_versions(person)
    day = local_day(now)
    scope: Scope = kept_answer(
        "house-rules-scope", lambda: scope_of(person, day), person=person, under=(under, day), now=now
    )
    return kept_table(now, under[0]), scope


def values_of_bank(now: datetime) -> dict[str, Text]:
    """By code what holds where neither line nor branch has a value of its own: for previews and files. One query if kept."""
    table = kept_table(now, read_versions(EVERYBODY)[0])
    found = {code: resolve(values, Scope()) for code, values in table.items()}
    # A rule that is said for lines or branches only is shown by one of them.
    return {code: text if text is not None else table[code][-1].text for code, text in found.items() if table[code]}


def values_anywhere(codes: Iterable[str], now: datetime) -> dict[str, list[Text]]:
    """By code every value that holds for somebody in the bank today. One query if kept."""
    table = kept_table(now, read_versions(EVERYBODY)[0])
    return {code: [value.text for value in table.get(code, ())] for code in codes}
