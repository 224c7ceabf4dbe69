"""What a change says in another way than before: shown to who decides and kept by the journal."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Model
from django.utils.encoding import force_str
from django.utils.translation import gettext as _

SHOWN = 400


@dataclass(frozen=True)
class Difference:
    """One thing that is said in another way. ``code`` stands in the journal, ``what`` on the screen.

    ``weighs`` where it is more than words that are read: a key, an option, a number, a date. What is ``closed`` is told
    to nobody who may not read the thing itself: the journal keeps that it changed, never the words.
    """

    code: str
    what: Any
    before: str
    after: str
    weighs: bool = True
    closed: bool = False


def journalled(differences: Iterable[Difference], side: Callable[[Difference], str]) -> dict[str, str]:
    """One side of the change as the journal keeps it."""
    return {difference.code: "…" if difference.closed else side(difference)[:SHOWN] for difference in differences}


def leaves_of(before: Any, after: Any, way: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any, Any]]:
    """The way to each value that differs inside two bodies of JSON, with what stood there and stands there. Things in a
    list are the same thing by their id, else by their place; their order is one value."""
    if before == after or (isinstance(before, str) and isinstance(after, str) and shown(before) == shown(after)):
        return
    if isinstance(before, Mapping) or isinstance(after, Mapping):
        old, new = _as_mapping(before), _as_mapping(after)
        for name in [*old, *(name for name in new if name not in old)]:
            yield from leaves_of(old.get(name), new.get(name), (*way, name))
    elif isinstance(before, list) or isinstance(after, list):
        old, new = _by_name(before), _by_name(after)
        for name in [*old, *(name for name in new if name not in old)]:
            yield from leaves_of(old.get(name), new.get(name), (*way, name))
        kept = [name for name in old if name in new]
        if kept != [name for name in new if name in old]:
            yield (*way, "order"), " · ".join(kept), " · ".join(name for name in new if name in old)
    else:
        yield way, before, after


def _as_mapping(value: Any) -> dict[str, Any]:
    return dict(value) if isinstance(value, Mapping) else {}


def _by_name(value: Any) -> dict[str, Any]:
    """Things of a list by what they are known by there."""
    found: dict[str, Any] = {}
    for number, part in enumerate(value if isinstance(value, list) else [], 1):
        name = force_str(part["id"]) if isinstance(part, Mapping) and part.get("id") else str(number)
        found[name if name not in found else f"{name}.{number}"] = part
    return found


def row_differences(before: Any, after: Any, but: Iterable[str] = ()) -> list[Difference]:
    """Field by field of two states of a row, as its form says them."""
    differences = []
    for field in type(after)._meta.concrete_fields:
        if field.primary_key or field.name in but:
            continue
        old, new = (said_of(state, field.name) if state is not None else "" for state in (before, after))
        if old != new:
            differences.append(Difference(field.name, field.verbose_name, old, new))
    return differences


def label_of(model: type[Model], name: str) -> Any:
    """What a field is called in its form."""
    field: Any = model._meta.get_field(name)
    return field.verbose_name


def said_of(row: Any, name: str) -> str:
    """A field of a row as its form says it."""
    choice = getattr(row, f"get_{name}_display", None)
    return shown(choice() if choice is not None else getattr(row, name))


def shown(value: Any) -> str:
    """A value as who decides reads it."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    # A browser ends lines in another way than a file.
    return force_str(value).replace("\r\n", "\n").strip()
