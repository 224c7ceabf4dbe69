"""Somebody leaves the bank, entered by hand; and what takes it back where it was wrong, or they stay after all."""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from academy.calendar.clock import local_day
from academy.errors.refusals import RuleViolation
from academy.journal import record, register_action
from academy.models import Employment, Posting, User
from academy.staff.access import out_of_reach, own_refusal
from academy.staff.people import BEYOND, SWITCHERS, end_employment

STAY = register_action("academy.stay_in_bank", gettext_lazy("Employment goes on"))


def open_employment(person: User) -> Employment | None:
    return Employment.objects.current().filter(person=person, effective_until=None).first()


def last_employment(person: User) -> Employment | None:
    return Employment.objects.current().filter(person=person).order_by("-effective_from").first()


@transaction.atomic
def leave_bank(*, person: User, last_day: date, reason: str, now: datetime, actor: User) -> None:
    """Employment and posts end on that day, and with it signing in. Raises ``RuleViolation``."""
    _check_actor(person, actor, now)
    job = open_employment(person)
    if job is None:
        raise RuleViolation(_("A last day is on record already."))
    if last_day < job.effective_from:
        raise RuleViolation(_("The last day is before the first."))
    end_employment(person=person, last_day=last_day, now=now, actor=actor, reason=reason)


@transaction.atomic
def take_back_leaving(*, person: User, reason: str, now: datetime, actor: User) -> None:
    """The employment goes on, with the posts that ended on its last day, and the person signs in again. Raises
    ``RuleViolation``."""
    _check_actor(person, actor, now)
    job = last_employment(person)
    if job is None or job.effective_until is None:
        raise RuleViolation(_("No last day is on record."))
    last_day = job.effective_until
    # What was written, or set aside as not begun, when the last day was entered.
    ended = Posting.objects.current().filter(person=person, effective_until=last_day, recorded_at=job.recorded_at)
    unbegun = Posting.objects.filter(person=person, effective_from__gt=last_day, withdrawn_at=job.recorded_at)
    facts: list[Employment | Posting] = [job, *ended, *unbegun]
    for fact in facts:
        _reopen(fact, now, actor)
    person.is_active = True
    person.save(update_fields=["is_active"])
    record(STAY, now=now, actor=actor, about=person, person=person, reason=reason, before={"last_day": last_day})


def _check_actor(person: User, actor: User, now: datetime) -> None:
    today = local_day(now)
    User.objects.select_for_update(no_key=True).get(pk=person.pk)
    refusal: Any = own_refusal(actor, [person.pk])
    if refusal is None and out_of_reach(actor, [person], today, SWITCHERS):
        refusal = BEYOND
    if refusal:
        raise RuleViolation(refusal)


def _reopen(fact: Employment | Posting, now: datetime, actor: User) -> None:
    if fact.withdrawn_at is None:
        fact.withdrawn_at = now
        fact.save(update_fields=["withdrawn_at"])
    fact.pk = None
    fact._state.adding = True
    fact.effective_until, fact.recorded_at, fact.recorded_by, fact.withdrawn_at = None, now, actor, None
    fact.save(force_insert=True)
