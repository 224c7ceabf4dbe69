"""Whom an audience holds on a day: one question to the database, asked anew each time."""

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.db.models.query import QuerySet
from django.utils.translation import gettext_lazy as _

from academy.doors import holders_of
from academy.errors.refusals import RuleViolation
from academy.journal import record, register_action
from academy.models import Audience, Branch, Employment, FormerStaffNumber, Posting, User
from academy.staff.branches import tree_on

SAVE = register_action("academy.save_audience", _("Audience saved"))

NUMBERS_A_LIST = 20_000
SHOWN_OF_A_LINE = 40


def people_in(audience: Audience, on: date, listed: Collection[int] | None = None) -> QuerySet[User]:
    """Who works in the audience's part of the bank on a day and fits its rule, or stands on its list.

    Any posting of the day counts, also a second one; whoever is not employed on the day is in no audience. The tree is
    that of the day. An audience that is not saved yet can be asked as well, its list handed in as ``listed``.
    """
    postings = Posting.objects.current().effective(on).filter(person=OuterRef("pk"))
    within = branches_within(audience.branch_id, on)
    if within is not None:
        postings = postings.filter(branch__in=within)
    if audience.position_id:
        postings = postings.filter(position=audience.position_id)
    if audience.line:
        postings = postings.filter(position__line=audience.line)
    jobs = Employment.objects.current().effective(on).filter(person=OuterRef("pk"))
    if audience.hired_from:
        jobs = jobs.filter(effective_from__gte=audience.hired_from)
    if audience.hired_until:
        jobs = jobs.filter(effective_from__lte=audience.hired_until)
    if audience.staff_type:
        jobs = jobs.filter(staff_type=audience.staff_type)
    users = User.objects.filter(Exists(postings), Exists(jobs))
    if audience.level is not None:
        users = users.filter(pk__in={holder.person_id for holder in holders_of(audience.level, on)})
    if audience.kind == Audience.Kind.LIST and listed is not None:
        users = users.filter(pk__in=listed)
    elif audience.kind == Audience.Kind.LIST:
        standing = Audience.listed.through.objects.filter(audience=audience.pk, user=OuterRef("pk"))
        users = users.filter(Exists(standing))
    return users


def branches_within(branch_id: int, on: date) -> list[int] | None:
    """The branch and everything below it in the tree of a day; None for the whole bank. One query."""
    tree = tree_on(on)
    top = tree.branches.get(branch_id)
    if top is not None and top.parent_id is None:
        return None
    children: dict[int | None, list[int]] = {}
    for branch in tree.branches.values():
        children.setdefault(branch.parent_id, []).append(branch.branch_id)
    found, waiting = [], [branch_id] if top is not None else []
    while waiting:
        found.append(waiting.pop())
        waiting.extend(children.get(found[-1], ()))
    return found


def asked_back(count: int, everybody: int) -> bool:
    """An audience of nobody, or of everybody there is, is seldom meant: it is confirmed first."""
    return count == 0 or count >= everybody


@dataclass(frozen=True)
class Pasted:
    """A list of staff numbers as somebody pasted it: whom it names, and what is wrong in which line."""

    people: list[User]
    faults: list[tuple[int, str, str]]


def read_numbers(text: str, *, visible: QuerySet[User], on: date) -> Pasted:
    """Finds the people of a pasted list among those the person may see; each fault is line, number and reason.

    A line holds numbers parted by blanks or commas, or cells of a spreadsheet of which the first is the number. A former
    number is found as well. Who left the bank, stands twice or is not known is a fault.
    """
    asked: list[tuple[int, str]] = []
    faults: list[tuple[int, str, str]] = []
    for line, content in enumerate(unicodedata.normalize("NFKC", text).splitlines(), 1):
        if "\t" in content:
            content = content.partition("\t")[0]
        asked.extend((line, number) for number in re.split(r"[\s,;、]+", content) if number)
    if len(asked) > NUMBERS_A_LIST:
        raise RuleViolation(_("A list holds %(count)s staff numbers at most.") % {"count": f"{NUMBERS_A_LIST:,}"})
    known = _by_number({number for _line, number in asked if len(number) <= 32 and "\0" not in number}, visible)
    employed = set(
        Employment.objects.current()
        .effective(on)
        .filter(person__in={person.pk for person in known.values()})
        .values_list("person", flat=True)
    )
    people: dict[int, User] = {}
    for line, number in asked:
        person, shown = known.get(number), number[:SHOWN_OF_A_LINE]
        if person is None:
            faults.append((line, shown, str(_("No person with this staff number in your part of the bank."))))
        elif person.pk in people:
            faults.append((line, shown, str(_("In the list already."))))
        elif person.pk not in employed:
            faults.append((line, shown, str(_("Left the bank."))))
        else:
            people[person.pk] = person
    return Pasted(list(people.values()), faults)


def _by_number(numbers: set[str], visible: QuerySet[User]) -> dict[str, User]:
    """People by the number that names them today or did before; today's holder of a number comes first."""
    found = {}
    former = FormerStaffNumber.objects.filter(number__in=numbers, person__in=visible.values("pk"))
    for former_staff_number in former.select_related("person").order_by("until"):
        found[former_staff_number.number] = former_staff_number.person
    for person in visible.filter(staff_number__in=numbers):
        found[person.staff_number] = person
    return found


@transaction.atomic
def save_audience(
    *, audience: Audience, listed: Collection[User] | None, now: datetime, actor: User | None
) -> Audience:
    """Saves an audience with its list, and journals what it says. Assignments follow at their next evaluation."""
    before = facts_of(Audience.objects.get(pk=audience.pk)) if audience.pk else None
    if audience.pk is None:
        audience.created_at, audience.created_by = now, actor
    audience.save()
    if audience.kind != Audience.Kind.LIST:
        audience.listed.clear()
    elif listed is not None:
        # Set at once: a list of thousands is two statements a thousand.
        audience.listed.set(listed)
    after = facts_of(audience)
    if after != before:
        record(SAVE, now=now, actor=actor, about=audience, before=before, after=after)
    return audience


def facts_of(audience: Audience) -> dict[str, object]:
    """What an audience says, for the journal."""
    branch = Branch.objects.get(pk=audience.branch_id)
    found: dict[str, Any] = {
        "name": audience.name,
        "kind": audience.kind,
        "branch": branch.code,
        "position": audience.position.code if audience.position else "",
        "line": audience.line,
        "level": audience.level.code if audience.level else "",
        "hired_from": str(audience.hired_from or ""),
        "hired_until": str(audience.hired_until or ""),
        "staff_type": audience.staff_type,
    }
    if audience.kind == Audience.Kind.LIST:
        found["listed"] = sorted(audience.listed.values_list("staff_number", flat=True))
    return {key: value for key, value in found.items() if value != ""}
