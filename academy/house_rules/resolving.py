"""Which value of a rule holds for a line, a branch and a day. Pure.

The nearest scope wins: a value of a branch before one of the bank, of two branches the lower one, and in the same branch
one for the line before one for every line. In one scope the value that began last holds.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from academy.house_rules.formatting import Text


@dataclass(frozen=True)
class Scope:
    """A line of business ('' every one) and the path of a branch in the tree ('' the whole bank)."""

    line: str = ""
    path: str = ""

    @property
    def nearness(self) -> tuple[int, bool]:
        return self.path.count("/"), bool(self.line)

    def reaches(self, other: "Scope") -> bool:
        """Whether what holds here holds for who works there."""
        return self.line in ("", other.line) and other.path.startswith(self.path)


@dataclass(frozen=True)
class ScopedValue:
    """A value in words, and where and when it holds; ``branch`` is the branch's code, '' for the bank."""

    text: Text
    scope: Scope = Scope()
    branch: str = ""
    valid_from: date | None = None
    valid_until: date | None = None

    def holds_on(self, day: date) -> bool:
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_until is None or day <= self.valid_until
        )


# By code, the values that hold on one day, one a scope, the nearest first.
type Table = Mapping[str, Sequence[ScopedValue]]


def of_day(values: Iterable[ScopedValue], day: date) -> list[ScopedValue]:
    """One value a scope, the nearest scope first."""
    found: dict[Scope, ScopedValue] = {}
    for scoped in sorted(values, key=lambda value: value.valid_from or date.min):
        if scoped.holds_on(day):
            found[scoped.scope] = scoped
    return sorted(found.values(), key=lambda scoped: scoped.scope.nearness, reverse=True)


def resolve(values: Sequence[ScopedValue], scope: Scope) -> Text | None:
    """What holds for who works in ``scope``, out of ``of_day``; None where nothing does."""
    return next((value.text for value in values if value.scope.reaches(scope)), None)


def resolve_elsewhere(values: Sequence[ScopedValue], scope: Scope) -> list[tuple[str, Text]]:
    """What holds for other lines in the same branch where it differs from what holds in ``scope``: first what holds for
    the lines without a value of their own, as '', then line by line."""
    own, usual = resolve(values, scope), resolve(values, Scope("", scope.path))
    lines = sorted({value.scope.line for value in values} - {"", scope.line})
    found = [("", usual), *((line, resolve(values, Scope(line, scope.path))) for line in lines)]
    return [(line, text) for line, text in found if text is not None and text != own and (not line or text != usual)]


def resolve_all(table: Table, scope: Scope) -> dict[str, Text]:
    """By code what holds for who works in ``scope``."""
    found = {code: resolve(values, scope) for code, values in table.items()}
    return {code: text for code, text in found.items() if text is not None}


def scopes_of(table: Table, codes: Iterable[str]) -> list[Scope]:
    """Every line and branch in which these rules together may say something of their own, the bank first."""
    values = [resolved for code in codes for resolved in table.get(code, ())]
    lines = sorted({"", *(value.scope.line for value in values)})
    paths = sorted({"", *(value.scope.path for value in values)})
    return [Scope(line, path) for path in paths for line in lines]


def by_scope(table: Table, codes: Iterable[str]) -> dict[str, list[list[object]]]:
    """What the digest of a version covers: by code, (line, branch, words) of each value, in one order."""
    return {
        code: sorted(
            (
                [resolved.scope.line, resolved.branch, dict(sorted(resolved.text.items()))]
                for resolved in table.get(code, ())
            ),
            key=repr,
        )
        for code in sorted(set(codes))
    }
