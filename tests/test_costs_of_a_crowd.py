"""A bank of ten and one of forty thousand cost a learner's page the same: as many queries, and none that reads a table of
people from end to end."""

import json

import pytest
from django.core.cache import caches
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from academy.models import Employment, Posting, Role, User
from courses.models import Enrolment
from courses.progress.learning import enrol, record_opening
from tests.cast import bank, person
from tests.courses.factories import course_of
from tests.crowds import crowd
from tests.quizzes.factories import bank_of, quiz_of
from tests.test_costs import LISTINGS, certify, cost, track

pytestmark = [pytest.mark.django_db, pytest.mark.database, pytest.mark.both]
CROWD = 40_000
PAGES = ("/", "/zh-hans/one/", "/zh-hans/one/lesson-1/", "/quizzes/quiz/")
# Tables that grow with the staff, of which a learner's page is to read a person's rows alone.
OF_PEOPLE = {model._meta.db_table for model in (User, Employment, Posting, Enrolment)} | {"academy_factsversion"}


def asked(client, address: str) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return [query["sql"] for query in captured if query["sql"].startswith(("SELECT", "WITH"))]


def read_whole(sql: str) -> set[str]:
    """The tables of people that the database reads from end to end for a query."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("EXPLAIN (FORMAT JSON) " + sql)
            (plan,) = cursor.fetchone()
            steps, found = [(json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]], set()
            while steps:
                step = steps.pop()
                steps += step.get("Plans", ())
                if step["Node Type"] == "Seq Scan":
                    found.add(step["Relation Name"])
            return found & OF_PEOPLE
        cursor.execute("EXPLAIN QUERY PLAN " + sql)
        words = [row[3].split() for row in cursor.fetchall()]
        return {line[1] for line in words if line[0] == "SCAN" and "INDEX" not in line} & OF_PEOPLE


def test_forty_thousand_cost_a_learner_what_ten_cost(client):
    branches, now = bank(), timezone.now()
    course = course_of("one", lessons=1, quiz=quiz_of(bank_of(2), 1))
    people = [person(f"10000{number}", f"学员{number}", branches["BJ01"]) for number in range(10)]
    for one in people:
        enrolment = enrol(learner=one, course=course, now=now)
        record_opening(enrolment=enrolment, lesson=course.lessons.first(), now=now)

    hr = person("300001", "苏映雪", branches["HO"], roles=[Role.HR])
    certify(people[:4], timezone.localdate(), track())

    def costs(user: User) -> dict[str, list[list[str]]]:
        """The first look of a person that day, and the next one."""
        client.force_login(user)
        return {address: [asked(client, address) for _turn in range(2)] for address in PAGES}

    costs(people[0])
    few = costs(people[1])
    crowd(CROWD, like=people[2])
    caches["kept"].clear()
    costs(people[0])
    many = costs(people[3])

    assert User.objects.filter(staff_number__startswith="9").count() == CROWD
    assert {address: [len(look) for look in looks] for address, looks in many.items()} == {
        address: [len(look) for look in looks] for address, looks in few.items()
    }
    whole = {sql: tables for looks in many.values() for look in looks for sql in look if (tables := read_whole(sql))}
    assert whole == {}
    # What would be found is found.
    assert read_whole("SELECT id FROM academy_user WHERE display_name LIKE '%x%'") == {"academy_user"}
    client.force_login(hr)
    assert {address: cost(client, address) for address in LISTINGS} == LISTINGS
