"""Who may see whom. Every listing, chooser, export, bulk action and history of the admin asks here."""

from collections.abc import Iterable
from datetime import date

from django.db.models import CharField, Exists, ExpressionWrapper, F, OuterRef, Q
from django.db.models.query import QuerySet

from academy.bilingual import said as _
from academy.models import Branch, Posting, Role, RoleGrant, User
from academy.models.querysets import UserQuerySet
from academy.models.roles import ADMIN_ROLES, PEOPLE_ROLES, SEEING_ROLES
from academy.requests.kept import kept
from academy.requests.signed_in import Anybody
from academy.staff.roles import branches_by_role


def roles_of(user: Anybody, on: date) -> dict[str, list[Branch]]:
    """The person's roles and where they hold, read once a request."""
    if not user.is_authenticated or not user.is_active:
        return {}
    return kept(user, "roles", lambda: branches_by_role(person=user, on=on), of=on)


def roles_held(user: Anybody, on: date) -> frozenset[str]:
    """The roles that the person holds anywhere; a superuser holds all."""
    if not user.is_authenticated or not user.is_active:
        return frozenset()
    return frozenset(Role.values if user.is_superuser else roles_of(user, on))


def has_role(user: Anybody, on: date, *roles: str) -> bool:
    """True when the person holds one of the roles anywhere, or is a superuser."""
    if not user.is_authenticated or not user.is_active:
        return False
    return user.is_superuser or any(role in roles_of(user, on) for role in roles)


def holds_bank_wide(user: Anybody, on: date, *roles: str) -> bool:
    """True when one of the roles is held at head office, or the person is a superuser.

    What holds for the whole bank (requirements, levels, holidays) is changed by these people only.
    """
    if not user.is_authenticated or not user.is_active:
        return False
    held = roles_of(user, on)
    return user.is_superuser or any(branch.parent_id is None for role in roles for branch in held.get(role, []))


def bank_wide_refusal(user: User, on: date, *roles: str) -> str | None:
    """Why the person may not change what holds for the whole bank, or None. The screens show it, the actions raise it."""
    if holds_bank_wide(user, on, *roles):
        return None
    return _("This holds for the whole bank. It is changed by people whose role is at head office.")


def is_limited(user: User, on: date, roles: Iterable[str] = PEOPLE_ROLES) -> bool:
    """True when a list of people that the person reads by ``roles`` ends below head office. Headers of files say so."""
    return not holds_bank_wide(user, on, *roles)


def may_enter_admin(user: User, on: date) -> bool:
    return has_role(user, on, *ADMIN_ROLES)


def sees_others(user: User, on: date) -> bool:
    """True for who sees other people's records, papers or answers: by a role anywhere, or as somebody's line manager."""
    return has_role(user, on, *SEEING_ROLES) or team_of(user, on).exists()


def branches_visible_to(user: User, on: date, roles: Iterable[str] = PEOPLE_ROLES) -> QuerySet[Branch]:
    """The branches whose people's records the person may read by one of ``roles``."""
    if user.is_authenticated and user.is_active and user.is_superuser:
        return Branch.objects.all()
    held = roles_of(user, on)
    granted = [branch for role in roles for branch in held.get(role, [])]
    return Branch.objects.below(granted) if granted else Branch.objects.none()


def branch_roots_of(user: User, on: date, roles: Iterable[str] = PEOPLE_ROLES) -> set[int] | None:
    """Where the part of the bank begins that the person reads by one of ``roles``, by key; None for all of it."""
    roles = tuple(roles)
    if not is_limited(user, on, roles):
        return None
    return {branch.pk for role in roles for branch in roles_of(user, on).get(role, [])}


def people_visible_to(user: User, on: date, roles: Iterable[str] = PEOPLE_ROLES) -> UserQuerySet[User]:
    """People posted on ``on`` in the person's part of the tree.

    One who left is seen where the last posting was, so that HR can still answer for them.
    """
    roles = tuple(roles)
    if holds_bank_wide(user, on, *roles):
        return User.objects.all()
    held = roles_of(user, on)
    granted = [branch for role in roles for branch in held.get(role, [])]
    if not granted:
        return User.objects.none()
    within = Branch.objects.below(granted).values("pk")
    here = Posting.objects.current().filter(branch__in=within)
    now_here = here.effective(on).values("person")
    later = Posting.objects.current().filter(Q(effective_until=None) | Q(effective_until__gte=on))
    gone = here.filter(effective_until__lt=on).exclude(person__in=later.values("person")).values("person")
    return User.objects.filter(Q(pk__in=now_here) | Q(pk__in=gone))


def team_of(manager: User, on: date) -> QuerySet[User]:
    """The people whose posting on ``on`` names the person as line manager, or names one for whom the person deputises
    in a branch of the deputy's grant or below it. Never the person: who stands in for the own manager speaks for others,
    since a manager's word counts for a level."""
    standing_in = (
        RoleGrant.objects.current()
        .in_force(on)
        .filter(person=manager, role=Role.LINE_MANAGER, deputy_for=OuterRef("manager"))
        .annotate(place=ExpressionWrapper(OuterRef("branch__path"), output_field=CharField()))
        .filter(place__startswith=F("branch__path"))
    )
    postings = Posting.objects.current().effective(on).filter(Q(manager=manager) | Exists(standing_in))
    return User.objects.filter(pk__in=postings.values("person")).exclude(pk=manager.pk)


