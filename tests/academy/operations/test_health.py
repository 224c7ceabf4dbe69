"""``/readyz`` knows what an operator must know, and says which of it is stale."""

from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.test import RequestFactory
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from academy import settings as real_settings
from academy.errors.outage import database_is_away
from academy.models import ProcessBeat
from academy.notices.tasks import send_notices_task
from academy.operations.answering import answer

pytestmark = [pytest.mark.django_db, pytest.mark.database, pytest.mark.both]


def beat(kind: str, age: timedelta, busy_for: timedelta | None = None) -> None:
    now = timezone.now()
    ProcessBeat.objects.create(
        kind=kind,
        name=f"{kind}-{age}",
        started_at=now - timedelta(days=2),
        beaten_at=now - age,
        busy_since=busy_for and now - busy_for,
    )


def stale(client, status: int = 503) -> list[str]:
    response = client.get("/readyz")
    assert response.status_code == status, response.content
    assert response.headers.get("Retry-After") == ("2" if status == 503 else None)
    return response.json()["stale"]


def test_everything_alive_is_ready(client):
    beat("worker", timedelta(seconds=12))
    beat("clock", timedelta(seconds=3))
    # An earlier process that was killed says nothing about the one that runs.
    beat("worker", timedelta(hours=3))

    assert stale(client, status=200) == []
    answered = client.get("/readyz").json()
    assert answered["worker_last_beat_seconds"] in range(12, 60)
    assert answered["clock_last_beat_seconds"] in range(3, 60)
    assert answered["oldest_waiting_seconds"] is None


def test_a_dead_worker_and_a_dead_clock_are_named(client):
    beat("clock", timedelta(seconds=3))
    beat("worker", timedelta(seconds=90))
    assert stale(client) == ["worker"]

    ProcessBeat.objects.update(beaten_at=timezone.now() - timedelta(seconds=90))
    assert stale(client) == ["worker", "clock"]


def test_without_any_process_only_a_developer_is_ready(client, settings):
    settings.DEBUG = False
    assert stale(client) == ["worker", "clock"]

    settings.DEBUG = True
    assert stale(client, status=200) == []


def test_a_clock_that_hangs_in_a_pass_is_stale_though_it_beats(client):
    beat("worker", timedelta(seconds=1))
    beat("clock", timedelta(seconds=1), busy_for=timedelta(minutes=11))

    assert stale(client) == ["clock"]


def test_work_that_waits_too_long_is_stale_and_work_of_a_later_hour_does_not_wait(client, settings):
    settings.TASKS = real_settings.TASKS
    beat("worker", timedelta(seconds=1))
    beat("clock", timedelta(seconds=1))
    now = timezone.now()
    send_notices_task.using(run_after=now + timedelta(hours=1)).enqueue()
    DBTaskResult.objects.update(enqueued_at=now - timedelta(hours=5))
    assert stale(client, status=200) == []

    DBTaskResult.objects.update(run_after=now - timedelta(minutes=10))
    assert stale(client, status=200) == []

    DBTaskResult.objects.update(run_after=now - timedelta(minutes=31))
    assert stale(client) == ["queue"]


def test_a_wrong_query_is_no_outage():
    with pytest.raises(Exception) as caught, connection.cursor() as cursor:  # noqa: PT011
        cursor.execute("SELECT nothing FROM nowhere")

    assert not database_is_away(caught.value)
    assert database_is_away(OperationalError("database is locked")) is True


def test_a_page_asks_again_a_form_does_not_and_a_script_reads_json():
    page = answer(RequestFactory().get("/my/"))
    form = answer(RequestFactory().post("/my/profile/"))
    script = answer(RequestFactory().post("/x/", "{}", content_type="application/json"))

    assert {one.status_code for one in (page, form, script)} == {503}
    assert {one.headers["Retry-After"] for one in (page, form, script)} == {"2"}
    assert 'http-equiv="refresh"' in page.content.decode()
    assert 'http-equiv="refresh"' not in form.content.decode()
    assert "请返回上一页" in form.content.decode()
    assert script.headers["Content-Type"] == "application/json"
