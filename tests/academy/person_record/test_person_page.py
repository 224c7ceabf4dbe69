"""One person's page: what HR reads there, and who reads nothing."""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from academy.doors import person_records
from academy.journal import record
from academy.models import AccessLog, Role, User
from academy.person_record.coverage import LEFT_OUT, fields_about_people
from academy.staff.people import HIRE, post_person
from courses.progress.learning import enrol, record_opening
from tests.cast import bank, person, position
from tests.courses.factories import course_of
from tests.quizzes.factories import bank_of, quiz_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]
# Queries of the page: one for each table, whatever stands in it.
# Two of them say whether the sign-in is locked and whether the person is within the reach of who looks.
AT_MOST = 70


@pytest.fixture
def branches():
    return bank()


@pytest.fixture
def learner(branches):
    return person("100001", "欧阳文澜", branches["BJ01"])


def page_of(user: User) -> str:
    return reverse("wagtailusers_users:inspect", args=[user.pk])


def table_of(user: User, code: str) -> str:
    return reverse("wagtailusers_users:record_table", args=[user.pk, code])


def test_every_field_that_leads_to_a_person_is_told_or_left_out_with_a_reason(learner):
    tables = person_records(learner)
    told = {field for table in tables for field in table.speaks_for}
    fields = set(fields_about_people())

    assert sorted(fields - told - set(LEFT_OUT)) == []
    assert sorted(field for field in LEFT_OUT if field not in fields) == []
    assert all(len(reason) > 20 for reason in LEFT_OUT.values())
    for reader in ("bank", "person"):
        codes = [table.code for table in tables if table.reader in ("", reader)]
        assert len(codes) == len(set(codes))
    for table in tables:
        assert set(table.shown) | set(table.later) <= {column.key for column in table.columns}, table.code


def test_hr_reads_everything_at_a_cost_that_does_not_grow(branches, learner, client):
    client.force_login(person("300001", "苏映雪", branches["HO"], roles=[Role.HR]))
    quiz, found = quiz_of(bank_of(2), 1), []
    for count in (1, 3):
        for number in range(count):
            course = course_of(f"c{count}{number}", lessons=2, quiz=quiz)
            record_opening(
                enrolment=enrol(learner=learner, course=course, now=timezone.now()),
                lesson=course.lessons.first(),
                now=timezone.now(),
            )
            with transaction.atomic():
                record(HIRE, now=timezone.now(), actor=None, about=learner, person=learner, reason=f"because {number}")
        client.get(page_of(learner))
        with CaptureQueriesContext(connection) as captured:
            text = client.get(page_of(learner)).content.decode()
        found.append(len(captured))

    assert found[0] == found[1] <= AT_MOST
    assert "望京网点" in text and "because 2" in text and "0/2" in text
    # The newest twenty stand on the page, the others on a page of their own.
    for number in range(25):
        with transaction.atomic():
            record(HIRE, now=timezone.now(), actor=None, about=learner, person=learner, reason=f"later {number}")
    assert "later 1 " not in (text := client.get(page_of(learner)).content.decode().replace("<", " "))
    assert "later 24" in text and table_of(learner, "academy.journal") in text
    assert "later 0" in client.get(table_of(learner, "academy.journal")).content.decode()
    assert client.get(table_of(learner, "academy.nothing")).status_code == 404


def test_an_auditor_reads_and_is_known_to_have_read(branches, learner, client):
    auditor = person("600001", "严正", branches["BJ"], roles=[Role.AUDITOR])
    client.force_login(auditor)

    text = client.get(page_of(learner)).content.decode()

    assert "欧阳文澜" in text
    assert "first-passwords" not in text and "/edit/" not in text
    assert AccessLog.objects.get(person=auditor).about == f"academy.user:{learner.pk}"


def test_nobody_else_finds_the_page(branches, learner, client):
    others = [[Role.LINE_MANAGER], [Role.TRAINER], [Role.ASSESSOR], []]
    for number, roles in enumerate(others):
        client.force_login(person(f"40000{number}", "贺兰舟", branches["BJ"], roles=roles))

        assert client.get(page_of(learner)).status_code == 404
        assert client.get(table_of(learner, "academy.journal")).status_code == 404


def test_a_former_branch_keeps_its_past_only(branches, learner, client):
    client.force_login(person("300002", "陆明川", branches["BJ"], roles=[Role.HR]))
    moved = timezone.localdate() - timedelta(days=10)
    old = course_of("taken-before", lessons=1)
    new = course_of("taken-after", lessons=1)
    enrol(learner=learner, course=old, now=timezone.now() - timedelta(days=30))
    enrol(learner=learner, course=new, now=timezone.now())
    post_person(
        person=learner,
        branch=branches["SH01"],
        position=position("lobby"),
        effective_from=moved,
        now=timezone.now(),
        actor=None,
    )

    text = client.get(page_of(learner)).content.decode()

    assert "望京网点" in text and old.local_title in text
    assert "陆家嘴网点" not in text and new.local_title not in text and "/edit/" not in text
    assert client.get(table_of(learner, "academy.journal")).status_code == 404
    stranger = person("100002", "旁人", branches["SH01"])
    assert client.get(page_of(stranger)).status_code == 404