def managers_of(person: User, on: date) -> set[int]:
    """In whose team the person stands on ``on``, as ``team_of`` finds it: line managers and who deputises for them."""
    postings = Posting.objects.current().effective(on).filter(person=person, manager__isnull=False)
    rows = postings.values_list("manager", "branch__path")
    places = {(manager, path) for manager, path in rows if manager is not None}
    managers = {manager for manager, _path in places}
    standing_in = RoleGrant.objects.current().in_force(on).filter(role=Role.LINE_MANAGER, deputy_for__in=managers)
    deputies = {
        deputy
        for deputy, absent, place in standing_in.values_list("person", "deputy_for", "branch__path")
        if any(manager == absent and path.startswith(place) for manager, path in places)
    }
    return (managers | deputies) - {person.pk}


def may_see_record_of(user: User, person: User, on: date) -> bool:
    """The owner, HR and auditors of the part of the tree, and the line manager."""
    if not user.is_authenticated or not user.is_active:
        return False
    if user.pk == person.pk:
        return True
    if people_visible_to(user, on).filter(pk=person.pk).exists():
        return True
    return team_of(user, on).filter(pk=person.pk).exists()


def own_refusal(actor: User | None, people: Iterable[int]) -> str | None:
    """Why the actor may not record what counts for these people, or None. Hours, posts, leave and levels of one's own are
    recorded and awarded by somebody else, whatever one's role."""
    if actor is None or actor.pk not in people:
        return None
    return _("Nobody decides about themselves.")


def deputised_by(actor: User, on: date, *roles: str) -> QuerySet[RoleGrant]:
    """The actor's deputy grants that act on ``on`` or may act later; with ``roles`` those of these roles."""
    grants = RoleGrant.objects.current().filter(person=actor, deputy_for__isnull=False).exclude(effective_until__lt=on)
    return grants.filter(role__in=roles) if roles else grants


def leave_refusal(actor: User, person: User, on: date) -> str | None:
    """Why the actor may not record a leave of the person, or None: it would switch on the actor's own deputy role."""
    if deputised_by(actor, on).filter(deputy_for=person).exists():
        return deputy_refusal()
    return own_refusal(actor, [person.pk])


def deputy_refusal() -> str:
    return _("You deputise for this person. Somebody else records their leave.")


def manager_refusal() -> str:
    """To whoever names as line manager themselves, or one for whom they deputise, where it does not stand so already:
    a manager's word counts for a level."""
    return _("Nobody makes themselves, or whom they deputise for, somebody's line manager. Somebody else records it.")


def out_of_reach(actor: User, people: Iterable[User], on: date, roles: Iterable[str]) -> set[int]:
    """Whose account the actor must not take in hand by one of ``roles``.

    Whoever sets somebody's password can act as them: so both the person and every role they hold, now or later, have to
    lie in the part in which the actor holds one of ``roles`` (a reader's part is none), and an administrator is an
    administrator's. Two queries, however many they are.
    """
    people, roles = list(people), tuple(roles)
    if actor.is_superuser and actor.is_active:
        return set()
    held = roles_of(actor, on)
    parts = [branch.path for role in roles for branch in held.get(role, [])]
    theirs = RoleGrant.objects.current().filter(person__in=people).exclude(effective_until__lt=on)
    reached = people_visible_to(actor, on, roles).filter(pk__in=[person.pk for person in people])
    beyond = {person.pk for person in people if person.is_superuser}
    beyond |= {person.pk for person in people} - set(reached.values_list("pk", flat=True))
    for person, role, path in theirs.values_list("person", "role", "branch__path"):
        within = any(path.startswith(part) for part in parts)
        if not within or (role == Role.ADMINISTRATOR and Role.ADMINISTRATOR not in held):
            beyond.add(person)
    return beyond


def is_auditor_only(user: User, on: date) -> bool:
    """An auditor reads and changes nothing."""
    held = roles_of(user, on)
    return not user.is_superuser and Role.AUDITOR in held and Role.HR not in held and Role.ADMINISTRATOR not in held


def answering_for(people: Iterable[User], on: date, roles: Iterable[str]) -> QuerySet[User]:
    """Who holds one of the roles for every one of these people: in their branches of ``on`` or above."""
    asked = {person.pk for person in people}
    postings = Posting.objects.current().filter(person__in=asked, primary=True)
    place = dict(postings.effective(on).values_list("person", "branch__path"))
    # One who left is answered for where the last posting was.
    left = postings.filter(person__in=asked - set(place)).order_by("effective_from")
    wanted = {*place.values(), *dict(left.values_list("person", "branch__path")).values()}
    held: dict[int, list[str]] = {}
    grants = RoleGrant.objects.current().in_force(on).filter(role__in=list(roles), person__is_active=True)
    for person, path in grants.values_list("person", "branch__path"):
        held.setdefault(person, []).append(path)
    able = [
        pk
        for pk, paths in held.items()
        if all(any(path_wanted.startswith(path) for path in paths) for path_wanted in wanted)
    ]
    return User.objects.filter(pk__in=able)
