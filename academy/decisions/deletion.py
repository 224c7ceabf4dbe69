"""Before something is deleted: what is in use stays, and whoever asks reads by what it is used."""

from collections import Counter
from collections.abc import Callable
from typing import Any

from django.db import router
from django.db.models import Model, ProtectedError, RestrictedError
from django.db.models.deletion import Collector
from django.utils.text import capfirst
from django.utils.translation import gettext as _

# So many kinds of rows are named that use a thing.
NAMED = 4


def deletion_refusal(instance: Model) -> str | None:
    """Why something cannot be deleted, or None; ``own_history`` of a model names the rows that are a part of it and no
    use of it."""
    in_the_way = _in_the_way(instance)
    if not in_the_way:
        return None
    used = _uses(instance, in_the_way)
    if not used:
        return _("“%(name)s” was published and has to keep what it said then. Retire it instead of deleting it.") % {
            "name": instance
        }
    return _("“%(name)s” is in use and cannot be deleted. Used by – %(what)s") % {"name": instance, "what": used}


def used_by(instance: Model) -> str:
    """By what something is used beside its own parts, in words; '' where by nothing."""
    return _uses(instance, _in_the_way(instance))


def _in_the_way(instance: Model) -> set[Any]:
    """The rows that keep it. Django's collector knows what would go with it; nothing is written."""
    try:
        Collector(using=router.db_for_write(type(instance), instance=instance), origin=instance).collect([instance])
    except ProtectedError as protected:
        return protected.protected_objects
    except RestrictedError as restricted:
        return restricted.restricted_objects
    return set()


def _uses(instance: Model, rows: set[Any]) -> str:
    own = getattr(instance, "own_history", ())
    counts = Counter(type(row) for row in rows if row._meta.label not in own)
    return " · ".join(use_in_words(model, count) for model, count in counts.most_common(NAMED))


def use_in_words(model: type[Model], count: int) -> str:
    """How often a kind of row uses something; a model whose name is no word for that says it itself."""
    words: Callable[[int], str] | None = getattr(model, "use_in_words", None)
    if words is not None:
        return words(count)
    return _("%(what)s: %(count)s") % {"what": capfirst(str(model._meta.verbose_name_plural)), "count": count}
