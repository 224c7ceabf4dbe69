"""The proof of the journal on a screen: asked for by who reads every entry, carried out as long work, said in words."""

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from academy.jobs.carrying import carry_out
from academy.jobs.journal_proof import PROOF
from academy.journal import newest_seal, seal_entries
from academy.models import Job, JournalEntry, Notice, Role
from certificates.models import Certification
from tests.cast import bank, person
from tests.certificates.deciding.scenes import World

pytestmark = [pytest.mark.django_db, pytest.mark.database]
PAGE = "/cms/journal/proof/"


@pytest.fixture
def auditor(client):
    found = person("600001", "严慎行", bank()["HO"], roles=[Role.AUDITOR])
    client.force_login(found)
    seal_entries(now=timezone.now())
    return found


def proven(client, seal: str = "") -> str:
    """The page after a proof that a worker carried out."""
    client.post(PAGE, {"seal": seal})
    job = Job.objects.filter(kind=PROOF).latest("pk")
    carry_out(job_id=job.pk)
    return client.get(PAGE).content.decode()


def test_an_auditor_asks_for_a_proof_and_reads_that_the_journal_holds(client, auditor):
    assert PAGE in client.get(reverse("journal:index")).content.decode()
    assert "尚未在此校验过日志" in client.get(PAGE).content.decode()
    head = newest_seal(timezone.now())

    shown = proven(client, head)

    assert "日志校验通过" in shown and head in shown and "严慎行" in shown
    assert JournalEntry.objects.filter(action="academy.prove_journal", actor=auditor).count() == 1
    assert Notice.objects.get(person=auditor, kind="academy.journal_proven").path == PAGE


def test_what_was_changed_is_said_in_the_language_of_the_reader(client, auditor):
    entry = JournalEntry.objects.filter(number__isnull=False).earliest("number")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE academy_journalentry SET about = 'x' WHERE id = %s", [entry.pk])

    shown = proven(client, f"7:{'a' * 64}")

    assert "日志校验未通过" in shown
    assert f"日志条目 {entry.pk}（序号 1）：记录文字被改动。" in shown
    assert "封印值 aaaaaaaaaaaa… 不在封印链中" in shown
    auditor.language = "en"
    auditor.save(update_fields=["language"])
    assert "its text was changed" in client.get(PAGE).content.decode()


def test_a_row_that_was_changed_is_named_with_its_person_its_page_and_its_entry(client, auditor):
    """A finding leads on; what of the database was compared, and what not, stands beside it."""
    world = World()
    held = world.holds(world.learner, world.cm2)
    seal_entries(now=timezone.now())
    whole = proven(client)
    Certification.objects.filter(pk=held.pk).update(valid_through=timezone.localdate())

    shown = proven(client)

    entry = JournalEntry.objects.filter(fact=f"certificates.certification:{held.pk}").latest("pk")
    assert "日志校验通过" in whole and "已与各自的日志记录比对的有" in whole and "学时、休假" in whole
    assert "数据记录与日志不一致" in shown and held.certificates.get().serial in shown
    assert world.learner.display_name in shown and reverse("journal:entry", args=[entry.pk]) in shown
    assert reverse("register:certificate", args=[held.certificates.get().pk]) in shown


def test_a_seal_mistyped_accuses_nobody(client, auditor):
    """Only what the chain itself shows speaks of entries deleted; the screen asks first how the seal was typed."""
    shown = proven(client, f"7:{'a' * 64}")

    assert "日志校验未通过" not in shown and "日志校验通过" not in shown
    assert "所填封印值不在封印链中" in shown and "封印链本身完好" in shown
    assert "请核对是否完整、准确填写" in shown


def test_one_proof_at_a_time_and_no_proof_by_what_is_no_seal(client, auditor):
    assert "这不是有效的封印值" in client.post(PAGE, {"seal": "abc"}, follow=True).content.decode()
    assert not Job.objects.filter(kind=PROOF).exists()
    client.post(PAGE)
    assert "校验正在进行中" in client.post(PAGE, follow=True).content.decode()
    assert Job.objects.filter(kind=PROOF).count() == 1


@pytest.mark.parametrize(("role", "where"), [(Role.HR, "HO"), (Role.AUDITOR, "SH"), (Role.TRAINER, "HO")])
def test_who_does_not_read_every_entry_proves_nothing(client, role, where):
    client.force_login(person("600009", "顾望", bank()[where], roles=[role]))

    assert client.get(PAGE).status_code in (302, 403, 404)
    assert client.post(PAGE).status_code in (302, 403, 404)
    assert not Job.objects.filter(kind=PROOF).exists()
