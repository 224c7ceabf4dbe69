"""A statement that the server knows by name gives what it gives when it is sent as words, and fails as it fails there."""

from datetime import date
from uuid import uuid4

import pytest
from django.db import DatabaseError, IntegrityError, OperationalError, connection, transaction
from django.db.models import TextField, Value
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from academy.errors.outage import database_is_away
from academy.models import Job, User
from academy.requests.prepared import PreparedQuery
from academy.requests.statements import run_statement
from tests.cast import bank, person

pytestmark = [pytest.mark.django_db, pytest.mark.database, pytest.mark.both]
NAMED = "SELECT name FROM pg_prepared_statements WHERE statement LIKE %s"
COUNT = "SELECT COUNT(*) FROM academy_user WHERE staff_number = %s"


def names(words: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(NAMED, [f"%{words}%"])
        return [name for (name,) in cursor.fetchall()]


def only_on_postgresql() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("only PostgreSQL is told names")


def test_rows_are_those_of_the_words():
    made = Job.objects.create(kind="百分之 50%s, 100%", asked_at=timezone.now(), result={"a": ["文", 1.5]})
    jobs = PreparedQuery(
        lambda uuid, since: (
            Job.objects.filter(uuid=uuid, asked_at__date__gte=since, kind__startswith="百分之 50%s")
            .annotate(half=Value("50%", output_field=TextField()))
            .values_list()
        )
    )
    key = made.uuid.hex if connection.vendor == "sqlite" else made.uuid
    words = 'SELECT * FROM academy_job WHERE "uuid" = %s'

    named = [jobs.rows(uuid=made.uuid, since=date(2000, 1, 1)), run_statement(words, [key])]
    with CaptureQueriesContext(connection):
        sent = [jobs.rows(uuid=made.uuid, since=date(2000, 1, 1)), run_statement(words, [key])]

    assert named == sent
    assert len(sent[0]) == 1
    assert "50%" in sent[0][0]
    assert jobs.rows(uuid=uuid4(), since=date(2000, 1, 1)) == []
    assert jobs.rows(uuid=made.uuid, since=date(2199, 1, 1)) == []


def test_the_server_is_told_once_and_only_where_it_may_be(settings):
    only_on_postgresql()
    words = f"{COUNT} AND 1 = 1"
    for _turn in range(3):
        assert run_statement(words, ["100001"]).rows == [(0,)]
    assert len(names("1 = 1")) == 1
    settings.NAMED_STATEMENTS = False
    assert run_statement(f"{COUNT} AND 2 = 2", ["100001"]).rows == [(0,)]
    assert names("2 = 2") == []


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_what_the_server_has_forgotten_it_is_told_anew():
    only_on_postgresql()
    assert run_statement(COUNT, ["x"]).rows == [(0,)]
    with connection.cursor() as cursor:
        cursor.execute("DEALLOCATE ALL")
    assert [run_statement(COUNT, ["x"]).rows for _turn in range(2)] == [[(0,)], [(0,)]]
    assert names(COUNT.partition("%s")[0]) != []


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_what_is_forgotten_within_a_transaction_is_told_anew_in_the_next():
    only_on_postgresql()
    run_statement(COUNT, ["x"])
    for _turn in range(2):
        with transaction.atomic():
            if _turn == 0:
                with connection.cursor() as cursor:
                    cursor.execute("DEALLOCATE ALL")
                with pytest.raises(DatabaseError), transaction.atomic():
                    run_statement(COUNT, ["x"])
            else:
                assert run_statement(COUNT, ["x"]).rows == [(0,)]


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_a_transaction_holds_it():
    made = User.objects.create_user("100001", "x", display_name="欧阳文澜")
    words = "UPDATE academy_user SET display_name = %s WHERE id = %s"

    with transaction.atomic():
        assert run_statement(words, ["谢长宁", made.pk]).count == 1
        transaction.set_rollback(True)
    made.refresh_from_db()
    assert made.display_name == "欧阳文澜"
    with transaction.atomic():
        assert run_statement(words, ["谢长宁", made.pk]).count == 1
    assert run_statement(words, ["无人", 0]).count == 0
    made.refresh_from_db()
    assert made.display_name == "谢长宁"


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_a_refusal_is_that_of_a_cursor():
    for number in range(2):
        person(f"10000{number}", "学员", bank()["BJ01"])
    words = "UPDATE academy_user SET staff_number = %s WHERE staff_number = %s"

    with pytest.raises(IntegrityError):
        run_statement(words, ["100001", "100000"])
    with pytest.raises(IntegrityError), transaction.atomic():
        run_statement(words, ["100001", "100000"])
    with transaction.atomic():
        with pytest.raises(IntegrityError), transaction.atomic():
            run_statement(words, ["100001", "100000"])
        assert run_statement(COUNT, ["100001"]).rows == [(1,)]
    with transaction.atomic():
        transaction.set_rollback(True)
        with pytest.raises(transaction.TransactionManagementError):
            run_statement(COUNT, ["100001"])
    if connection.vendor == "postgresql":
        with pytest.raises((DatabaseError, ValueError)):
            run_statement(COUNT, ["1\x002"])


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_a_connection_that_is_gone_is_an_outage_and_the_next_one_knows_nothing():
    only_on_postgresql()
    run_statement(COUNT, ["100001"])
    pid = connection.connection.info.backend_pid
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
    other.close()

    with pytest.raises(OperationalError) as gone:
        run_statement(COUNT, ["100001"])
    assert database_is_away(gone.value)
    connection.close_if_unusable_or_obsolete()
    assert run_statement(COUNT, ["100001"]).rows == [(0,)]
