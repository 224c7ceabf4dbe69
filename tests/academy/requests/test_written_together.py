"""Writes that wait are one statement on PostgreSQL; what is read, rolled back or refused is as if each was sent at once."""

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone

from academy.journal.recording import Entry, record_many, register_action
from academy.models import JournalEntry, Notice, User
from academy.notices.inbox import notify, register_notice
from academy.requests.kept.answers import read_versions
from academy.requests.prepared import PreparedQuery
from academy.requests.prepared_writes import PreparedInsert, PreparedUpdate
from academy.requests.written_together import write, write_now, written_together
from tests.cast import bank, person

pytestmark = [pytest.mark.django_db, pytest.mark.database, pytest.mark.both]
ACT = register_action("tests.written_together", "written together")
KIND = register_notice("tests.written_together", title="a", text="b")
TOLD = PreparedQuery(lambda who: Notice.objects.filter(person=who).order_by("pk").values_list("event", flat=True))
NAMES = PreparedQuery(lambda who: User.objects.filter(pk=who).values_list("display_name", flat=True))
NAMED = PreparedUpdate(User, "display_name")
NOTICE = PreparedInsert(Notice)
READ = "UPDATE academy_notice SET path = %s WHERE person_id = %s"


@pytest.fixture
def learner():
    return person("100001", "甲", bank()["BJ01"])


def tell(learner, event):
    notify(person=learner, kind=KIND, event=event, now=timezone.now())


def note(learner):
    record_many([Entry(ACT, about="", person=learner.pk)], now=timezone.now(), actor=None)


@transaction.atomic
def undone(learner, event=""):
    tell(learner, "undone")
    if not event:
        raise ZeroDivisionError
    Notice.objects.create(person=learner, kind=KIND, event=event, created_at=timezone.now())


def never(learner):
    tell(learner, "never")
    raise ZeroDivisionError


def gone(learner, others=0, row=None):
    with transaction.atomic(), written_together():
        for at in range(others):
            tell(learner, f"told {at}")
        write(READ, ["/x/", 0], only_one=True)
        if row is not None:
            NOTICE.write(row)


def at_once(several):
    """How many statements so many waiting writes are."""
    return 1 if connection.vendor == "postgresql" else several


def test_what_waits_goes_as_one_statement_when_the_block_ends(learner, django_assert_num_queries):
    with transaction.atomic(), django_assert_num_queries(at_once(4)), written_together():
        tell(learner, "one")
        note(learner)
        learner.display_name = "乙"
        NAMED.write(learner)
        # An inner block is the outer one's.
        with written_together():
            tell(learner, "two'%")
    assert TOLD.rows(who=learner.pk) == ["one", "two'%"]
    assert JournalEntry.objects.filter(action=ACT, person=learner).count() == 1
    assert User.objects.get(pk=learner.pk).display_name == "乙"


def test_nobody_reads_past_what_waits(learner):
    with transaction.atomic(), written_together():
        tell(learner, "one")
        assert TOLD.rows(who=learner.pk) == ["one"]
        tell(learner, "two")
        tell(learner, "two")
        assert Notice.objects.filter(person=learner).count() == 2
        tell(learner, "three")
    assert TOLD.rows(who=learner.pk) == ["one", "two", "three"]


def test_who_reads_something_else_leaves_it_waiting(learner, django_assert_num_queries):
    with transaction.atomic(), written_together():
        tell(learner, "one")
        with django_assert_num_queries(1):
            assert NAMES.rows(who=learner.pk) == ["甲"]
        note(learner)
        with django_assert_num_queries(1 + at_once(2)):
            assert TOLD.rows(who=learner.pk) == ["one"]


def test_who_reads_a_version_knows_of_all_that_waits(learner):
    stood = read_versions(learner.pk)
    with transaction.atomic(), written_together():
        write(f"UPDATE {User._meta.db_table} SET display_name = %s WHERE id = %s", ["丁", learner.pk])
        assert read_versions(learner.pk) != stood


