"""What counts for a certificate is published by two people: one hands it in, another approves it, alone or with all that
belongs to it (a course with its lessons, quizzes and questions in both languages).

What is handed in is what goes out: the proposal names the revision of each thing and its digest, and the one that was
published then. Where either is another meanwhile nothing is published, and who decides reads why. No change is too small
for it: one character turns a sentence.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Model
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from wagtail.log_actions import get_active_log_context
from wagtail.models import DraftStateMixin, Revision

from academy.calendar.clock import local_day
from academy.decisions.differences import Difference, journalled
from academy.decisions.four_eyes import propose, register_proposal, supersede_proposal
from academy.decisions.handed_in import (
    changes_of,
    differences_of,
    digest_of_revision,
    keep_states,
    plain_content,
    staleness,
)
from academy.decisions.objects import (
    KINDS_OF_THINGS,
    PUBLISH,
    Act,
    act_refusal,
    carried_now,
    carried_out,
    check_going_out,
    kind_of,
    reasons_to_count,
    second_people,
    thing_named,
)
from academy.decisions.second_person import is_switched_off
from academy.errors.refusals import RuleViolation
from academy.journal import record, register_action
from academy.journal.facts import reference_to
from academy.models import Proposal, Role, User
from academy.requests.kept import kept

PUBLISHED = register_action("academy.publish_counting", gettext_lazy("Published what counts for a certificate"))
# Whoever writes and reviews content sees what waits; each thing says itself who may read it.
READERS = (Role.TRAINER, Role.REVIEWER, Role.EXAM_KEEPER, Role.AUDITOR)


def writers_of(thing: Any, revision: Revision, since: int | None = None) -> frozenset[int]:
    """Who wrote what the revision says in another way than the published one, or than the one ``since`` which."""
    rows = thing.revisions.filter(pk__lte=revision.pk).order_by("pk")
    found, last, start = set(), None, since or thing.live_revision_id
    for key, user, content in rows.filter(pk__gte=start or 0).values_list("pk", "user", "content"):
        said = plain_content(content)
        if user and said != last and key != start:
            found.add(user)
        last = said
    return frozenset(found)


def is_asked(*, thing: Any, revision: Revision, actor: User, now: datetime) -> bool:
    """Whether a second person publishes this revision: it counts, it says something else, and there is one."""
    key = f"second person for {reference_to(thing)} {revision.pk} {digest_of_revision(revision)}"
    return kept(actor, key, lambda: _is_asked(thing, revision, actor, now))


def _is_asked(thing: Any, revision: Revision, actor: User, now: datetime) -> bool:
    after = revision.as_object()
    if is_switched_off(ACTION) or not (reasons_to_count(after) or reasons_to_count(thing)):
        return False
    stored = thing_named(reference_to(thing)) or thing
    if stored.live and not differences_of(stored, after):
        return False
    act = Act(after, PUBLISH, writers_of(thing, revision))
    return bool(second_people(acts=[act], but=actor, on=local_day(now), at_most=1))


def two_publish(*, thing: Any, actor: User, now: datetime) -> bool:
    """Whether a second person publishes what is written of the thing, whatever it is: said before anything is pressed."""
    if kind_of(thing) is None or is_switched_off(ACTION) or not reasons_to_count(thing):
        return False
    drafted = isinstance(thing, DraftStateMixin) and thing.has_unpublished_changes
    draft = thing.latest_revision if drafted else None
    writers = writers_of(thing, draft) if draft is not None else frozenset()
    return bool(second_people(acts=[Act(thing, PUBLISH, writers)], but=actor, on=local_day(now), at_most=1))


def waiting_publications(things: Iterable[Model]) -> list[Proposal]:
    """The proposals that wait to publish one of these things. One query."""
    references = [reference_to(thing) for thing in things]
    proposals = Proposal.objects.filter(action=ACTION, state=Proposal.State.WAITING)
    return list(
        proposals.filter(objects_concerned__reference__in=references)
        .select_related("proposed_by")
        .order_by("pk")
        .distinct()
    )


@transaction.atomic
def hand_in(
    *, drafts: Sequence[tuple[Any, Revision]], reason: str, actor: User, now: datetime, whole: Model | None = None
) -> Proposal:
    """Hands drafts to a second person, as one decision. What waits of them already is handed in anew with these: who
    hands in what another handed in, changed, has read the rest of it, and the other may decide about the change.

    ``whole`` is what they all belong to, a course. Raises ``RuleViolation`` where one of them could not be published.
    """
    if not drafts:
        raise RuleViolation(_("Nothing here has changed since it was published."))
    items: dict[str, dict[str, Any]] = {}
    belongs_to = reference_to(whole) if whole is not None else ""
    for before in waiting_publications([thing for thing, _revision in drafts]):
        items |= _taken_over(before, actor, now)
        belongs_to = belongs_to or before.facts["whole"]
        supersede_proposal(proposal=before, actor=actor, now=now)
    for thing, revision in drafts:
        item = _item(thing, revision, items.get(reference_to(thing)))
        items[item["thing"]] = item
    problems = [problem for item in items.values() for problem in _problems(item, set(items))]
    if problems:
        raise RuleViolation(" ".join(problems))
    references = [reference for reference in (belongs_to, *items) if reference]
    return propose(
        action=ACTION,
        things=references,
        facts={"things": sorted(items.values(), key=_order), "whole": belongs_to},
        reason=reason,
        actor=actor,
        now=now,
    )


def _item(thing: Any, revision: Revision, taken_over: dict[str, Any] | None) -> dict[str, Any]:
    since = taken_over["revision"] if taken_over and taken_over["endorsed"] else None
    return {
        "thing": reference_to(thing),
        "revision": revision.pk,
        "digest": digest_of_revision(revision),
        "published": thing.live_revision_id if thing.live else None,
        "writers": sorted(writers_of(thing, revision, since)),
        "endorsed": False,
        "name": str(revision.as_object()),
    }


def _taken_over(proposal: Proposal, actor: User, now: datetime) -> dict[str, dict[str, Any]]:
    """The things of a proposal that goes on in another one. What somebody else handed in is endorsed by who hands it in
    again, if they could decide about it: then two people stand behind it, whoever of the others decides."""
    items = {item["thing"]: item for item in proposal.facts["things"] if staleness(item) is None}
    if proposal.proposed_by_id == actor.pk:
        return items
    for act in _acts(proposal.facts):
        refusal = act_refusal(person=actor, act=act, on=local_day(now))
        if refusal:
            raise RuleViolation(
                _("“%(name)s” waits for a second person already; %(who)s handed it in. %(why)s")
                % {"name": act.thing, "who": proposal.proposed_by, "why": refusal}
            )
    return {name: {**item, "writers": [], "endorsed": True} for name, item in items.items()}


def _order(item: dict[str, Any]) -> tuple[int, str]:
    """What others point at goes out first: lower floors register first."""
    return (list(KINDS_OF_THINGS).index(item["thing"].partition(":")[0]), item["thing"])


def _problems(item: dict[str, Any], together: set[str]) -> list[str]:
    thing, revision = thing_named(item["thing"]), Revision.objects.filter(pk=item["revision"]).first()
    kind = kind_of(thing) if thing is not None else None
    if kind is None or revision is None:
        return []
    return [f"“{item['name']}”: {problem}" for problem in kind.problems(revision.as_object(), together)]


def problems_of(drafts: Sequence[tuple[Any, Revision]]) -> list[str]:
    """Why these cannot go out together."""
    items = [_item(thing, revision, None) for thing, revision in drafts]
    return [problem for item in items for problem in _problems(item, {item["thing"] for item in items})]


def in_order(drafts: Sequence[tuple[Any, Revision]]) -> list[tuple[Any, Revision]]:
    return sorted(drafts, key=lambda draft: _order({"thing": reference_to(draft[0])}))


def _acts(facts: dict[str, Any]) -> list[Act]:
    acts = []
    for item in facts["things"]:
        thing, revision = thing_named(item["thing"]), Revision.objects.filter(pk=item["revision"]).first()
        if thing is not None:
            drafted = revision.as_object() if revision is not None else thing
            acts.append(Act(drafted, PUBLISH, frozenset(item["writers"])))
    return acts


def _carry_out(*, proposal: Proposal, actor: User, now: datetime) -> None:
    """All of it or nothing. The rows are locked in one order, so that two decisions about one thing wait for each other."""
    items = proposal.facts["things"]
    for reference in sorted(item["thing"] for item in items):
        thing = thing_named(reference)
        if thing is not None:
            type(thing)._default_manager.select_for_update(of=("self",)).filter(pk=thing.pk).first()
    reasons = [reason for reason in map(staleness, items) if reason]
    if reasons:
        raise RuleViolation(" ".join([*reasons, _("Nothing was published. It has to be handed in again.")]))
    with carried_out(proposal):
        for item in items:
            Revision.objects.get(pk=item["revision"]).publish(user=actor, skip_permission_checks=True)


def _describe(proposal: Proposal) -> list[tuple[Any, Any]]:
    whole = thing_named(proposal.facts["whole"]) if proposal.facts["whole"] else None
    lines: list[tuple[Any, Any]] = [(_("Things to be published"), len(proposal.facts["things"]))]
    return [(whole._meta.verbose_name, whole), *lines] if whole is not None else lines


ACTION = register_proposal(
    "academy.publish",
    label=gettext_lazy("Publish certification content"),
    carry_out=_carry_out,
    describe=_describe,
    undone_by="academy.publish",
    acts=_acts,
    readers=READERS,
    changes=changes_of,
    keep=keep_states,
)


@dataclass(frozen=True)
class Publication:
    """What is published just now, as it differs from what was."""

    differences: list[Difference]
    was_live: bool


def guard_publishing(instance: Any, now: datetime) -> None:
    """Before a row is saved as published: by whatever button, list or file of the admin it came here, what waits for a
    second person does not go out. Raises ``RuleViolation``. What commands and the clock publish was decided before."""
    actor, proposal = get_active_log_context().user, carried_now()
    if actor is None and proposal is None:
        return
    stored = type(instance)._default_manager.filter(pk=instance.pk).first()
    if stored is None or (stored.live and stored.live_revision_id == instance.live_revision_id):
        return
    if not (reasons_to_count(instance) or reasons_to_count(stored)):
        return
    revision = Revision.objects.filter(pk=instance.live_revision_id).first()
    if proposal is None and revision is not None and is_asked(thing=stored, revision=revision, actor=actor, now=now):
        raise RuleViolation(_("This counts for a certificate. It is handed to a second person, who publishes it."))
    check_going_out(instance)
    instance.publication = Publication(differences_of(stored, instance), stored.live)


def is_published_now(instance: Any, update_fields: Any) -> bool:
    """Whether a save may publish something that four eyes know of."""
    return bool(
        update_fields is None
        and isinstance(instance, DraftStateMixin)
        and kind_of(instance) is not None
        and instance.pk
        and instance.live
        and instance.live_revision_id
    )


@transaction.atomic
def note_published(*, instance: Any, now: datetime) -> None:
    """The journal's entry of what counts and was published, with what it said before and after."""
    publication: Publication | None = vars(instance).pop("publication", None)
    if publication is None:
        return
    proposal, found = carried_now(), publication.differences
    actor = get_active_log_context().user or (proposal.decided_by if proposal is not None else None)
    record(
        PUBLISHED,
        now=now,
        actor=actor,
        about=instance,
        reason=proposal.reason if proposal is not None else "",
        before=journalled(found, lambda change: change.before) if publication.was_live else None,
        after={
            **journalled(found, lambda change: change.after),
            "revision": instance.live_revision_id,
            "proposal": proposal.pk if proposal is not None else None,
        },
    )
