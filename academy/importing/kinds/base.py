"""What every kind of file has: its columns, and how a row is judged, compared with what stands, and written."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, ClassVar, NamedTuple

from academy.bilingual import said as _
from academy.importing.columns import Column, Layout
from academy.importing.faults import Fault
from academy.models import Branch, ImportRun, User
from academy.models.roles import ACTING_ROLES
from academy.staff.access import people_visible_to

FAULT_LIMIT = 50_000
NEW, CHANGED, UNCHANGED, LEFT = "new", "changed", "unchanged", "left"


@dataclass(frozen=True)
class Context:
    """By whom, when and with which choices a file is imported. ``branches`` None: the whole bank."""

    now: datetime
    today: date
    actor: User | None = None
    branches: tuple[Branch, ...] | None = None
    effective_on: date | None = None
    complete: bool = False
    # The run whose people are told nothing until it is opened; None where they are told.
    quiet_load: ImportRun | None = None
    # The run that keeps what its file does to each person; None where nobody could take it back.
    run: ImportRun | None = None
    # Whether day or month comes first in days whose year comes last; empty where nobody has said it.
    day_order: str = ""
    # What holds for whoever is new and of whom the file has no such column, as a cell would say it.
    for_new: Mapping[str, str] = field(default_factory=dict)

    @property
    def from_day(self) -> date:
        return self.effective_on or self.today

    def covers(self, path: str) -> bool:
        return self.branches is None or any(path.startswith(branch.path) for branch in self.branches)


@dataclass(slots=True)
class Item:
    """A row as values. What its column could not give stands in ``bad``."""

    part: int
    row: int
    values: dict[str, Any]
    bad: frozenset[str] = frozenset()

    def lacks(self, key: str) -> bool:
        """The column is there and the cell is empty."""
        return key in self.values and self.values[key] in (None, "")


@dataclass(slots=True)
class Change:
    """What a row would do. ``details`` are label, before, after; ``work`` is the kind's own. ``renames`` where somebody
    who stands here would be called otherwise: the number may be another person's."""

    item: Item | None
    outcome: str
    key: str
    name: str = ""
    details: list[tuple[Any, Any, Any]] = field(default_factory=list)
    work: Any = None
    renames: bool = False


class NewName(NamedTuple):
    """A name that nothing bears yet, in how many rows it stands, and the standing name it may be meant for, else ''."""

    name: str
    rows: int
    nearest: str


class Faults:
    """The faults found so far, with the headings of each part of the run."""

    def __init__(self, columns: Iterable[Column]) -> None:
        self.columns = {column.key: column for column in columns}
        self.layouts: dict[int, Layout] = {}
        self.found: list[Fault] = []
        self.rows: set[tuple[int, int]] = set()
        # {(part, row): what the first column says, and the name}, of rows with faults.
        self.named: dict[tuple[int, int], tuple[str, str]] = {}

    def add(self, part: int, row: int, key: str, message: Any) -> None:
        column, layout = self.columns.get(key), self.layouts.get(part)
        heading = key if column is None else layout.heading_of(column) if layout else column.heading
        self.rows.add((part, row))
        self.found.append(Fault(row=row, column=heading, message=message, part=part))

    def of(self, item: Item, key: str, message: Any) -> None:
        self.add(item.part, item.row, key, message)

    def name(self, item: Item) -> None:
        """Keeps whose row it is where it has a fault: a line number alone says nothing to whoever mends it."""
        if (item.part, item.row) in self.rows:
            key = item.values.get(next(iter(self.columns)))
            self.named[item.part, item.row] = (str(key or ""), str(item.values.get("name") or ""))

    @property
    def full(self) -> bool:
        return len(self.found) >= FAULT_LIMIT


