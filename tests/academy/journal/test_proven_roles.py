"""Roles and superusers are facts that the journal proves: what SQL changes is named, what the rules do is not."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from academy.journal import prove_journal, seal_entries
from academy.models import JournalEntry, Role, RoleGrant, User
from academy.notices.journal_head import tell_head
from academy.staff.roles import end_grant, grant_role
from tests.cast import bank, person
from tests.proven import changed_fields_unseen

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def branches():
    return bank()


@pytest.fixture
def trainer(branches):
    return person("200001", "林知远", branches["BJ"], roles=[Role.TRAINER])


def test_granting_and_ending_are_proven_and_every_column_counts(branches, trainer):
    today = timezone.localdate()
    hr = person("300001", "苏映雪", branches["HO"], roles=[Role.HR])
    grant_role(person=trainer, role=Role.REVIEWER, branch=branches["SH"], now=timezone.now(), actor=hr, deputy_for=hr)
    end_grant(
        grant=trainer.role_grants.get(role=Role.TRAINER), last_day=today, now=timezone.now(), actor=hr, reason="调岗"
    )
    later = grant_role(
        person=trainer,
        role=Role.MARKER,
        branch=branches["BJ"],
        now=timezone.now(),
        actor=hr,
        effective_from=today + timedelta(days=9),
    )
    end_grant(grant=later, last_day=today, now=timezone.now(), actor=hr, reason="未到任")

    proof = prove_journal()
    assert proof.holds, proof.findings
    assert (proof.covered, proof.uncovered) == (RoleGrant.objects.count(), 0) == (5, 0)
    for grant in RoleGrant.objects.all():
        assert changed_fields_unseen(grant, free=set()) == set()


def test_a_role_given_by_sql_is_named(branches, trainer):
    given = RoleGrant.objects.create(
        person=trainer, role=Role.AUDITOR, branch=branches["HO"], effective_from=timezone.localdate()
    )

    assert prove_journal().findings == (f"academy.rolegrant {given.pk} stands in no journal entry.",)


def test_a_superuser_made_or_ended_by_sql_is_named_and_by_the_command_is_not(trainer):
    root = User.objects.create_superuser("900001", "a-long-password", display_name="系统")
    tell_head(now=timezone.now(), today=timezone.localdate())
    assert prove_journal().holds

    User.objects.filter(pk=trainer.pk).update(is_superuser=True)
    assert prove_journal().findings == (f"academy.user {trainer.pk} stands in no journal entry.",)
    User.objects.filter(pk=trainer.pk).update(is_superuser=False)
    User.objects.filter(pk=root.pk).update(is_superuser=False)
    assert f"academy.user {root.pk} is not as journal entry" in prove_journal().findings[0]

    User.objects.filter(pk=root.pk).update(is_superuser=True)
    call_command("superuser", "200001", reason="值班")
    call_command("superuser", "900001", end=True, reason="交接")
    assert list(User.objects.filter(is_superuser=True)) == [trainer]
    assert prove_journal().holds
    assert JournalEntry.objects.filter(action="academy.superuser").count() == 3
    with pytest.raises(CommandError, match="Nobody has the staff number 999999"):
        call_command("superuser", "999999", reason="x")


def test_an_old_entry_about_a_role_is_not_used_again(branches, trainer):
    """The grant is brought back by SQL, and the entry that once said so with it."""
    grant = trainer.role_grants.get()
    granted = JournalEntry.objects.get(fact=f"academy.rolegrant:{grant.pk}")
    seal_entries(now=timezone.now())
    end_grant(
        grant=grant, last_day=timezone.localdate() - timedelta(days=1), now=timezone.now(), actor=None, reason="离任"
    )
    RoleGrant.objects.filter(pk=grant.pk).update(withdrawn_at=None)
    granted.pk, granted.number, granted.seal, granted.sealed_at, granted.mark = None, None, "", None, ""
    granted.save(force_insert=True)

    findings = "\n".join(prove_journal().findings)
    assert f"Journal entry {granted.pk} (not sealed): it has no mark" in findings
    assert f"academy.rolegrant {grant.pk} is not as journal entry" in findings
