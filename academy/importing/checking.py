"""The dry run: every row read and judged, then set against what stands. Nothing is written but the checked rows' own file."""

import json
from collections.abc import Callable, Collection, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any, TextIO

from django.db import reset_queries

from academy.bilingual import said as _
from academy.importing.columns import Layout, missing_columns
from academy.importing.faults import AmbiguousDay, CellFault, FileRefused
from academy.importing.kinds.base import NEW, UNCHANGED, Change, Faults, FileKind, Item
from academy.importing.leaving_out import LeavingOut, text_of_row
from academy.importing.reading import Source

CHUNK = 2000
CACHE_LIMIT = 20_000
PROGRESS_EVERY = 5000
LEFT_OUT_LIMIT = 1000


class Check:
    """One dry run of one kind of file, over the parts that a run has by now."""

    def __init__(self, kind: FileKind, spool: Path) -> None:
        self.kind, self.spool = kind, spool
        self.faults = Faults(kind.columns)
        self.rows = 0
        # Rows that give a standing person another name: perhaps another person is meant.
        self.renamed: list[tuple[int, int]] = []
        self.counts = {"new": 0, "changed": 0, "unchanged": 0, "left": 0}
        # Part, row and text of what is about the list and no part of it.
        self.left_out: list[tuple[int, int, str]] = []
        # Cells with a day whose order of day and month nobody has said.
        self.ambiguous_days = 0

    def read(
        self,
        source: Source,
        layout: Layout,
        *,
        part: int = 1,
        carried: Iterator[Item] | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> None:
        """Reads every row once. ``carried`` are good rows of earlier parts. Raises ``FileRefused``."""
        absent = missing_columns(layout, self.kind.columns)
        self.faults.layouts[part] = layout
        if absent:
            for column in absent:
                message = _("The file has no column for this; it is called %(names)s.") % {
                    "names": column.some_headings
                }
                self.faults.add(part, layout.header, column.key, message)
            return
        with self.spool.open("w", encoding="utf-8") as spool:
            for item in carried or ():
                self._take(item, spool)
            for item in self._items(source, layout, part):
                self._take(item, spool)
                if progress is not None and self.rows % PROGRESS_EVERY == 0:
                    progress(self.rows)
                if self.faults.full:
                    message = _("Too many errors: the check ends here. Is this the right kind of file?")
                    self.faults.add(part, item.row, "", message)
                    return
        self.kind.finish(self.faults)
        if self.faults.rows:
            # What rows say about each other is known only now.
            for item in read_spool(self.spool):
                self.faults.name(item)

    def _take(self, item: Item, spool: TextIO) -> None:
        self.rows += 1
        self.kind.note(item, self.faults)
        self.faults.name(item)
        if not item.bad:
            spool.write(_line(item))

    def _items(self, source: Source, layout: Layout, part: int) -> Iterator[Item]:
        columns = {column.key: column for column in self.kind.columns}
        day_order = self.kind.context.day_order
        readers: list[tuple[str, Callable[[Any], Any], int, dict[Any, Any]]] = [
            (key, columns[key].reader(day_order), index, {}) for key, index in layout.by_key.items()
        ]
        width = len(layout.headings)
        leaving = LeavingOut(layout)
        for row in source.rows(layout.sheet):
            if row.number == layout.header:
                continue
            if not row.fault and leaving.is_left_out(row):
                if len(self.left_out) < LEFT_OUT_LIMIT:
                    self.left_out.append((part, row.number, text_of_row(row.cells)))
                continue
            if row.fault:
                self.rows += 1
                self.faults.add(part, row.number, self.kind.columns[0].key, row.fault)
                continue
            values: dict[str, Any] = {}
            bad: set[str] = set()
            cells = row.cells
            for key, convert, index, cache in readers:
                cell = cells[index] if index < len(cells) else None
                try:
                    if type(cell) is str and cell in cache:
                        values[key] = cache[cell]
                    else:
                        value = values[key] = convert(cell)
                        if type(cell) is str and len(cache) < CACHE_LIMIT:
                            cache[cell] = value
                except CellFault as fault:
                    bad.add(key)
                    self.ambiguous_days += isinstance(fault, AmbiguousDay)
                    self.faults.add(part, row.number, key, fault.message)
            if len(cells) > width and any(cell not in (None, "") for cell in cells[width:]):
                self.faults.add(
                    part, row.number, self.kind.columns[0].key, _("This row has more cells than there are headings.")
                )
                bad.add("")
            yield Item(part, row.number, values, frozenset(bad))

    def compare(self) -> Iterator[Change]:
        """Sets the good rows against what stands; faults found on the way end up with the others."""
        if any(missing_columns(layout, self.kind.columns) for layout in self.faults.layouts.values()):
            return
        with changed_rows(self.spool).open("w", encoding="utf-8") as changed:
            for items in chunks(read_spool(self.spool, without=self.faults.rows)):
                reset_queries()
                for change in self.kind.compare(items, self.faults):
                    item = change.item
                    if item is None or (item.part, item.row) not in self.faults.rows:
                        self._count(change)
                        if item is not None and change.outcome != UNCHANGED:
                            changed.write(_line(item))
                        yield change
                for item in items:
                    self.faults.name(item)
        for change in self.kind.rest(self.faults):
            self._count(change)
            yield change

    def _count(self, change: Change) -> None:
        self.counts[change.outcome] += 1
        if change.renames and change.item is not None:
            self.renamed.append((change.item.part, change.item.row))

    @property
    def created(self) -> int:
        return self.counts[NEW]

    @property
    def unchanged(self) -> int:
        return self.counts[UNCHANGED]

    @property
    def updated(self) -> int:
        return self.counts["changed"] + self.counts["left"]


def changed_rows(spool: Path) -> Path:
    """Beside the checked rows: those that would change something."""
    return spool.with_name(f"{spool.name}-changed")


def read_spool(spool: Path, *, without: Collection[tuple[int, int]] = ()) -> Iterator[Item]:
    """The checked rows, as often as asked."""
    if not spool.exists():
        raise FileRefused(_("The checked rows are gone; check the file again."))
    with spool.open(encoding="utf-8") as file:
        for line in file:
            part, row, values = json.loads(line, object_hook=_decoded)
            if (part, row) not in without:
                yield Item(part, row, values)


def chunks(items: Iterator[Item], size: int = CHUNK) -> Iterator[list[Item]]:
    chunk: list[Item] = []
    for item in items:
        chunk.append(item)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _line(item: Item) -> str:
    return json.dumps([item.part, item.row, item.values], default=_encoded, ensure_ascii=False) + "\n"


def _encoded(value: Any) -> Any:
    if isinstance(value, date | datetime):
        return {"$": value.isoformat()}
    raise TypeError(type(value))


def _decoded(value: dict[str, Any]) -> Any:
    return date.fromisoformat(value["$"]) if "$" in value else value
