"""Taking offline and deleting what counts for a certificate: two people, and whoever asks reads first what it does."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Model
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.actions.delete_page import DeletePageAction
from wagtail.actions.unpublish import UnpublishAction
from wagtail.actions.unpublish_page import UnpublishPageAction
from wagtail.log_actions import get_active_log_context
from wagtail.models import Page

from academy.calendar.clock import local_day
from academy.decisions.deletion import deletion_refusal
from academy.decisions.four_eyes import propose, register_proposal
from academy.decisions.objects import (
    DELETE,
    UNPUBLISH,
    Act,
    ThingChange,
    carried_now,
    carried_out,
    kind_of,
    reasons_to_count,
    second_people,
    thing_named,
)
from academy.decisions.publishing import READERS
from academy.decisions.second_person import is_switched_off
from academy.doors import consequences_of
from academy.errors.refusals import RuleViolation
from academy.journal import record, register_action
from academy.journal.facts import reference_to
from academy.models import Proposal, Role, User

TAKEN_OFFLINE = register_action("academy.take_offline_counting", gettext_lazy("Taken offline what counts"))
DELETED = register_action("academy.delete_counting", gettext_lazy("Deleted what counts"))
# What holds for people is taken away by those who look after it; content by those who write it.
ALL_READERS = (*READERS, Role.HR, Role.BRANCH_ADMINISTRATOR, Role.ADMINISTRATOR)


def things_going(thing: Any, *, descendants: bool) -> list[Model]:
    """The thing, and of a page what goes with it."""
    below = (
        [descendant.specific for descendant in thing.get_descendants()]
        if descendants and isinstance(thing, Page)
        else []
    )
    return [thing, *below]


def removal_refusal(thing: Any, name: str) -> str | None:
    """Why the thing cannot be deleted or taken offline, whoever decides, or None."""
    refusal = deletion_refusal(thing) if name == DELETE else None
    blocks = (consequence.text for consequence in consequences_of(thing) if consequence.blocks)
    return refusal or next(blocks, None)


def removal_is_asked(*, things: Iterable[Model], name: str, actor: User, now: datetime) -> bool:
    """Whether a second person takes these away: one of them counts, and there is somebody."""
    things = list(things)
    if is_switched_off(ACTIONS[name]) or not any(_counts(thing) for thing in things):
        return False
    acts = [Act(thing, name) for thing in things]
    return bool(second_people(acts=acts, but=actor, on=local_day(now), at_most=1))


def _counts(thing: Any) -> bool:
    """A draft that never went out counts for nobody, though it is of something that does."""
    return bool(getattr(thing, "live", True) and reasons_to_count(thing))


@transaction.atomic
def propose_removal(*, thing: Any, name: str, descendants: bool, reason: str, actor: User, now: datetime) -> Proposal:
    """Raises ``RuleViolation`` with the reason where it cannot be taken away, or waits for that already."""
    refusal = removal_refusal(thing, name)
    if refusal:
        raise RuleViolation(refusal)
    if waiting_removals([thing]):
        raise RuleViolation(_("That is proposed already and waits for a second person."))
    items: list[dict[str, Any]] = [
        {
            "thing": reference_to(going_thing),
            "name": str(going_thing),
            "revision": getattr(going_thing, "live_revision_id", None),
        }
        for going_thing in things_going(thing, descendants=descendants)
    ]
    return propose(
        action=ACTIONS[name],
        things=[item["thing"] for item in items],
        facts={"things": items, "descendants": descendants},
        reason=reason,
        actor=actor,
        now=now,
    )


def goes_offline_now(thing: Any, update_fields: Any) -> bool:
    """Whether a save takes something offline that four eyes know of. A query for what is offline as it is saved."""
    if update_fields is not None or kind_of(thing) is None or not thing.pk or getattr(thing, "live", True):
        return False
    return (
        get_active_log_context().user is not None
        and type(thing)._default_manager.filter(pk=thing.pk, live=True).exists()
    )


def guard_removal(thing: Any, name: str, now: datetime) -> None:
    """Before a row goes, by whatever button or list of the admin. Raises ``RuleViolation`` where two people take it away.
    What commands and the clock take away was decided before."""
    actor = get_active_log_context().user
    if actor is None or kind_of(thing) is None or carried_now() is not None:
        return
    stored = thing_named(reference_to(thing))
    if stored is not None and removal_is_asked(things=[stored], name=name, actor=actor, now=now):
        raise RuleViolation(
            _("“%(name)s” counts for a certificate. A second person has to agree first.") % {"name": thing}
        )


def waiting_removals(things: Iterable[Model]) -> list[Proposal]:
    """The proposals that wait to take one of these away. One query."""
    references = [reference_to(thing) for thing in things]
    proposals = Proposal.objects.filter(action__in=ACTIONS.values(), state=Proposal.State.WAITING)
    return list(proposals.filter(objects_concerned__reference__in=references).distinct())


def _acts_of(name: str) -> Any:
    def acts(facts: dict[str, Any]) -> list[Act]:
        found = (thing_named(item["thing"]) for item in facts["things"])
        return [Act(thing, name) for thing in found if thing is not None]

    return acts


def _staleness(proposal: Proposal, name: str) -> str | None:
    """Why what was proposed is not what would go now, or None."""
    items = proposal.facts["things"]
    thing = thing_named(items[0]["thing"])
    if thing is None:
        return _("“%(name)s” is not there any more.") % {"name": items[0]["name"]}
    if name == UNPUBLISH and not thing.live:
        return _("“%(name)s” is offline already.") % {"name": items[0]["name"]}
    going = things_going(thing, descendants=proposal.facts["descendants"])
    now = {reference_to(thing): getattr(thing, "live_revision_id", None) for thing in going}
    if now != {item["thing"]: item["revision"] for item in items}:
        return _("“%(name)s” was changed meanwhile. Propose it again.") % {"name": items[0]["name"]}
    return None


def _carry_out_of(name: str) -> Any:
    def carry_out(*, proposal: Proposal, actor: User, now: datetime) -> None:
        thing = thing_named(proposal.facts["things"][0]["thing"])
        if thing is not None:
            type(thing)._default_manager.select_for_update(of=("self",)).filter(pk=thing.pk).first()
        refusal = _staleness(proposal, name) or removal_refusal(thing, name)
        if refusal:
            raise RuleViolation(refusal)
        told = [str(consequence.text) for consequence in consequences_of(thing)]
        record(
            TAKEN_OFFLINE if name == UNPUBLISH else DELETED,
            now=now,
            actor=actor,
            about=proposal.facts["things"][0]["thing"],
            reason=proposal.reason,
            before={"things": [item["name"] for item in proposal.facts["things"]]},
            after={"proposal": proposal.pk, "consequences": told},
        )
        with carried_out(proposal):
            _remove(thing, name, descendants=proposal.facts["descendants"], actor=actor)

    return carry_out


def _remove(thing: Any, name: str, *, descendants: bool, actor: User) -> None:
    if name == DELETE:
        if isinstance(thing, Page):
            DeletePageAction(thing, user=actor).execute(skip_permission_checks=True)
        else:
            thing.delete()
    elif isinstance(thing, Page):
        action = UnpublishPageAction(thing, user=actor, include_descendants=descendants)
        action.execute(skip_permission_checks=True)
    else:
        UnpublishAction(thing, user=actor).execute(skip_permission_checks=True)


def _changes_of(name: str) -> Any:
    def changes(proposal: Proposal, viewer: User, now: datetime) -> list[ThingChange]:
        waits, found = proposal.state == Proposal.State.WAITING, []
        for number, item in enumerate(proposal.facts["things"]):
            thing = thing_named(item["thing"])
            found.append(
                ThingChange(
                    name=item["name"],
                    what=thing._meta.verbose_name if thing is not None else item["thing"].partition(":")[0],
                    thing=thing,
                    counts=reasons_to_count(thing) if thing is not None else [],
                    consequences=consequences_of(thing) if thing is not None and waits else [],
                    stale=_staleness(proposal, name) if waits and not number else None,
                    compares=False,
                )
            )
        return found

    return changes


def _describe(proposal: Proposal) -> list[tuple[Any, Any]]:
    return [(_("Things to be taken away"), len(proposal.facts["things"]))]


ACTIONS = {
    name: register_proposal(
        code,
        label=label,
        carry_out=_carry_out_of(name),
        describe=_describe,
        undone_by=undone_by,
        acts=_acts_of(name),
        readers=ALL_READERS,
        changes=_changes_of(name),
    )
    for name, code, label, undone_by in (
        (UNPUBLISH, "academy.take_offline", gettext_lazy("Take offline what counts"), "academy.publish"),
        (DELETE, "academy.delete", gettext_lazy("Delete what counts"), None),
    )
}
