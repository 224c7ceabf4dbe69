"""Before something is deleted: what is in use stays, and whoever asks reads by what it is used."""

from collections import Counter
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
    use of it. Django's collector knows what would go with it; nothing is written."""
    try:
        Collector(using=router.db_for_write(type(instance), instance=instance), origin=instance).collect([instance])
    except ProtectedError as protected:
        using: set[Any] = protected.protected_objects
    except RestrictedError as restricted:
        using = restricted.restricted_objects
    else:
        return None
    own = getattr(instance, "own_history", ())
    others = {row for row in using if row._meta.label not in own}
    if not others:
        return _("“%(name)s” was published and has to keep what it said then. Retire it instead of deleting it.") % {
            "name": instance
        }
    counts = Counter(type(row)._meta.verbose_name_plural for row in others)
    uses = (
        _("%(what)s: %(count)s") % {"what": capfirst(str(name)), "count": count}
        for name, count in counts.most_common(NAMED)
    )
    named = " · ".join(uses)
    return _("“%(name)s” is in use and cannot be deleted. Used by – %(what)s") % {"name": instance, "what": named}
