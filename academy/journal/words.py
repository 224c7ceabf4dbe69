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
from django.utils.translation import gettext_lazy as _lazy
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
        name, related, others = THINGS.get(model._meta.label_lower) or (name_of_row, tuple(pointed_to(model)), ())
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
        "journal": _lazy("Journal"),
        "access_log": _lazy("Access log"),
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
        "thing": pgettext_lazy("journal", "thing"),
        "before": pgettext_lazy("journal", "before"),
        "after": pgettext_lazy("journal", "after"),
        "lesson": pgettext_lazy("journal", "lesson"),
        "origin": pgettext_lazy("journal", "came by"),
        "task": pgettext_lazy("journal", "task"),
        "created": pgettext_lazy("journal", "created"),
        "updated": pgettext_lazy("journal", "changed"),
        "questions": pgettext_lazy("journal", "questions"),
        "expect": pgettext_lazy("journal", "compared with the seal"),
        "unchanged": pgettext_lazy("journal", "unchanged"),
        "left": pgettext_lazy("journal", "left"),
        "new": pgettext_lazy("journal", "new"),
        "changed": pgettext_lazy("journal", "changed"),
        "errors": pgettext_lazy("journal", "faults"),
        "left_out": pgettext_lazy("journal", "rows left out"),
        "ambiguous_days": pgettext_lazy("journal", "days that could be read in two ways"),
        "notices": pgettext_lazy("journal", "notices sent"),
        "vetoes": pgettext_lazy("journal", "vetoes"),
        "unobserved": pgettext_lazy("journal", "not observed"),
        "rules": pgettext_lazy("journal", "version of the requirements"),
        "due": pgettext_lazy("journal", "due"),
        "period": pgettext_lazy("journal", "period"),
        "required": pgettext_lazy("journal", "required"),
        "explained": pgettext_lazy("journal", "explanations read"),
        "right": pgettext_lazy("journal", "answered right"),
        "since": pgettext_lazy("journal", "since"),
        "training": pgettext_lazy("journal", "training"),
        "recognised": pgettext_lazy("journal", "hours recognised for"),
        "signed_in_at": pgettext_lazy("journal", "signed in at"),
        "late": pgettext_lazy("journal", "late"),
        "left_early_at": pgettext_lazy("journal", "left early at"),
        "absence_reason": pgettext_lazy("journal", "reason of the absence"),
        "how": pgettext_lazy("journal", "signed in by"),
        "within days": pgettext_lazy("journal", "within days"),
        "counts from": pgettext_lazy("journal", "counts from"),
        "day": pgettext_lazy("journal", "day"),
        "refused": pgettext_lazy("journal", "not eligible"),
        "count": pgettext_lazy("journal", "people"),
        "missing": pgettext_lazy("journal", "missing"),
        "on": pgettext_lazy("journal", "from the day"),
        "about": pgettext_lazy("journal", "about"),
        "things": pgettext_lazy("journal", "what is concerned"),
        "whole": pgettext_lazy("journal", "part of"),
        "typing_error": pgettext_lazy("journal", "typing error only"),
        "outage": pgettext_lazy("journal", "outage"),
        "reopened": pgettext_lazy("journal", "opened again"),
        "fraction": pgettext_lazy("journal", "share of the marks"),
        "counts": pgettext_lazy("journal", "counts"),
        "invigilators": pgettext_lazy("journal", "invigilators"),
        "as_of": pgettext_lazy("journal", "as of"),
        "known_as_of": pgettext_lazy("journal", "as known at"),
        "expiring_within": pgettext_lazy("journal", "expiring within days"),
        "search": pgettext_lazy("journal", "search"),
        "status": pgettext_lazy("journal", "status"),
        "level": pgettext_lazy("journal", "level"),
        "mode": pgettext_lazy("journal", "repair"),
        "code": pgettext_lazy("journal", "called"),
        "upheld": pgettext_lazy("journal", "upheld"),
        "sessions": pgettext_lazy("journal", "sessions"),
        "report": pgettext_lazy("journal", "list"),
        "results": pgettext_lazy("journal", "results"),
        "own": pgettext_lazy("journal", "own record"),
        "bank": pgettext_lazy("journal", "question bank"),
        "forgotten": pgettext_lazy("journal", "attempts forgotten"),
        "format": pgettext_lazy("journal", "format"),
        "keep": pgettext_lazy("journal", "kept"),
        "kept_for_exams": pgettext_lazy("journal", "kept for exams"),
        "language": pgettext_lazy("journal", "language"),
        "left_on": pgettext_lazy("journal", "left on"),
        "consequences": pgettext_lazy("journal", "consequences"),
        "grounds": pgettext_lazy("journal", "evidence refused"),
        "lower": pgettext_lazy("journal", "lower level"),
        "this_cycle": pgettext_lazy("journal", "for this award only"),
        "document_number": pgettext_lazy("journal", "document number"),
        "decision": pgettext_lazy("journal", "decision"),
        "valid_from": pgettext_lazy("journal", "holds from"),
        "valid_until": pgettext_lazy("journal", "holds until"),
    }
)
