"""Which column means what: headings in Chinese and English, found in the first rows, kept for files of the same shape."""

import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from django.utils.translation import gettext as _

from academy.importing.faults import FileRefused
from academy.importing.reading import Row, Source
from academy.importing.values import day, last_day
from academy.importing.workbook import Formula

HEADER_WITHIN = 20
# Headings of our own error file, and of nothing else.
FAULT_HEADING = "错误说明"
BRACKETED = re.compile(r"[(（\[【<《].*?[)）\]】>》]")
DROPPED = re.compile(r"[\s_*＊:：.。、\-–—'’\"“”#]+")


@dataclass(frozen=True)
class Column:
    """One thing a kind of file may say. ``headings`` are its names, the house's own first."""

    key: str
    label: Any
    headings: tuple[str, ...]
    convert: Callable[..., Any]
    required: bool = False
    # Whether the house's own empty list has it.
    in_template: bool = True

    @property
    def is_day(self) -> bool:
        return self.convert in (day, last_day)

    def reader(self, day_order: str) -> Callable[[Any], Any]:
        """What makes a value of a cell in a file in which day and month stand in this order."""
        return partial(self.convert, order=day_order) if self.is_day else self.convert


@dataclass(frozen=True)
class Layout:
    """Where the header stands and which column means what."""

    sheet: str
    header: int
    headings: list[str]
    keys: list[str] = field(default_factory=list)

    @property
    def by_key(self) -> dict[str, int]:
        return {key: index for index, key in enumerate(self.keys) if key}

    @property
    def ignored(self) -> list[str]:
        return [heading for heading, key in zip(self.headings, self.keys, strict=True) if heading and not key]

    def heading_of(self, column: Column) -> str:
        """As the file says it, else the house's own name."""
        index = self.by_key.get(column.key)
        return self.headings[index] if index is not None else column.headings[0]

    @property
    def shape(self) -> str:
        return hashlib.sha256("\x1f".join(self.headings).encode()).hexdigest()


def plain(heading: str) -> str:
    """A heading as it is compared: brackets, stars, spaces and case make no difference."""
    text = unicodedata.normalize("NFKC", heading)
    bare = BRACKETED.sub("", text)
    return DROPPED.sub("", bare or text).casefold()


def recognise(
    source: Source, columns: Iterable[Column], kept: Callable[[str], Mapping[str, str]] | None = None
) -> Layout:
    """The sheet and row with the most headings that are known. ``kept`` gives what was said before for a shape.

    Raises ``FileRefused`` when no row of the first twenty has the headings that a file of this kind must have.
    """
    columns = list(columns)
    best: Layout | None = None
    for sheet in source.sheets[:20]:
        for row in source.rows(sheet):
            if row.number > HEADER_WITHIN:
                break
            layout = _laid_out(sheet, row, columns)
            if best is None or _worth(layout, columns) > _worth(best, columns):
                best = layout
    if best is None:
        raise FileRefused(_("The file has no rows."))
    if kept is not None:
        best = with_mapping(best, columns, kept(best.shape))
    return best


def missing_columns(layout: Layout, columns: Iterable[Column]) -> list[Column]:
    return [column for column in columns if column.required and column.key not in layout.by_key]


def with_mapping(layout: Layout, columns: Iterable[Column], mapping: Mapping[str, str]) -> Layout:
    """The layout with what a person said about its headings; '' ignores a column."""
    known = {column.key for column in columns}
    keys, taken = [], set()
    for heading, key in zip(layout.headings, layout.keys, strict=True):
        said = mapping.get(heading, key)
        said = said if said in known and said not in taken else ""
        taken.add(said)
        keys.append(said)
    return Layout(layout.sheet, layout.header, layout.headings, keys)


def _worth(layout: Layout, columns: list[Column]) -> tuple[int, int]:
    return -len(missing_columns(layout, columns)), len(layout.by_key)


def _laid_out(sheet: str, row: Row, columns: list[Column]) -> Layout:
    headings = [
        "" if cell is None or isinstance(cell, Formula) else " ".join(str(cell).split())[:80] for cell in row.cells
    ]
    names = {plain(name): (rank, column.key) for column in columns for rank, name in enumerate(column.headings)}
    found: list[tuple[int, str]] = []
    for heading in headings:
        heading = heading.removeprefix("profile_field_")
        candidates = [plain(heading), *(plain(part) for part in re.split(r"[/|\\\n(（)）]", heading) if part.strip())]
        found.append(next((names[candidate] for candidate in candidates if candidate in names), (99, "")))
    # Two columns that could mean the same: the better known name is taken, the earlier of equals.
    chosen: dict[str, int] = {}
    for index, (rank, key) in enumerate(found):
        if key and (key not in chosen or rank < found[chosen[key]][0]):
            chosen[key] = index
    keys = [key if key and chosen[key] == index else "" for index, (_rank, key) in enumerate(found)]
    return Layout(sheet, row.number, headings, keys)
