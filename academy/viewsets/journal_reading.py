"""Who reads which entries, and what is asked of them.

Auditors and administrators whose role stands at head office read every entry. HR and the others who see people read the
entries about their people, and those about no one person that their own people did.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.apps import apps
from django.db.models import Model, Q
from django.db.models.query import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst

from academy.journal import ACTIONS
from academy.journal.facts import reference_to
from academy.journal.sealing import waiting_entries
from academy.journal.words import NAMES, name_in_words
from academy.models import AccessLog, JournalEntry, Proposal, Role, User
from academy.staff.access import holds_bank_wide, people_visible_to
from academy.staff.finding import named_by
from academy.viewsets.journal_places import looks_at, rows_numbered

WHOLE = (Role.AUDITOR, Role.ADMINISTRATOR)


@dataclass(frozen=True)
class JournalQuery:
    """The filter of the journal and of the access log; days are inclusive and the bank's own."""

    what: str = ""
    who: str = ""
    person: str = ""
    since: date | None = None
    until: date | None = None
    unproven: bool = False
    number: str = ""


def reads_everything(user: User, on: date) -> bool:
    return holds_bank_wide(user, on, *WHOLE)


def entries_visible_to(user: User, on: date) -> QuerySet[JournalEntry]:
    if reads_everything(user, on):
        return JournalEntry.objects.all()
    people = people_visible_to(user, on).values("pk")
    return JournalEntry.objects.filter(Q(person__in=people) | Q(person=None, actor__in=people))


def entries_about(rows: Mapping[str, Model | None], viewer: User, on: date) -> dict[str, str]:
    """By name the page of the journal entry that wrote each row, for a reader who may see it. One query."""
    names = {reference_to(row): name for name, row in rows.items() if row is not None}
    found = entries_visible_to(viewer, on).filter(fact__in=names).order_by("-pk").values_list("fact", "pk")
    return {names[fact]: reverse("journal:entry", args=[pk]) for fact, pk in found}


def entries_asked(entries: QuerySet[JournalEntry], asked: JournalQuery) -> QuerySet[JournalEntry]:
    if asked.what:
        entries = entries.filter(action=asked.what)
    if asked.who:
        # What a second person carried out is an act of the first as well.
        carried = Proposal.objects.filter(named_by(asked.who, "proposed_by"), state=Proposal.State.APPROVED)
        entries = entries.filter(named_by(asked.who, "actor") | Q(at__in=carried.values("decided_at")))
    if asked.person:
        entries = entries.filter(named_by(asked.person, "person"))
    if asked.number:
        rows = rows_numbered(asked.number)
        entries = entries.filter(Q(about__in=rows) | Q(fact__in=rows))
    if asked.unproven:
        entries = entries.filter(pk__in=[entry.pk for entry, fault in waiting_entries() if fault is not None])
    return _between(entries, asked)


def looks_asked(asked: JournalQuery) -> QuerySet[AccessLog]:
    looks = AccessLog.objects.all()
    if asked.what:
        looks = looks.filter(kind=asked.what)
    if asked.who:
        looks = looks.filter(named_by(asked.who, "person"))
    if asked.person:
        looks = looks.filter(looks_at(User.objects.filter(named_by(asked.person))))
    return _between(looks, asked)


def _between[Row: (JournalEntry, AccessLog)](rows: QuerySet[Row], asked: JournalQuery) -> QuerySet[Row]:
    if asked.since:
        rows = rows.filter(at__gte=_begin(asked.since))
    if asked.until:
        rows = rows.filter(at__lt=_begin(asked.until + timedelta(days=1)))
    return rows


def _begin(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


def kind_in_words(label: str) -> str:
    """``certificates.certificate`` as a reader says it; what is no kind of rows may be an act."""
    if label in NAMES:
        return capfirst(name_in_words(label))
    try:
        return capfirst(str(apps.get_model(label)._meta.verbose_name))
    except (LookupError, ValueError):
        return str(ACTIONS.get(label, label))
