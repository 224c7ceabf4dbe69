"""Whoever writes facts, by a rule, in bulk or in SQL, raises the version of those whose facts they are."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone

from academy.models import CalendarException, Employment, FactsVersion, Leave, User
from academy.requests.kept.answers import read_versions
from academy.requests.kept.folding import MANY, fold_versions
from academy.requests.kept.triggers import lay_triggers, missing_triggers, standing_triggers
from tests.cast import bank, person

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def people():
    branch = bank()["BJ01"]
    return person("100001", "欧阳文澜", branch), person("100002", "谢长宁", branch)


def test_only_those_whose_facts_they_are_get_another_version(people):
    first, second = (read_versions(one.pk) for one in people)
    Leave.objects.create(person=people[0], effective_from=timezone.localdate())

    assert read_versions(people[0].pk)[0] == first[0] and read_versions(people[0].pk)[1] != first[1]
    assert read_versions(people[1].pk) == second


def test_what_concerns_everybody_writes_one_row_and_no_row_a_person(people):
    before, rows = read_versions(people[0].pk), FactsVersion.objects.count()
    day = timezone.localdate()
    CalendarException.objects.create(name="假日", first_day=day, last_day=day)

    assert read_versions(people[0].pk)[0] != before[0] and read_versions(people[0].pk)[1] == before[1]
    assert FactsVersion.objects.count() == rows + 1


def test_bulk_and_sql_cannot_forget_it(people):
    today = timezone.localdate()
    acts = [
        lambda: Employment.objects.filter(person__in=people).update(in_finance_since=today),
        lambda: Leave.objects.bulk_create([Leave(person=one, effective_from=today) for one in people]),
        lambda: connection.cursor().execute("UPDATE academy_leave SET effective_until = effective_from"),
        lambda: connection.cursor().execute("DELETE FROM academy_leave"),
    ]
    for act in acts:
        before = [read_versions(one.pk)[1] for one in people]
        act()
        after = [read_versions(one.pk)[1] for one in people]
        assert all(new != old for new, old in zip(after, before, strict=True))


def test_a_row_that_changes_hands_raises_both(people):
    leave = Leave.objects.create(person=people[0], effective_from=timezone.localdate())
    before = [read_versions(one.pk)[1] for one in people]
    Leave.objects.filter(pk=leave.pk).update(person=people[1])

    assert all(read_versions(one.pk)[1] != old for one, old in zip(people, before, strict=True))


def test_signing_in_changes_nothing_and_a_name_changes_everybody(people):
    before = read_versions(people[1].pk)
    User.objects.filter(pk=people[0].pk).update(last_login=timezone.now())
    assert read_versions(people[0].pk)[0] == before[0]

    User.objects.filter(pk=people[0].pk).update(display_name="欧阳澜")
    assert read_versions(people[1].pk)[0] != before[0]


def test_no_version_comes_again_after_a_rollback(people):
    """Two different futures of one past never have the same version."""
    seen = set()
    for days in range(3):
        with transaction.atomic():
            Leave.objects.create(person=people[0], effective_from=timezone.localdate() - timedelta(days=days))
            seen.add(read_versions(people[0].pk))
            transaction.set_rollback(True)

    assert len(seen) == 3


def test_rows_are_summed_up_and_no_version_changes(people):
    for days in range(MANY + 3):
        Employment.objects.filter(person=people[0]).update(in_finance_since=timezone.localdate() - timedelta(days=days))
    before = [read_versions(one.pk) for one in people]

    assert fold_versions() > MANY
    assert [read_versions(one.pk) for one in people] == before
    assert FactsVersion.objects.filter(subject=people[0].pk).count() == 1
    assert fold_versions() == 0


@pytest.mark.skipif("sqlite" not in settings.DATABASES["default"]["ENGINE"], reason="SQLite alone does so")
def test_a_table_that_a_migration_made_anew_gets_its_triggers_back(people, client):
    """SQLite makes a table anew for most changes, and drops its triggers with it."""
    with connection.cursor() as cursor:
        for name, table in standing_triggers(connection).items():
            if table == "academy_leave":
                cursor.execute(f'DROP TRIGGER "{name}"')
    assert missing_triggers() == {"academy_leave"}
    assert "migrations" in client.get("/readyz").json()["stale"]

    call_command("migrate", verbosity=0)

    assert missing_triggers() == set()
    before = read_versions(people[0].pk)
    Leave.objects.create(person=people[0], effective_from=timezone.localdate())
    assert read_versions(people[0].pk)[1] != before[1]


def test_laying_triggers_voids_what_was_kept_by_other_code(people):
    before = read_versions(people[0].pk)
    lay_triggers()
    assert read_versions(people[0].pk)[0] != before[0]
