"""A prepared query gives what its queryset gives, for every value and in every transaction."""

import threading
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.db.models import Count, F
from django.db.transaction import TransactionManagementError
from django.utils import timezone

from academy.models import Branch, Job, Posting, User
from academy.requests.prepared import PreparedQuery
from tests.cast import bank, person

pytestmark = [pytest.mark.django_db, pytest.mark.database, pytest.mark.both]
PEOPLE = PreparedQuery(lambda pk: User.objects.filter(pk=pk))


@pytest.fixture
def people():
    branches = bank()
    return [person(f"10000{number}", f"学员{number}", branches["BJ01"]) for number in range(3)]


def held(row):
    return {name: value for name, value in vars(row).items() if not name.startswith("_")}


def test_rows_are_those_of_the_queryset_for_every_value(people):
    for one in people:
        assert [held(row) for row in PEOPLE.rows(pk=one.pk)] == [held(User.objects.get(pk=one.pk))]
    assert PEOPLE.first(pk=0) is None


def test_words_days_uuids_and_collections(people):
    today = timezone.localdate()
    jobs = [Job.objects.create(kind="test", asked_at=timezone.now(), what=str(number)) for number in range(3)]
    by_uuid = PreparedQuery(lambda uuid: Job.objects.filter(uuid=uuid))
    by_code = PreparedQuery(lambda code: Branch.objects.filter(code=code).values_list("code", flat=True))
    among = PreparedQuery(lambda numbers: User.objects.filter(staff_number__in=numbers).order_by("pk"))
    posted = PreparedQuery(
        lambda on, who: (
            Posting.objects.current()
            .effective(on)
            .filter(person__in=who)
            .select_related("branch")
            .annotate(number=F("person__staff_number"))
            .order_by("person")
        )
    )

    assert [by_uuid.first(uuid=job.uuid).pk for job in jobs] == [job.pk for job in jobs]
    assert by_uuid.rows(uuid=uuid4()) == []
    assert by_code.rows(code="BJ01") == ["BJ01"]
    for count in (1, 3, 2):
        assert among.rows(numbers=[one.staff_number for one in people[:count]]) == people[:count]
        rows = posted.rows(on=today, who=[one.pk for one in people[:count]])
        assert [(row.number, row.branch.code) for row in rows] == [(one.staff_number, "BJ01") for one in people[:count]]
    assert posted.rows(on=date(1990, 1, 1), who=[people[0].pk]) == []
    assert posted.rows(on=today + timedelta(days=1), who=[people[0].pk]) != []


def test_each_asking_is_one_query_and_an_empty_collection_none(people, django_assert_num_queries):
    among = PreparedQuery(lambda who: User.objects.filter(pk__in=who))
    for _turn in range(2):
        with django_assert_num_queries(1):
            assert len(among.rows(who={one.pk for one in people})) == 3
    with django_assert_num_queries(0):
        assert among.rows(who=[]) == []


def test_a_value_that_is_not_asked_for_is_refused(people):
    forgetful = PreparedQuery(lambda pk, name: User.objects.filter(pk=pk))
    derived = PreparedQuery(lambda pk: User.objects.filter(pk=pk + 1))

    with pytest.raises(TypeError):
        forgetful.rows(pk=1, name="x")
    with pytest.raises(TypeError):
        derived.rows(pk=1)


def test_what_changed_since_is_seen(people):
    counted = PreparedQuery(lambda code: Branch.objects.filter(code=code).annotate(people=Count("postings")))
    before = counted.first(code="BJ01").people
    person("100009", "后来者", Branch.objects.get(code="BJ01"))

    assert counted.first(code="BJ01").people == before + 1


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_a_lock_needs_its_transaction_each_time():
    if not connection.features.has_select_for_update:
        pytest.skip("SQLite locks no rows")
    found = User.objects.create_user("100001", "x", display_name="欧阳文澜")
    locked = PreparedQuery(lambda pk: User.objects.filter(pk=pk).select_for_update())

    with transaction.atomic():
        assert locked.first(pk=found.pk) == found
    with pytest.raises(TransactionManagementError):
        locked.first(pk=found.pk)


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_threads_ask_each_for_their_own():
    made = [User.objects.create_user(f"10010{number}", "x", display_name=f"学员{number}") for number in range(4)]
    found: dict[int, set[str]] = {one.pk: set() for one in made}

    def ask(pk: int) -> None:
        try:
            for _turn in range(25):
                found[pk].add(PEOPLE.first(pk=pk).display_name)
        finally:
            connection.close()

    threads = [threading.Thread(target=ask, args=(one.pk,)) for one in made]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert found == {one.pk: {one.display_name} for one in made}
