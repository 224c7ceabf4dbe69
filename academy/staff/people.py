"""Employment and postings: hiring, moving, leaving; a fact is closed by appending, never rewritten."""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from academy.calendar.clock import local_day
from academy.calendar.turns import register_turns
from academy.errors.refusals import RuleViolation
from academy.journal import record, register_action
from academy.models import Branch, Employment, Position, Posting, Role, StaffType, User
from academy.models.roles import ACTING_ROLES
from academy.staff.access import deputised_by, manager_refusal, out_of_reach

HIRE = register_action("academy.hire", _("Person hired"))
POST = register_action("academy.post", _("Person posted"))
LEAVE_BANK = register_action("academy.leave_bank", _("Employment ended"))
SWITCH = register_action("academy.switch_account", _("Account opened or closed"))
RENAME = register_action("academy.rename", _("Name changed"))
EMAIL = register_action("academy.change_email", _("E-mail changed"))

CLOSING = register_turns("close accounts of leavers", label=_("Closing accounts of leavers"), model=User, tries=3)
BEYOND = _("This person, or a role of theirs, is outside your part of the bank.")

# Who opens and closes accounts, in their part of the bank.
SWITCHERS = (Role.HR, Role.ADMINISTRATOR)


@transaction.atomic
def hire_person(
    *,
    person: User,
    hired_on: date,
    now: datetime,
    actor: User | None,
    staff_type: str = StaffType.PERMANENT,
    in_finance_since: date | None = None,
) -> Employment:
    """Opens an employment. Raises ``RuleViolation`` when one is open."""
    if person.employments.current().filter(effective_until=None).exists():
        raise RuleViolation(_("This person is employed already."))
    employment = Employment.objects.create(
        person=person,
        effective_from=hired_on,
        staff_type=staff_type,
        in_finance_since=in_finance_since,
        recorded_at=now,
        recorded_by=actor,
    )
    record(HIRE, now=now, actor=actor, about=employment, person=person, after={"from": hired_on})
    return employment


@transaction.atomic
def post_person(
    *,
    person: User,
    branch: Branch,
    position: Position,
    effective_from: date,
    now: datetime,
    actor: User | None,
    manager: User | None = None,
    department: str = "",
    kind: str = Posting.Kind.REGULAR,
    primary: bool = True,
) -> Posting:
    """Takes up a post; an open primary posting ends the day before.

    Raises ``RuleViolation`` where a later one stands, and for an actor who makes themselves the line manager.
    """
    # Two posts entered at once would each find the same one open.
    User.objects.select_for_update(no_key=True).get(pk=person.pk)
    if manager is not None and manager.pk == person.pk:
        raise RuleViolation(_("Nobody can be their own line manager."))
    if actor is not None and manager is not None and _takes_over(actor, manager, person, local_day(now)):
        raise RuleViolation(manager_refusal())
    replaced: dict[str, object] = {}
    if primary:
        for posting in person.postings.current().filter(primary=True, effective_until=None):
            if posting.effective_from > effective_from:
                raise RuleViolation(_("There is a later posting already."))
            if posting.effective_from == effective_from:
                replaced = {"branch": posting.branch.code, "position": posting.position.code, "from": effective_from}
            _close_fact(posting, effective_from - timedelta(days=1), now, actor)
    posting = Posting.objects.create(
        person=person,
        branch=branch,
        position=position,
        manager=manager,
        department=department,
        kind=kind,
        primary=primary,
        effective_from=effective_from,
        recorded_at=now,
        recorded_by=actor,
    )
    record(
        POST,
        now=now,
        actor=actor,
        about=posting,
        person=person,
        before=replaced or None,
        after={"branch": branch.code, "position": position.code, "from": effective_from},
    )
    return posting


def _takes_over(actor: User, manager: User, person: User, today: date) -> bool:
    """Whether the person would come under the actor, or under one for whom the actor deputises, and does not stand there."""
    if manager.pk != actor.pk and not deputised_by(actor, today, Role.LINE_MANAGER).filter(deputy_for=manager).exists():
        return False
    return not person.postings.current().effective(today).filter(effective_until=None, manager=manager).exists()


@transaction.atomic
def end_employment(*, person: User, last_day: date, now: datetime, actor: User | None, reason: str) -> None:
    """The person leaves: employment and postings end on ``last_day``; every record stays."""
    standing: list[Employment | Posting] = [
        *person.employments.current().filter(effective_until=None),
        *person.postings.current().filter(effective_until=None),
    ]
    for fact in standing:
        _close_fact(fact, last_day, now, actor)
    if last_day < local_day(now):
        person.is_active = False
        person.save(update_fields=["is_active"])
    record(LEAVE_BANK, now=now, actor=actor, about=person, person=person, reason=reason, after={"last_day": last_day})


def close_accounts_of_leavers(*, today: date) -> int:
    """The daily pass: whoever was employed and is no more cannot sign in from the day after the last. Returns how many.

    Accounts that never had an employment are left alone.
    """
    left = User.objects.who_left(today).filter(is_active=True).values_list("pk", flat=True)
    return CLOSING.together(
        left, lambda people: User.objects.filter(pk__in=people).update(is_active=False), now=timezone.now(), size=2_000
    )


@transaction.atomic
def rename_person(*, person: User, display_name: str, now: datetime, actor: User | None, reason: str) -> None:
    before = person.display_name
    person.display_name = display_name
    person.save(update_fields=["display_name", "name_key"])
    record(
        RENAME,
        now=now,
        actor=actor,
        about=person,
        person=person,
        reason=reason,
        before={"name": before},
        after={"name": display_name},
    )


@transaction.atomic
def change_email(*, person: User, email: str | None, now: datetime, actor: User) -> None:
    """Another address: it signs in, and notices go there. Raises ``RuleViolation`` for whom the actor does not reach."""
    if out_of_reach(actor, [person], local_day(now), ACTING_ROLES):
        raise RuleViolation(BEYOND)
    before, person.email = person.email, email
    person.save(update_fields=["email"])
    record(EMAIL, now=now, actor=actor, about=person, person=person, before={"email": before}, after={"email": email})


def switch_refusal(*, person: User, actor: User, now: datetime) -> str | None:
    """Why somebody may not open or close an account, or None. Whoever reaches further than the actor is out of reach."""
    if person.pk == actor.pk:
        return gettext("Nobody closes their own account.")
    if out_of_reach(actor, [person], local_day(now), SWITCHERS):
        return str(BEYOND)
    return None


@transaction.atomic
def switch_account(*, person: User, active: bool, now: datetime, actor: User, reason: str) -> None:
    """Lets somebody sign in, or no more; every record stays. Raises ``RuleViolation``."""
    refusal = switch_refusal(person=person, actor=actor, now=now)
    if refusal:
        raise RuleViolation(refusal)
    before, person.is_active = person.is_active, active
    person.save(update_fields=["is_active"])
    record(
        SWITCH,
        now=now,
        actor=actor,
        about=person,
        person=person,
        reason=reason,
        before={"may sign in": before},
        after={"may sign in": active},
    )


def _close_fact(fact: Employment | Posting, last_day: date, now: datetime, actor: User | None) -> None:
    fact.withdrawn_at = now
    fact.save(update_fields=["withdrawn_at"])
    if last_day >= fact.effective_from:
        fact.pk = None
        fact._state.adding = True
        fact.effective_until, fact.recorded_at, fact.recorded_by, fact.withdrawn_at = last_day, now, actor, None
        fact.save(force_insert=True)
