"""Erasing one person's data after the term: the proof stays and names nobody.

What goes and what stays is said step by step by every floor (``person_erasures``), so that a preview counts exactly what
the act will do; ``docs/personal-data.md`` says it in words. In short: facts, dates, marks, serial numbers, codes and
digests stay, so that statistics, registers and the journal's chain are as before; names, numbers, addresses, typed
texts, reasons and stored documents go. The account becomes ``erased-<id>``. It cannot be undone.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models.query import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy

from academy.bilingual import said as _
from academy.calendar.clock import local_day
from academy.decisions.four_eyes import deciders_for, propose, register_proposal
from academy.doors import EMPTIED, GOES, STAYS, ErasureStep, person_erasures
from academy.errors.refusals import RuleViolation
from academy.jobs.carrying import JobKind, Work, ask, register_job
from academy.journal import record, register_action
from academy.models import Erasure, FourEyesSwitch, Proposal, User
from academy.person_record.naming import NOBODY, Marks, hide_in, marks_of
from academy.person_record.retention import ACTION, erasure_refusal, last_day_worked

ERASED = register_action("academy.erased", gettext_lazy("A person's data erased"))
ERASURE_KINDS = {
    GOES: gettext_lazy("Erased for good"),
    EMPTIED: gettext_lazy("Stays without name and text"),
    STAYS: gettext_lazy("Stays as it is"),
}
# Of so many people at most the page of the decision counts the rows.
COUNTED = 10


def goes(code: str, label: Any, *querysets: QuerySet) -> ErasureStep:
    """Rows that are deleted, in this order."""

    def act(write: bool) -> int:
        count = sum(queryset.count() for queryset in querysets)
        for queryset in querysets if write else ():
            queryset.delete()
        return count

    return ErasureStep(code, label, GOES, act, tuple(queryset.model._meta.label for queryset in querysets))


def emptied(code: str, label: Any, queryset: QuerySet, **values: Any) -> ErasureStep:
    """Rows of which some fields are emptied."""
    act = lambda write: queryset.update(**values) if write else queryset.count()  # noqa: E731
    return ErasureStep(code, label, EMPTIED, act, fields_of(queryset, values))


def fields_of(queryset: QuerySet, names: Iterable[str]) -> tuple[str, ...]:
    return tuple(f"{queryset.model._meta.label}.{name}" for name in names)


def hidden(
    code: str, label: Any, places: Sequence[tuple[QuerySet, Sequence[str]]], marks: Marks, *, tied: bool = False
) -> ErasureStep:
    """Texts and facts in which the person is named among other things; only the name and the number go."""

    def act(write: bool) -> int:
        return sum(hide_in(queryset, fields, marks, tied=tied, write=write) for queryset, fields in places)

    reached = [field for queryset, fields in places for field in fields_of(queryset, fields)]
    return ErasureStep(code, label, EMPTIED, act, tuple(reached), searches=not tied)


def stays(code: str, label: Any, queryset: QuerySet) -> ErasureStep:
    return ErasureStep(code, label, STAYS, lambda write: queryset.count())


def by_hand(code: str, label: Any, count: QuerySet, change: Callable[[], int], *fields: str) -> ErasureStep:
    """Rows whose emptying needs more than one update; ``fields`` are those it empties."""
    return ErasureStep(
        code, label, EMPTIED, lambda write: change() if write else count.count(), fields_of(count, fields)
    )


def preview(person: User) -> list[dict[str, Any]]:
    """What an erasure would do now: kinds with their steps and counts, None for what is searched then. Nothing is written."""
    steps = sorted(person_erasures(person, marks_of(person)), key=lambda erasure: erasure.code != "account")
    counted = [(step, None if step.searches else step.act(False)) for step in steps]
    return [
        {
            "label": label,
            "kind": kind,
            "lines": [(step.label, count) for step, count in counted if step.kind == kind and count != 0],
        }
        for kind, label in ERASURE_KINDS.items()
    ]


def alone_refusal(*, people: Sequence[User], actor: User, now: datetime) -> str | None:
    """What cannot be undone waits for a second person, unless HR switched that off for it."""
    if FourEyesSwitch.objects.filter(action=ACTION, demanded=False).exists():
        return None
    if deciders_for(people=people, but=actor, on=local_day(now)).exists():
        return None
    return _("This cannot be undone and needs a second person, and nobody else answers for this part of the bank.")


def propose_erasure(*, people: Sequence[User], reason: str, actor: User, now: datetime) -> Proposal:
    """Proposes to erase the data of people whose term is over. Raises ``RuleViolation`` naming who it is not over for."""
    for person in people:
        refusal = erasure_refusal(person=person, viewer=actor, on=local_day(now))
        if refusal:
            raise RuleViolation(_("%(person)s: %(refusal)s") % {"person": person, "refusal": refusal})
    refusal = alone_refusal(people=people, actor=actor, now=now) if people else None
    if refusal:
        raise RuleViolation(refusal)
    return propose(
        action=ACTION, people=people, facts={"years": settings.RETENTION_YEARS}, reason=reason, actor=actor, now=now
    )


def _carry_out(*, proposal: Proposal, actor: User, now: datetime) -> None:
    """Approved: each person's erasure is written down and goes to a task. Whoever came back meanwhile stops it."""
    for person in proposal.people.all():
        refusal = erasure_refusal(person=person, viewer=actor, on=local_day(now))
        left_on = last_day_worked(person)
        if refusal or left_on is None:
            raise RuleViolation(_("%(person)s: %(refusal)s") % {"person": person, "refusal": refusal})
        Erasure.objects.create(
            person=person,
            proposal=proposal,
            left_on=left_on,
            requested_at=now,
            job=ask(kind=ERASING, asked_by=actor, now=now),
        )