class FileKind:
    """One kind of file. An instance lives for one check or one write.

    ``note`` sees every row once and remembers what rows say about each other; ``finish`` judges that. ``compare`` sets rows
    against what stands, ``rest`` speaks of what no row names. ``write`` is called for each of ``steps`` with every row; it
    writes only what differs, so repeating it does nothing.
    """

    # Templates show the class itself.
    do_not_call_in_templates: ClassVar[bool] = True

    code: ClassVar[str]
    label: ClassVar[Any]
    hint: ClassVar[Any] = ""
    columns: ClassVar[tuple[Column, ...]]
    # How cells of the template are filled in, in Chinese and in English, where the house's own example does not fit.
    shown: ClassVar[Mapping[str, tuple[str, str]]] = {}
    order: ClassVar[int] = 100
    steps: ClassVar[int] = 1
    # Whole: rows depend on each other so much that they are written in one transaction, by ``write_rest``.
    whole: ClassVar[bool] = False
    may_be_complete: ClassVar[bool] = False
    # What somebody new needs, and a list of another system may not have as a column.
    asked_for_new: ClassVar[tuple[str, ...]] = ()
    whole_bank_only: ClassVar[bool] = False
    # Its rows may bring people into audiences or out of them.
    moves_people: ClassVar[bool] = False
    # Its new rows are people, who may come quietly; or things of which each holder is told.
    brings_people: ClassVar[bool] = False
    tells_holders: ClassVar[bool] = False
    # Its rows count at once: a second person lets them in.
    by_two: ClassVar[bool] = False

    def __init__(self, context: Context) -> None:
        self.context = context

    def note(self, item: Item, faults: Faults) -> None:
        """Remembers a row. Its faults go into ``faults``."""

    def finish(self, faults: Faults) -> None:
        """Judges what the rows say about each other."""

    def compare(self, items: list[Item], faults: Faults) -> list[Change]:
        raise NotImplementedError

    def rest(self, faults: Faults) -> Iterator[Change]:
        return iter(())

    def brings_new(self) -> list[NewName]:
        """What its rows name that stands nowhere yet and would be made with them."""
        return []

    def remember(self, item: Item) -> None:
        """Sees every checked row before the first is written, in a resumed run again."""

    def prepare_write(self) -> None:
        """After that; may be called again by a resumed run."""

    def write(self, step: int, items: list[Item]) -> None:
        raise NotImplementedError

    def write_rest(self) -> None:
        """After the last row."""

    def names_of(self, keys: Iterable[str]) -> dict[str, str]:
        """What standing things are called, by what the first column says of them: where a row with a fault says no name.
        Of people those whom the importer may see."""
        if self.columns[0].key != "number":
            return {}
        people = User.objects.filter(staff_number__in=list(keys))
        if self.context.branches is not None and self.context.actor is not None:
            seen = people_visible_to(self.context.actor, self.context.today, ACTING_ROLES)
            people = people.filter(pk__in=seen.values("pk"))
        return dict(people.values_list("staff_number", "display_name"))

    def people_of(self, items: list[Item]) -> list[int]:
        """Whose duties these rows may change, once they are written."""
        numbers = [number for item in items if (number := item.values.get("number"))]
        return list(User.objects.filter(staff_number__in=numbers).values_list("pk", flat=True))


def need(item: Item, key: str, faults: Faults) -> bool:
    """True when the cell holds something; else the row has a fault that says what to write, unless it has one already."""
    if item.values.get(key) not in (None, ""):
        return True
    if key not in item.bad:
        column = faults.columns.get(key)
        what = column.label if column else key
        faults.of(item, key, _("This is empty. Enter: %(what)s.") % {"what": what})
    return False


FILE_KINDS: dict[str, type[FileKind]] = {}


def register_kind(kind: type[FileKind]) -> type[FileKind]:
    """Makes a kind of file known; upper floors register theirs in ``AppConfig.ready()``."""
    FILE_KINDS[kind.code] = kind
    return kind


def kinds_in_order() -> list[type[FileKind]]:
    return sorted(FILE_KINDS.values(), key=lambda kind: kind.order)
