"""Which column means what: headings in Chinese and English, found in the first rows, kept for files of the same shape."""

import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any

from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from academy.bilingual import in_every_language, named
from academy.importing.faults import FileRefused
from academy.importing.reading import Row, Source
from academy.importing.values import day, last_day
from academy.importing.workbook import Formula

HEADER_WITHIN = 20
# The heading of what is wrong in our own error file.
FAULT_HEADING = named("错误说明", "What is wrong")
BRACKETED = re.compile(r"[(（\[【<《].*?[)）\]】>》]")
DROPPED = re.compile(r"[\s_*＊:：.。、\-–—'’\"“”#]+")


@dataclass(frozen=True)
class Column:
    """One thing a kind of file may say. ``headings`` are its names in both languages, the house's own first; what the
    screens call it is known, too."""

    key: str
    label: Any
    headings: tuple[str, ...]
    convert: Callable[..., Any]
    required: bool = False
    # Whether the house's own empty list has it.
    in_template: bool = True

    @cached_property
    def names(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys([*self.headings, *in_every_language(self.label).values()]))

    def names_in(self, language: str) -> list[str]:
        """What it is called in one language, the house's own name first; in the other where it has no name in this."""
        own = [name for name in self.names if name.isascii() == (language == "en")] or [*self.headings]
        return [name[:1].upper() + name[1:] for name in own]

    @property
    def heading(self) -> Any:
        """The house's own name, as whoever reads it says it."""
        return named(self.names_in("zh-hans")[0], self.names_in("en")[0])

    @property
    def some_headings(self) -> Any:
        """A few of its names, as whoever reads them says them."""
        return named(*(" / ".join(self.names_in(language)[:4]) for language in ("zh-hans", "en")))

    @property
    def known_headings(self) -> list[str]:
        """For who prepares a file: some names in the reader's language, then some in the other."""
        here = get_language() or settings.LANGUAGE_CODE
        first, second = ("en", "zh-hans") if here == "en" else ("zh-hans", "en")
        names = [str(self.label), *self.names_in(first)[:4], *self.names_in(second)[:3]]
        return list({whole(name): name for name in reversed(names)}.values())[::-1]

    @property
    def known_words(self) -> list[str]:
        """What its cells may say, as the reader says it, where only some words are known."""
        return [str(word) for word in getattr(self.convert, "choices", ())]

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

    def heading_of(self, column: Column) -> Any:
        """As the file says it, else the house's own name."""
        index = self.by_key.get(column.key)
        return self.headings[index] if index is not None else column.heading

    @property
    def shape(self) -> str:
        return hashlib.sha256("\x1f".join(self.headings).encode()).hexdigest()


def whole(heading: str) -> str:
    """A heading as it is compared: stars, spaces and case make no difference."""
    return DROPPED.sub("", unicodedata.normalize("NFKC", heading)).casefold()


def plain(heading: str) -> str:
    """The same without what stands in brackets."""
    return whole(BRACKETED.sub("", unicodedata.normalize("NFKC", heading)) or heading)


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


def _ranked(columns: list[Column]) -> dict[str, tuple[int, str]]:
    """The column of each name. What two are called means the one that is called so first; a heading comes before what
    only the screens say."""
    ranked = [(rank, whole(name), column.key) for column in columns for rank, name in enumerate(column.names)]
    said = {(column.key, whole(name)) for column in columns for name in column.headings}
    names: dict[str, tuple[int, str]] = {}
    for rank, name, key in sorted(ranked, key=lambda found: ((found[2], found[1]) not in said, found[0])):
        names.setdefault(name, (rank, key))
    return names


def _laid_out(sheet: str, row: Row, columns: list[Column]) -> Layout:
    headings = [
        "" if cell is None or isinstance(cell, Formula) else " ".join(str(cell).split())[:80] for cell in row.cells
    ]
    names = _ranked(columns)
    found: list[tuple[int, str]] = []
    for heading in headings:
        heading = heading.removeprefix("profile_field_")
        candidates = [
            whole(heading),
            plain(heading),
            *(plain(part) for part in re.split(r"[/|\\\n(（)）]", heading) if part.strip()),
        ]
        found.append(next((names[candidate] for candidate in candidates if candidate in names), (99, "")))
    # Two columns that could mean the same: the better known name is taken, the earlier of equals.
    chosen: dict[str, int] = {}
    for index, (rank, key) in enumerate(found):
        if key and (key not in chosen or rank < found[chosen[key]][0]):
            chosen[key] = index
    keys = [key if key and chosen[key] == index else "" for index, (_rank, key) in enumerate(found)]
    return Layout(sheet, row.number, headings, keys)
