"""What entries call things, as a reader says it: their texts keep short English names, so that no digest hangs on a language."""

from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

NAMES: dict[str, Any] = {}
# What came of a look, in the access log; a floor adds its own.
OUTCOMES: dict[str, Any] = {
    "unknown": pgettext_lazy("access log", "no such certificate"),
    "altered": pgettext_lazy("access log", "altered in the database"),
}


def register_names(names: dict[str, Any]) -> None:
    """A floor says its own names; one that nobody says is shown as it stands."""
    NAMES.update(names)


def name_in_words(name: str) -> str:
    return str(NAMES.get(name, name))


def value_in_words(value: Any) -> Any:
    """Yes, no, and a moment by the bank's clock; everything else as it stands."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, str) and len(value) > 18 and value[10] in "T ":
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            return value
        return timezone.localtime(moment).strftime("%Y-%m-%d %H:%M:%S") if timezone.is_aware(moment) else value
    return value


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
