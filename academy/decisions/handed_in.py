"""What was handed in to be published: how it differs from what is published, why it does not go out as it is, and what is
shown of it to who decides. Once decided it is shown as it was then."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model
from django.utils.translation import gettext as _
from wagtail.models import Revision

from academy.decisions.differences import Difference, shown
from academy.decisions.four_eyes import SHOWN
from academy.decisions.objects import ObjectKind, ThingChange, kind_of, reasons_to_count, thing_named
from academy.doors import consequences_of
from academy.models import Proposal, User


@dataclass(frozen=True)
class Publishing:
    """A thing that would be published, for the question what that does (``consequences_of``)."""

    thing: Model


def differences_of(thing: Any, after: Any, before: Any = None) -> list[Difference]:
    """What publishing ``after`` would change of what is published now, or of ``before``."""
    kind = kind_of(thing)
    if kind is None:
        return []
    before = before or kind.published(thing)
    differences = list(kind.differences(before, after))
    for name, label in (("go_live_at", _("Goes live")), ("expire_at", _("Goes offline"))):
        old, new = getattr(before, name, None), getattr(after, name, None)
        if old != new:
            differences.append(Difference(name, label, shown(old), shown(new)))
    return differences


# What every revision has anew, though nobody wrote.
_VOLATILE = ("latest_revision", "latest_revision_created_at", "live_revision", "has_unpublished_changes", "live")
_VOLATILE_TOO = ("last_published_at", "first_published_at", "draft_title", "locked", "locked_at", "locked_by")


def plain_content(content: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in content.items() if name not in (*_VOLATILE, *_VOLATILE_TOO)}


def digest_of_revision(revision: Revision) -> str:
    """A revision is written over while its page stays open in the editor: what was handed in is known by its content."""
    said = json.dumps(plain_content(revision.content), sort_keys=True, cls=DjangoJSONEncoder)
    return hashlib.sha256(said.encode()).hexdigest()


def staleness(item: dict[str, Any]) -> str | None:
    """Why what was handed in does not go out as it is, or None."""
    thing, revision = thing_named(item["thing"]), Revision.objects.filter(pk=item["revision"]).first()
    if thing is None or revision is None:
        return _("“%(name)s” is not there any more.") % {"name": item["name"]}
    if (thing.live_revision_id if thing.live else None) != item["published"]:
        return _("“%(name)s” was published or taken offline meanwhile.") % {"name": item["name"]}
    if digest_of_revision(revision) != item["digest"]:
        return _("“%(name)s” was changed after it was handed in.") % {"name": item["name"]}
    return None


def changes_of(proposal: Proposal, viewer: User, now: datetime) -> list[ThingChange]:
    """Each thing as it would be and as it is; once decided, as it was."""
    return [_change(item, proposal, viewer, now) for item in proposal.facts["things"]]


def keep_states(proposal: Proposal, actor: User, now: datetime) -> dict[str, Any]:
    """The two states of each thing that ``actor`` is shown, by its reference: what came with the program was published
    without a revision, and what was compared cannot be found again once it is another."""
    kept = {}
    for item in proposal.facts["things"]:
        thing = thing_named(item["thing"])
        kind = kind_of(thing) if thing is not None else None
        if kind is not None and Revision.objects.filter(pk=item["revision"]).exists():
            standing, after = kind.published(thing), Revision.objects.get(pk=item["revision"]).as_object()
            kept[item["thing"]] = {"before": _content(standing), "after": _content(after)}
    return kept


def _content(state: Any) -> Any:
    """A state of a thing as JSON holds it, None for none."""
    return json.loads(json.dumps(state.serializable_data(), cls=DjangoJSONEncoder)) if state is not None else None


def _states(item: dict[str, Any], thing: Any, kind: ObjectKind, proposal: Proposal) -> tuple[Any, Any]:
    """The thing before and after: of what waits as it would be now, of what is decided as it was shown for that."""
    kept = proposal.facts.get(SHOWN, {}).get(item["thing"])
    if kept is not None:
        before, after = (kept[side] and thing.with_content_json(kept[side]) for side in ("before", "after"))
        return before, after
    after = Revision.objects.get(pk=item["revision"]).as_object()
    if proposal.state == Proposal.State.WAITING:
        return kind.published(thing), after
    # Decided before that was kept.
    published = Revision.objects.filter(pk=item["published"]).first()
    return published.as_object() if published is not None else None, after


def _change(item: dict[str, Any], proposal: Proposal, viewer: User, now: datetime) -> ThingChange:
    thing, waits = thing_named(item["thing"]), proposal.state == Proposal.State.WAITING
    kind = kind_of(thing) if thing is not None else None
    is_kept = item["thing"] in proposal.facts.get(SHOWN, {})
    if thing is None or kind is None or not (is_kept or Revision.objects.filter(pk=item["revision"]).exists()):
        return ThingChange(item["name"], item["thing"].partition(":")[0], stale=staleness(item) if waits else None)
    standing, after = _states(item, thing, kind, proposal)
    closed = kind.closed(viewer, after, now)
    found = differences_of(thing, after, standing) if standing else list(kind.differences(None, after))
    return ThingChange(
        name=str(after),
        what=thing._meta.verbose_name,
        thing=thing,
        differences=found if closed is None else [],
        counts=reasons_to_count(after),
        consequences=consequences_of(Publishing(thing)) if waits else [],
        closed=closed,
        outline=kind.outline(viewer, standing, after, now) if closed is not None else [],
        stale=staleness(item) if waits else None,
        before_is_kept=waits or is_kept or standing is not None,
    )
