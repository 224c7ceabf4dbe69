"""Number and seal of the newest entry, told outside the chain: who deletes the newest entries cannot delete what was told."""

from datetime import date, datetime

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from academy.journal.coverage import begin_coverage
from academy.journal.sealing import seal_entries
from academy.models import JournalEntry, Role, RoleGrant
from academy.notices.inbox import Telling, notify_many, register_notice

HEAD = register_notice(
    "academy.journal_head",
    title=_("Journal: entry %(number)s is the newest on %(day)s"),
    text=_(
        "Its seal is %(number)s:%(seal)s. Keep this notice: typed in under Journal, “Verify the journal”, it proves that "
        "nothing was deleted."
    ),
    icon="lock",
)


def tell_head(*, now: datetime, today: date) -> int:
    """The daily pass: covers what no entry speaks of, once, seals what waits and tells every auditor the head of the chain. Returns how many. Idempotent."""
    begin_coverage(now=now)
    seal_entries(now=now)
    newest = JournalEntry.objects.filter(number__isnull=False).order_by("-number").only("number", "seal").first()
    if newest is None:
        return 0
    auditors = RoleGrant.objects.current().in_force(today).filter(role=Role.AUDITOR, person__is_active=True)
    people = sorted(set(auditors.values_list("person", flat=True)))
    facts = {"number": newest.number, "seal": newest.seal, "day": today.isoformat()}
    path = reverse("journal:entry", args=[newest.pk])
    notify_many(kind=HEAD, tellings=[Telling(person, today.isoformat(), facts, path) for person in people], now=now)
    return len(people)