def test_a_row_that_is_changed_twice_is_as_it_was_changed_last(learner):
    with transaction.atomic(), written_together():
        for name in ("乙", "丙", "丁"):
            learner.display_name = name
            NAMED.write(learner)
    assert NAMES.rows(who=learner.pk) == ["丁"]


def test_a_row_whose_key_is_wanted_takes_along_what_waits(learner, django_assert_num_queries):
    row = Notice(person=learner, kind=KIND, event="second", created_at=timezone.now())
    with transaction.atomic(), written_together():
        with django_assert_num_queries(at_once(3)):
            tell(learner, "first")
            learner.display_name = "丙"
            NAMED.write(learner)
            NOTICE.write(row)
        assert Notice.objects.get(pk=row.pk).event == "second"
        with django_assert_num_queries(1):
            assert len(write_now(f"{READ} RETURNING id", ["/x/", learner.pk])) == 2
    assert set(Notice.objects.values_list("path", flat=True)) == {"/x/"}


def test_a_key_that_is_wanted_soon_comes_with_what_is_sent_next(learner, django_assert_num_queries):
    first, second = (Notice(person=learner, kind=KIND, event=event, created_at=timezone.now()) for event in "ab")
    with transaction.atomic(), written_together(), django_assert_num_queries(at_once(2)):
        NOTICE.write_soon(first)
        NOTICE.write(second)
    assert dict(Notice.objects.values_list("pk", "event")) == {first.pk: "a", second.pk: "b"}


def test_a_key_that_is_wanted_soon_comes_at_the_end_at_the_latest(learner):
    first, second = (Notice(person=learner, kind=KIND, event=event, created_at=timezone.now()) for event in "ab")
    NOTICE.write_soon(first)
    assert Notice.objects.get(pk=first.pk).event == "a"
    with transaction.atomic(), written_together():
        tell(learner, "c")
        NOTICE.write_soon(second)
    assert Notice.objects.get(pk=second.pk).event == "b"


def test_a_row_is_written_under_the_key_that_it_has(learner, django_assert_num_queries):
    row = Notice(pk=4711, person=learner, kind=KIND, event="a", created_at=timezone.now())
    with transaction.atomic(), django_assert_num_queries(at_once(2)), written_together():
        NOTICE.write_under_key(row)
        tell(learner, "b")
    assert Notice.objects.get(pk=4711).event == "a"


def test_what_an_inner_act_wrote_is_undone_with_it_and_the_rest_stands(learner):
    with transaction.atomic(), written_together():
        tell(learner, "before")
        with pytest.raises(ZeroDivisionError):
            undone(learner)
        with pytest.raises(IntegrityError):
            undone(learner, event="before")
        tell(learner, "after")
    assert TOLD.rows(who=learner.pk) == ["before", "after"]


def test_a_block_left_by_a_fault_sends_nothing(learner, django_assert_num_queries):
    with pytest.raises(ZeroDivisionError), django_assert_num_queries(0), written_together():
        never(learner)
    assert TOLD.rows(who=learner.pk) == []
    # And what comes later waits for nothing.
    tell(learner, "now")
    assert TOLD.rows(who=learner.pk) == ["now"]


@pytest.mark.parametrize("others", [0, 1])
def test_a_row_that_is_gone_is_a_fault_whether_it_went_alone_or_with_others(learner, others):
    with pytest.raises(DatabaseError, match="not there"):
        gone(learner, others)
    assert TOLD.rows(who=learner.pk) == []


def test_a_gone_row_is_a_fault_also_where_a_key_is_wanted(learner):
    row = Notice(person=learner, kind=KIND, event="one", created_at=timezone.now())
    with pytest.raises(DatabaseError, match="not there"):
        gone(learner, row=row)
    assert TOLD.rows(who=learner.pk) == []
