"""A database of the migrations that were one by one: taken over where all have run, refused where some are missing."""

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from academy.operations.backup import applied_migrations
from academy.operations.migrating import taken_over

pytestmark = [pytest.mark.django_db, pytest.mark.database, pytest.mark.both]
NEW = {
    "academy.0001_accounts",
    "academy.0002_ground",
    "quizzes.0001_quizzes",
    "courses.0001_courses",
    "certificates.0001_certificates",
}


@pytest.fixture
def before(db):
    """As the version before has left it."""
    forget(NEW)
    return set(applied_migrations())


def forget(names):
    for app, name in (one.split(".") for one in names):
        MigrationRecorder.Migration.objects.get(app=app, name=name).delete()


def test_where_all_have_run_nothing_is_left_to_do(before):
    call_command("migrate", verbosity=0)
    assert set(applied_migrations()) == before | NEW


def test_a_backup_of_the_version_before_is_one_of_this(before):
    assert taken_over(before) == before | NEW
    assert taken_over(before - {"courses.0018_hours_begin_at_the_least"}) == (before | NEW) - {
        "courses.0001_courses",
        "courses.0018_hours_begin_at_the_least",
    }


@pytest.mark.parametrize("command", ["migrate", "prepare"])
def test_where_some_are_missing_a_sentence_says_what_to_do_and_nothing_changes(before, command):
    forget({"certificates.0012_requirements_only_of_some_positions"})
    stood = applied_migrations()
    with pytest.raises(CommandError, match=r"Missing: certificates\.0012_requirements_only_of_some_positions\."):
        call_command(command)
    assert applied_migrations() == stood


def test_names_alone_prove_no_table(before):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE academy_savedfilter DROP COLUMN is_shared")
    with pytest.raises(CommandError, match=r"Missing: academy_savedfilter\.is_shared\."):
        call_command("migrate", verbosity=0)
    assert not NEW & set(applied_migrations())
