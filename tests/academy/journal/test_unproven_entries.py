"""Entries that the academy did not record: never sealed, named by the proof, shown, and stopping nothing."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.db.models import JSONField, Value
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from academy.decisions.switching import SWITCH
from academy.journal import find_broken_link, prove_journal, record, seal_entries
from academy.journal.digests import digest_of, entry_digest
from academy.journal.marks import Fault
from academy.models import JournalEntry, Notice, Role
from tests.cast import bank, person

pytestmark = [pytest.mark.django_db, pytest.mark.database, pytest.mark.both]
NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


def write(reason="", *, now=NOW):
    with transaction.atomic():
        return record(SWITCH, now=now, actor=None, about="quizzes.ban", reason=reason)


def forge(**values):
    """A row put straight into the table, with digests that are right."""
    payload = {"reason": "伪造", "before": None, "after": None}
    entry = JournalEntry(at=NOW, action=SWITCH, about="quizzes.ban", payload=payload, payload_digest=digest_of(payload))
    for name, value in values.items():
        setattr(entry, name, value)
    entry.digest = entry_digest(entry)
    JournalEntry.objects.bulk_create([entry])
    return entry


def test_a_forged_entry_is_never_sealed_and_what_follows_it_goes_on():
    first = write()
    forged = forge()
    last = write()

    call_command("tick")
    later = write()
    seal_entries(now=NOW, limit=1)

    numbers = dict(JournalEntry.objects.values_list("pk", "number"))
    assert (numbers[first.pk], numbers[forged.pk], numbers[last.pk]) == (1, None, 2)
    assert numbers[later.pk] is not None
    with pytest.raises(CommandError, match=rf"Journal entry {forged.pk} \(not sealed\): it has no mark"):
        call_command("verify_journal")
    forged.delete()
    assert prove_journal().holds


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"payload": {"reason": "改过"}}, "its reason, before or after was changed"),
        ({"about": "quizzes.regrade"}, "its text was changed"),
        ({"mark": ""}, "it has no mark"),
        ({"mark": "0" * 16 + ":" + "0" * 64}, "its mark does not fit"),
        ({"mark": "签"}, "its mark does not fit"),
        ({"key_id": "0" * 12}, "name it in JOURNAL_KEYS_OLD"),
    ],
)
def test_an_entry_changed_before_it_was_sealed_breaks_no_chain(change, said):
    entry = write()
    JournalEntry.objects.filter(pk=entry.pk).update(**change)
    write()

    assert seal_entries(now=NOW) == 1
    assert find_broken_link() is None
    (finding,) = prove_journal().findings
    assert finding.startswith(f"Journal entry {entry.pk} (not sealed): ")
    assert said in finding


def test_the_mark_of_another_entry_proves_nothing_and_no_entry_is_copied():
    """Who brings a row back to what it was could else copy the entry that said so."""
    entry = write()
    with pytest.raises(IntegrityError), transaction.atomic():
        forge(**{name: getattr(entry, name) for name in ("payload", "payload_digest", "key_id", "mark")})
    seal_entries(now=NOW)
    JournalEntry.objects.filter(pk=entry.pk).update(mark="")
    forge(**{name: getattr(entry, name) for name in ("payload", "payload_digest", "key_id", "mark")})

    assert any("number 1): its seal does not fit" in finding for finding in prove_journal().findings)


def test_a_mark_by_an_older_key_is_accepted_when_named(settings):
    settings.JOURNAL_KEY, settings.JOURNAL_KEYS_OLD = "first" * 9, []
    write()
    settings.JOURNAL_KEY = "second" * 9
    assert seal_entries(now=NOW) == 0

    settings.JOURNAL_KEYS_OLD = ["first" * 9]
    assert seal_entries(now=NOW) == 1
    assert prove_journal().holds


def test_auditors_and_administrators_hear_once_a_day_and_of_each_further_entry():
    branches = bank()
    people = {
        name: person(f"60000{number}", name, branches[branch], roles=[role])
        for number, (name, branch, role) in enumerate(
            [("审计", "HO", Role.AUDITOR), ("管理", "HO", Role.ADMINISTRATOR), ("分行", "SH", Role.ADMINISTRATOR)]
        )
    }
    now = JournalEntry.objects.latest("pk").at
    forge()

    def told():
        seal_entries(now=now)
        return list(
            Notice.objects.filter(kind="academy.journal_unproven").values_list("person__display_name", flat=True)
        )

    assert sorted(told()) == sorted(told()) == ["审计", "管理"]
    forge()
    assert len(told()) == 4
    assert people["分行"].notices.count() == 0


def test_the_screens_show_what_is_not_proven_and_no_file_holds_it(client):
    client.force_login(person("600001", "严慎行", bank()["HO"], roles=[Role.AUDITOR]))
    forged, good = forge(), write("正当")
    seal_entries(now=NOW + timedelta(days=1))

    listed = client.get(reverse("journal:index"), {"state": "unproven"})
    text = listed.content.decode()
    assert reverse("journal:entry", args=[forged.pk]) in text
    assert reverse("journal:entry", args=[good.pk]) not in text
    page = client.get(reverse("journal:entry", args=[forged.pk])).content.decode()
    assert str(Fault.UNMARKED.label) in page
    assert client.post(f"{reverse('journal:export')}?state=unproven").status_code == 302
    assert client.post(reverse("journal:export")).status_code == 200


def test_marks_ask_the_database_nothing():
    write()
    seal_entries(now=NOW)
    with CaptureQueriesContext(connection) as one:
        write()
    with CaptureQueriesContext(connection) as sealing_one:
        seal_entries(now=NOW)
    for _number in range(3):
        write()
    with CaptureQueriesContext(connection) as sealing_three:
        seal_entries(now=NOW)

    assert len(one) == 3
    assert (len(sealing_one), len(sealing_three)) == (8, 8)


@pytest.mark.parametrize(
    "change",
    [{"payload": None}, {"payload": Value(None, JSONField())}, {"payload": None, "remains": {"reason": "改写过的话"}}],
)
def test_a_payload_that_no_erasure_took_away_is_named(change):
    entry = write("本来的原因")
    write()
    seal_entries(now=NOW)
    assert prove_journal().holds

    JournalEntry.objects.filter(pk=entry.pk).update(**change)

    assert prove_journal().findings == (
        f"The payload of journal entry {entry.pk} is gone, and no erasure took it away.",
    )
