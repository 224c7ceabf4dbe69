"""What entries call things, as a reader says it: their texts keep short English names, so that no digest hangs on a language."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Field, IntegerField, Model
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from academy.journal.row_names import name_of_row, pointed_to

NAMES: dict[str, Any] = {}
# How a row of a kind is called, and what of it is read along.
THINGS: dict[str, tuple[Callable[[Any], Any], tuple[str, ...], tuple[str, ...]]] = {}
# What came of a look, in the access log; a floor adds its own.
OUTCOMES: dict[str, Any] = {
    "unknown": pgettext_lazy("access log", "no such certificate"),
    "altered": pgettext_lazy("access log", "altered in the database"),
}


def register_names(names: dict[str, Any]) -> None:
    """A floor says its own names; one that nobody says is shown as it stands."""
    NAMES.update(names)


def register_things(label: str, name: Callable[[Any], Any], *related: str, rows: tuple[str, ...] = ()) -> None:
    """Rows of ``label`` (``certificates.certificate``) are said by ``name``, not by their number in the database. ``rows``
    are those that point to them and are named along."""
    THINGS[label] = (name, related, rows)


def names_of(references: Iterable[str]) -> dict[str, str]:
    """Each reference ``label:key`` to how its row is called; one query a kind."""
    keys: dict[str, set[int]] = defaultdict(set)
    for reference in references:
        label, _colon, key = reference.partition(":")
        if key.isascii() and key.isdigit() and _has_rows(label):
            keys[label].add(int(key))
    found: dict[str, str] = {}
    for label, wanted in keys.items():
        model = apps.get_model(label)
        name, related, others = THINGS.get(label) or (name_of_row, tuple(pointed_to(model)), ())
        known = model._base_manager.prefetch_related(*others)
        rows = (known.select_related(*related) if related else known).in_bulk(wanted)
        found |= {f"{label}:{pk}": said for pk, row in rows.items() if (said := str(name(row)))}
    return found


def _has_rows(label: str) -> bool:
    try:
        model: type[Model] = apps.get_model(label)
    except (LookupError, ValueError):
        return False
    return isinstance(model._meta.pk, IntegerField)


def field_named(label: str, name: str) -> Field | None:
    """The field of the kind's rows that an entry calls ``name``; "of" and the like are no fields."""
    try:
        model: type[Model] = apps.get_model(label)
        field = model._meta.get_field(name.removesuffix("_id"))
    except (LookupError, ValueError, FieldDoesNotExist):
        return None
    return field if isinstance(field, Field) else None


def name_in_words(name: str, label: str = "") -> str:
    """A name as the floors say it, else as the kind of rows ``label`` calls its field, else as it stands."""
    if name in NAMES:
        return str(NAMES[name])
    field = field_named(label, name)
    return name if field is None else capfirst(str(field.verbose_name))


def value_in_words(value: Any, field: Field | None = None) -> Any:
    """Yes, no, a choice, the row that a key points to, a moment by the bank's clock; everything else as it stands."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if field is not None and isinstance(value, str) and value in (said := dict(field.flatchoices)):
        return str(said[value])
    if field is not None and isinstance(value, int) and isinstance(model := field.related_model, type):
        pointed = model._base_manager.filter(pk=value).first()
        return str(pointed) if pointed is not None else value
    if isinstance(value, str) and len(value) > 18 and value[10] in "T ":
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            return value
        return timezone.localtime(moment).strftime("%Y-%m-%d %H:%M:%S") if timezone.is_aware(moment) else value
    return value


register_things("academy.user", lambda row: row.staff_number)
register_things("academy.importrun", lambda row: row.file_name)
register_names(
    {
        "from": pgettext_lazy("journal", "from"),
        "until": pgettext_lazy("journal", "until"),
        "through": pgettext_lazy("journal", "through"),
        "state": pgettext_lazy("journal", "state"),
        "kind": pgettext_lazy("journal", "kind"),
        "version": pgettext_lazy("journal", "version"),
        "name": pgettext_lazy("journal", "name"),
        "email": pgettext_lazy("journal", "e-mail"),
        "people": pgettext_lazy("journal", "people"),
        "branch": pgettext_lazy("journal", "branch"),
        "position": pgettext_lazy("journal", "position"),
        "manager": pgettext_lazy("journal", "line manager"),
        "role": pgettext_lazy("journal", "role"),
        "deputy_for": pgettext_lazy("journal", "deputy of"),
        "superuser": pgettext_lazy("journal", "superuser"),
        "rows": pgettext_lazy("journal", "rows"),
        "number": pgettext_lazy("journal", "number"),
        "minutes": pgettext_lazy("journal", "minutes"),
        "may sign in": pgettext_lazy("journal", "may sign in"),
        "last_day": pgettext_lazy("journal", "last day"),
        "reason": pgettext_lazy("journal", "reason"),
        "demanded": pgettext_lazy("journal", "second person demanded"),
        "sha256": pgettext_lazy("journal", "SHA-256 of the file"),
        "file": pgettext_lazy("journal", "file"),
        "found": pgettext_lazy("journal", "found"),
        "act": pgettext_lazy("journal", "act"),
    }
)