def _describe(proposal: Proposal) -> list[tuple[Any, Any]]:
    lines = [
        (_("Term"), _("%(years)s years after the end of the employment") % {"years": proposal.facts.get("years")}),
        (_("Erased for good"), _("name, numbers, e-mail, sign-in, typed answers, reasons, practice, stored documents")),
        (
            _("Stays without a name"),
            _("posts, courses, papers and marks, certificates with number, code and digest, the journal's chain"),
        ),
    ]
    people = list(proposal.people.all()[: COUNTED + 1])
    if proposal.state == Proposal.State.WAITING and len(people) <= COUNTED:
        lines += [(_("Rows: %(what)s") % {"what": kind}, str(count)) for kind, count in _sums(people)]
    done = {erasure.person_id: erasure for erasure in Erasure.objects.filter(proposal=proposal)}
    if done:
        ready = sum(request.erased_at is not None for request in done.values())
        lines.append((_("Erased so far"), f"{ready} / {len(done)}"))
    return lines


def _sums(people: list[User]) -> list[tuple[Any, int]]:
    """How many rows of each kind, for the second person to see."""
    sums: dict[Any, int] = {}
    for person in people:
        for group in preview(person):
            sums[group["label"]] = sums.get(group["label"], 0) + sum(count or 0 for _label, count in group["lines"])
    return list(sums.items())


register_proposal(
    ACTION,
    label=gettext_lazy("Erase a person's data"),
    carry_out=_carry_out,
    describe=_describe,
    undone_by=None,
)


def _erase(work: Work) -> None:
    erase_person(erasure_id=work.row.pk, now=timezone.now())


ERASING = register_job(
    JobKind(
        "academy.erasure", label=gettext_lazy("Erase a person's data"), carry_out=_erase, model=Erasure, queue="exports"
    )
)


@transaction.atomic
def erase_person(*, erasure_id: int, now: datetime) -> Erasure:
    """Erases in one transaction, so that a fault leaves everything as it was. Done once, it stands."""
    erasure = Erasure.objects.select_for_update().select_related("person", "proposal").get(pk=erasure_id)
    if erasure.erased_at is not None:
        return erasure
    person = User.objects.select_for_update().get(pk=erasure.person_id)
    if last_day_worked(person) != erasure.left_on:
        raise RuleViolation(_("The employment changed since it was decided."))
    counts = {step.code: step.act(True) for step in person_erasures(person, marks_of(person)) if step.kind != STAYS}
    forget_account(person)
    erasure.erased_at, erasure.counts = now, {code: count for code, count in counts.items() if count}
    erasure.save(update_fields=["erased_at", "counts"])
    record(
        ERASED,
        now=now,
        actor=erasure.proposal.decided_by or erasure.proposal.proposed_by,
        about=erasure,
        person=person,
        after={"left_on": erasure.left_on, "counts": erasure.counts},
    )
    return erasure


def forget_account(person: User) -> None:
    """The row stays, since every fact points at it; nothing in it says who it was."""
    person.groups.clear()
    person.user_permissions.clear()
    person.set_unusable_password()
    person.staff_number, person.display_name, person.email = person.pseudonym, NOBODY, None
    person.language, person.last_login, person.is_active = "", None, False
    person.must_change_password, person.first_password_until = False, None
    person.save()
