"""Four eyes over things: what counts for a certificate is changed, published and taken away by two people.

A floor says once of each kind of thing what the rule has to know (``register_object_kind``): for what it counts, who
profits from it and what of it changed. Who may do it is what the admin's permissions say. Two people are two active
people whose grants allow this act on this thing, at its branch or above; nobody is the second who wrote it or profits.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.apps import apps
from django.db.models import Model
from django.utils.translation import gettext as _
from wagtail.models import Page
from wagtail.permissions import policy_registry

from academy.decisions.differences import Difference
from academy.errors.refusals import RuleViolation
from academy.journal.facts import reference_to
from academy.models import Proposal, RoleGrant, User
from academy.staff.groups import BANK_WIDE, PAGE_PERMISSIONS, roles_allowing

PUBLISH, UNPUBLISH, DELETE, CHANGE = "publish", "unpublish", "delete", "change"
# So many of those who could decide are told; all find it among what waits.
TOLD = 20


@dataclass(frozen=True)
class ObjectKind:
    """What four eyes know of one kind of thing.

    ``counts(thing)`` gives for what it counts, in words: none, and one person is enough. ``profits(person, thing, on)`` gives
    why the person may not judge it, or None. ``differences(before, after)`` compares two states of it (``before`` None
    for what is new) and ``closed(person, thing, now)`` says why the person may not read them; ``outline(person, before,
    after, now)`` is what they are told instead, (what, words). ``published(thing)`` is the state that holds now, None where
    none does; ``problems(thing, together)`` why a draft cannot be published with those named ``together``, and
    ``looked(request, thing, name)`` notes that it was shown. ``place(thing)`` is the path of the
    branch it belongs to, '' for the whole bank; ``refusal(person, thing, on)`` is what its own rule says beside permissions.
    """

    model: type[Model]
    counts: Callable[[Any], list[str]]
    differences: Callable[[Any, Any], list[Difference]]
    profits: Callable[[User, Any, date], Any] = lambda person, thing, on: None
    closed: Callable[[User, Any, datetime], Any] = lambda person, thing, now: None
    outline: Callable[[User, Any, Any, datetime], list[tuple[Any, str]]] = lambda person, before, after, now: []
    published: Callable[[Any], Any] = lambda thing: thing if thing.live else None
    problems: Callable[[Any, set[str]], list[str]] = lambda thing, together: []
    looked: Callable[[Any, Any, str], None] = lambda request, thing, name: None
    place: Callable[[Any], str] = lambda thing: ""
    refusal: Callable[[User, Any, date], Any] = lambda person, thing, on: None


KINDS_OF_THINGS: dict[str, ObjectKind] = {}


def register_object_kind(model: type[Model], **rules: Any) -> None:
    """Makes a kind of thing known."""
    KINDS_OF_THINGS[model._meta.label_lower] = ObjectKind(model, **rules)


def kind_of(thing: Model) -> ObjectKind | None:
    return KINDS_OF_THINGS.get(thing._meta.label_lower)


def reasons_to_count(thing: Model) -> list[str]:
    """For what it counts towards a certificate, in words; none for what nobody registered."""
    kind = kind_of(thing)
    return kind.counts(thing) if kind else []


def thing_named(reference: str) -> Any:
    """The thing that a reference names, as it is stored; None where it is gone."""
    label, _colon, key = reference.partition(":")
    model = apps.get_model(label)
    return model._default_manager.filter(pk=key).first()


# The proposal that is carried out just now: what it does is asked of nobody again.
_carried: ContextVar[Proposal | None] = ContextVar("the proposal that is carried out", default=None)


@contextmanager
def carried_out(proposal: Proposal) -> Iterator[None]:
    token = _carried.set(proposal)
    try:
        yield
    finally:
        _carried.reset(token)


def carried_now() -> Proposal | None:
    return _carried.get()


def check_going_out(instance: Any) -> None:
    """What cannot be handed in does not go out by another way either, be it approved. Raises ``RuleViolation``."""
    kind, proposal = kind_of(instance), carried_now()
    with_others = proposal.facts["things"] if proposal is not None and proposal.action == "academy.publish" else []
    together = {item["thing"] for item in with_others}
    problems = kind.problems(instance, together | {reference_to(instance)}) if kind is not None else []
    if problems:
        raise RuleViolation(" ".join(f"“{instance}”: {problem}" for problem in problems))


@dataclass(frozen=True)
class ThingChange:
    """One thing as who decides sees it: what differs, for what it counts, what follows. ``closed`` says why it is not told to
    the viewer, ``stale`` why it cannot be carried out any more; ``compares`` where two states of it are told apart."""

    name: str
    what: Any
    thing: Model | None = None
    differences: list[Difference] = field(default_factory=list)
    counts: list[str] = field(default_factory=list)
    consequences: list[Any] = field(default_factory=list)
    closed: Any = None
    # What is told of a closed one: (what, words).
    outline: list[tuple[Any, str]] = field(default_factory=list)
    stale: Any = None
    compares: bool = True
    # False of what was decided before the state that stood was kept with it: what differed is not known any more.
    before_is_kept: bool = True


@dataclass(frozen=True)
class Act:
    """An act on one thing, for the question who could decide about it. ``writers`` wrote what is to be decided."""

    thing: Model
    name: str
    writers: frozenset[int] = frozenset()


def act_refusal(*, person: User, act: Act, on: date, as_second: bool = True) -> Any:
    """Why the person may not do this to the thing, or, ``as_second``, not decide about it; or None."""
    if not person.is_active:
        return _("You may read this, not change it.")
    if as_second and person.pk in act.writers:
        return _("You wrote a part of it. Somebody else decides.")
    if not _is_allowed(person, act, on):
        return _("Your role does not allow this here. Somebody whose role does decides.")
    kind = kind_of(act.thing)
    if kind is None:
        return None
    return kind.refusal(person, act.thing, on) or (kind.profits(person, act.thing, on) if as_second else None)


def _is_allowed(person: User, act: Act, on: date) -> bool:
    thing, name = act.thing, act.name
    if isinstance(thing, Page):
        may = thing.permissions_for_user(person)
        return bool(
            {
                PUBLISH: may.can_publish,
                UNPUBLISH: may.can_publish,
                # Wagtail lets delete what is published only whom it lets publish.
                DELETE: may.can_publish,
                CHANGE: may.can_edit,
            }[name]()
        )
    policy = policy_registry.get_by_type(type(thing))
    asked = {UNPUBLISH: PUBLISH}.get(name, name)
    if not policy.user_has_permission(person, asked):
        return False
    ask_instance = getattr(policy, "user_has_permission_for_instance", None)
    return bool((ask_instance is None or ask_instance(person, asked, thing)) and _reaches(person, thing, asked, on))


def roles_for(thing: Model, name: str) -> tuple[str, ...]:
    """The roles whose grants allow the act on this kind of thing."""
    if isinstance(thing, Page):
        wanted = PUBLISH if name in (PUBLISH, UNPUBLISH, DELETE) else CHANGE
        return tuple(role for role, names in PAGE_PERMISSIONS.items() if wanted in names)
    return roles_allowing(_permission(thing, name))


def _permission(thing: Model, name: str) -> str:
    return f"{thing._meta.app_label}.{ {UNPUBLISH: PUBLISH}.get(name, name) }_{thing._meta.model_name}".replace(" ", "")


def _grants(thing: Model, name: str, on: date) -> Any:
    """The grants that allow the act on this thing: at its branch or above it; at head office for what is the bank's."""
    grants = RoleGrant.objects.current().in_force(on).filter(role__in=roles_for(thing, name), person__is_active=True)
    kind = kind_of(thing)
    place = kind.place(thing) if kind else ""
    if place:
        above = [int(key) for key in place.split("/") if key]
        return grants.filter(branch__in=above)
    if not isinstance(thing, Page) and _permission(thing, name) in BANK_WIDE:
        return grants.filter(branch__parent=None)
    return grants


def _reaches(person: User, thing: Model, name: str, on: date) -> bool:
    kind = kind_of(thing)
    if person.is_superuser or kind is None or not kind.place(thing):
        return True
    return bool(_grants(thing, name, on).filter(person=person).exists())


def second_people(*, acts: Iterable[Act], but: User, on: date, at_most: int = TOLD) -> list[User]:
    """Who else could decide about all of these things, ``at_most`` so many: in order of nothing but their key."""
    acts = list(acts)
    able: set[int] | None = None
    for act in {(reference_to(act.thing), act.name): act for act in acts}.values():
        held = set(_grants(act.thing, act.name, on).values_list("person", flat=True)) - act.writers
        able = held if able is None else able & held
    users: list[User] = []
    for person in User.objects.filter(pk__in=(able or set()) - {but.pk}, is_active=True).order_by("pk"):
        if all(act_refusal(person=person, act=act, on=on) is None for act in acts):
            users.append(person)
            if len(users) == at_most:
                break
    return users
