"""What a page costs in queries: literal numbers, the same for one row and for three, for ten staff and ten thousand."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from academy.models import CareerLevel, Leave, Role
from certificates.award.awarding import import_history
from certificates.models import CertificationTrack
from courses.models import CoursePage, HourEntry
from courses.progress.learning import enrol, record_opening
from quizzes.attempts import start_attempt, submit_attempt
from quizzes.models import PracticeDay
from tests.cast import bank, person
from tests.courses.factories import add_lesson, course_of
from tests.crowds import crowd
from tests.quizzes.factories import bank_of, quiz_of

pytestmark = [pytest.mark.django_db, pytest.mark.database, pytest.mark.both]
HOME, CATALOGUE, COURSE, LESSON = 3, 9, 5, 7
# What is known to be asked is asked at once; who has rows in most tables asks further by what they say.
NEWCOMER, OLD_HAND = 4, 8
OWN = {"/my/certificates/": 16, "/my/transcript/": 22}
LISTINGS = {"/cms/register/": 12, "/cms/register/?status=valid": 12, "/cms/register/?branch=BJ": 12, "/cms/users/": 12}


@pytest.fixture
def branches():
    return bank()


@pytest.fixture
def learner(branches, client):
    found = person("100001", "欧阳文澜", branches["BJ01"])
    client.force_login(found)
    return found


@pytest.fixture
def hr(branches, client):
    found = person("300001", "苏映雪", branches["HO"], roles=[Role.HR])
    client.force_login(found)
    return found


def cost(client, address: str) -> int:
    """Queries of a page, after one look that fills the caches a running server has."""
    assert client.get(address, follow=False).status_code == 200
    with CaptureQueriesContext(
        connection,
    ) as captured:
        response = client.get(address)
        if response.streaming:
            list(response.streaming_content)
    return len(captured)


def track(code: str = "cm2", rank: int = 2) -> CertificationTrack:
    level, _ = CareerLevel.objects.get_or_create(
        code=code.upper(), defaults={"rank": rank, "name": f"等级{rank}", "name_en": code}
    )
    return CertificationTrack.objects.get_or_create(code=code, defaults={"name": f"认证{code}", "level": level})[0]


def certify(people, today: date, on_track: CertificationTrack) -> None:
    for one in people:
        import_history(
            person=one,
            track=on_track,
            awarded_on=today - timedelta(days=30),
            valid_through=today + timedelta(days=300),
            now=timezone.now(),
            actor=None,
        )


def test_home(client, learner):
    quiz = quiz_of(bank_of(2), 1)
    found = []
    for count in (1, 3):
        for number in range(count):
            course = course_of(f"c{count}{number}", lessons=2, quiz=quiz)
            enrolment = enrol(learner=learner, course=course, now=timezone.now())
            record_opening(enrolment=enrolment, lesson=course.lessons.first(), now=timezone.now())
        found.append(cost(client, "/"))

    assert found == [HOME, HOME]


def test_home_of_who_comes_first_that_day(client, branches):
    """What is asked of everybody alike was read for somebody before; the facts of a person are read for each."""
    found = []
    for number in range(3):
        client.force_login(person(f"10000{number}", "谢长宁", branches["BJ01"]))
        with CaptureQueriesContext(connection) as captured:
            assert client.get("/").status_code == 200
        found.append(len(captured))

    assert found[1:] == [NEWCOMER, NEWCOMER]


def with_a_past(number: str, branch, courses):
    """Somebody who has learned, sat, practised, held, worked hours and been away, once for each of the courses."""
    learner, today, now = person(number, "谢长宁", branch), timezone.localdate(), timezone.now()
    for place, course in enumerate(courses):
        long_ago = today - timedelta(days=200 + 10 * place)
        enrolment = enrol(learner=learner, course=course, now=now)
        record_opening(enrolment=enrolment, lesson=course.lessons.first(), now=now)
        quiz = course.placements.get().quiz
        attempt = start_attempt(quiz=quiz, learner=learner, language="en", now=now)
        submit_attempt(attempt=attempt, now=now)
        HourEntry.objects.create(
            person=learner,
            hours=2,
            effective_from=long_ago,
            effective_until=long_ago,
            year=today.year,
            source="entered",
        )
        Leave.objects.create(person=learner, kind="illness", effective_from=long_ago, effective_until=long_ago)
        PracticeDay.objects.create(person=learner, day=long_ago, places=[])
        certify([learner], today, track(f"cm{place + 2}", place + 2))
    return learner


def test_home_of_who_has_a_past_and_comes_first_that_day(client, branches):
    courses = [
        course_of(f"c{number}", lessons=2, quiz=quiz_of(bank_of(2, f"b{number}"), 1, code=f"q{number}"))
        for number in range(3)
    ]
    for course in courses:
        course.quizzes_after_lessons = False
        course.save()
    begun = enumerate((courses, courses[:1], courses))
    people = [with_a_past(f"10000{place}", branches["BJ01"], some) for place, some in begun]
    found = []
    for learner in people:
        client.force_login(learner)
        with CaptureQueriesContext(connection) as captured:
            assert client.get("/").status_code == 200
        found.append(len(captured))

    assert found[1:] == [OLD_HAND, OLD_HAND]


def test_catalogue(client, learner):
    found = []
    for count in (1, 3):
        for number in range(count):
            course_of(f"c{count}{number}", lessons=count)
        found.append(cost(client, "/zh-hans/"))

    assert found == [CATALOGUE, CATALOGUE]


def test_course(client, learner):
    course = course_of("one", lessons=1, quiz=quiz_of(bank_of(2), 1))
    enrol(learner=learner, course=course, now=timezone.now())
    page = CoursePage.objects.get(course=course)
    found = [cost(client, "/zh-hans/one/")]
    for number in (2, 3):
        add_lesson(page, number)
    found.append(cost(client, "/zh-hans/one/"))

    assert found == [COURSE, COURSE]


def test_lesson(client, learner):
    course = course_of("one", lessons=1)
    enrol(learner=learner, course=course, now=timezone.now())
    page = CoursePage.objects.get(course=course)
    found = [cost(client, "/zh-hans/one/lesson-1/")]
    for number in (2, 3):
        add_lesson(page, number)
    found.append(cost(client, "/zh-hans/one/lesson-1/"))

    assert found == [LESSON, LESSON]


@pytest.mark.parametrize("address", OWN)
def test_own_record(client, learner, address):
    today, found = timezone.localdate(), []
    certify([learner], today, track())
    found.append(cost(client, address))
    certify([learner], today, track("cm3", 3))
    certify([learner], today, track("cm4", 4))
    found.append(cost(client, address))

    assert found == [OWN[address], OWN[address]]


@pytest.mark.parametrize("address", LISTINGS)
def test_listings_of_hr(client, hr, branches, address):
    today, found = timezone.localdate(), []
    for count in (1, 3):
        people = [person(f"1{count}{number:04}", "谢长宁", branches["BJ01"]) for number in range(count)]
        certify(people, today, track())
        found.append(cost(client, address))
    crowd(10_000, like=person("200001", "员工", branches["SH01"]))
    found.append(cost(client, address))

    assert found == [LISTINGS[address]] * 3
