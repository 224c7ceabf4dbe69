"""PostgreSQL is gone for five seconds under saves: no receipt is lost, and web, worker and clock go on by themselves."""

import contextlib
import http.client
import json
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime

import psycopg
import pytest

from tests.outage import own_postgres
from tests.quizzes.attempts.test_killed import STORED
from tests.served import PREPARE, ROOT, Client, Served

pytestmark = [pytest.mark.database, pytest.mark.real_clock]

PEOPLE, QUESTIONS = 4, 12
# A busy machine is slow to start what went away; what does not go on by itself never does.
OUTAGE, GOES_ON_WITHIN, STARTS_WITHIN = 5.0, 60.0, 300.0

# Waits in the queue until the outage is over.
ENQUEUE = """
from datetime import timedelta
from django.utils import timezone
from academy.notices.tasks import send_notices_task
send_notices_task.using(run_after=timezone.now() + timedelta(seconds=9)).enqueue()
"""
STANDS = """
SELECT (SELECT count(*) FROM django_tasks_database_dbtaskresult WHERE status = 'SUCCESSFUL' AND finished_at > %(back)s),
       (SELECT count(*) FROM academy_processbeat WHERE beaten_at > %(back)s),
       (SELECT max(last_run_at) > %(back)s FROM academy_clockstate)
"""


# How it ends, by chance, when the server closes a kept connection between two requests: the page sends again.
ENDED = ("RemoteDisconnected", "BrokenPipeError", "ConnectionResetError")


def write(served: Served, one: dict, receipts: dict, seen: list, stop: threading.Event) -> None:
    """Does as the page does: what has no receipt is sent again, after as long as the server says."""
    client, sequence = Client(served.port, one["session"]), 0
    address = f"/quizzes/attempts/{one['attempt']}/answers/"
    while not stop.is_set():
        sequence += 1
        slot, option = 1 + sequence % QUESTIONS, "01"[(sequence // QUESTIONS) % 2]
        body = {"tab": "tab-1", "answers": [{"slot": slot, "sequence": sequence, "raw": {"response": option}}]}
        while not stop.is_set():
            try:
                client.connection.request(
                    "POST", address, json.dumps(body), {**client.headers, "Content-Type": "application/json"}
                )
                response = client.connection.getresponse()
                text = response.read()
            except (OSError, http.client.HTTPException) as fault:
                seen.append((time.monotonic(), type(fault).__name__, None))
                client.connection.close()
                time.sleep(0.5)
                continue
            seen.append((time.monotonic(), response.status, response.headers.get("Retry-After")))
            if response.status == 200:
                assert json.loads(text)["receipts"][0]["status"] == "saved"
                receipts[one["attempt"], slot] = (sequence, option)
                break
            time.sleep(float(response.headers.get("Retry-After") or 1) / 2)
        time.sleep(0.05)


def ready(served: Served) -> tuple[int, dict]:
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", served.port, timeout=20)) as connection:
        connection.request("GET", "/readyz")
        response = connection.getresponse()
        return response.status, json.loads(response.read())


def until(question, seconds: float):
    end = time.monotonic() + seconds
    while True:
        found = question()
        if found or time.monotonic() > end:
            return found
        time.sleep(0.2)


@pytest.fixture
def family(tmp_path):
    with own_postgres() as postgres, contextlib.ExitStack() as logs:
        served = Served(tmp_path, postgres.url)
        people = served.python(PREPARE, str(PEOPLE), str(QUESTIONS), "begin")
        served.start()
        background = [
            subprocess.Popen(
                [sys.executable, "manage.py", *command],
                env={**served.environment, "LOG_LEVEL": "WARNING"},
                cwd=ROOT,
                stderr=logs.enter_context((tmp_path / f"{command[0]}.log").open("wb")),
            )
            for command in (["work"], ["tick", "--loop", "--seconds", "1"])
        ]
        try:
            assert until(lambda: ready(served)[0] == 200, STARTS_WITHIN), ready(served)
            yield postgres, served, people, background
        finally:
            for process in background:
                process.terminate()
            for process in background:
                process.wait(timeout=30)
            served.kill()


def test_an_outage_of_the_database_loses_no_receipt_and_everything_goes_on(family, tmp_path):
    postgres, served, people, background = family
    receipts: dict = {}
    seen: list = []
    stop = threading.Event()
    threads = [threading.Thread(target=write, args=(served, person, receipts, seen, stop)) for person in people]
    for thread in threads:
        thread.start()
    until(lambda: len(receipts) >= PEOPLE * 2, GOES_ON_WITHIN)

    served.python(ENQUEUE)

    gone = time.monotonic()
    postgres.stop()
    time.sleep(OUTAGE / 2)
    while_away = ready(served)
    time.sleep(max(0.0, OUTAGE - (time.monotonic() - gone)))
    postgres.start()
    back, back_at = time.monotonic(), datetime.now(UTC)

    def stands() -> tuple[int, int, bool]:
        with psycopg.connect(postgres.url) as connection:
            return connection.execute(STANDS, {"back": back_at}).fetchone()

    went_on = until(lambda: all(stands()) and stands()[1] == 2, GOES_ON_WITHIN)
    took = time.monotonic() - back
    answered = until(lambda: any(at > back and status == 200 for at, status, _after in list(seen)), GOES_ON_WITHIN)
    is_ready = until(lambda: ready(served)[0] == 200, GOES_ON_WITHIN)
    stop.set()
    for thread in threads:
        thread.join(timeout=40)
    stored = {(uuid, slot): (sequence, response) for uuid, slot, sequence, response in served.python(STORED)}

    logs = [(tmp_path / f"{name}.log").read_text()[-2000:] for name in ("work", "tick")]
    assert went_on, (stands(), logs)
    assert answered, seen[-10:]
    assert is_ready
    assert [process.poll() for process in background] == [None, None], logs
    assert while_away[0] == 503
    assert (while_away[1]["database"], while_away[1]["stale"]) == ("unreachable", ["database"])
    # Every answer of the server was a receipt or a 503 that says when to ask again.
    refused = [(status, after) for _at, status, after in seen if status not in (200, *ENDED)]
    assert refused and set(refused) == {(503, "2")}
    firsts = [min(at for at, status, _after in seen if status == 200 and at > back) - back]
    assert max(firsts) < GOES_ON_WITHIN
    assert len(receipts) >= PEOPLE * 2
    for place, (sequence, response) in receipts.items():
        assert stored[place][0] >= sequence, place
        if stored[place][0] == sequence:
            assert stored[place][1] == response, place
    print(f"went on within {took:.1f} s; {len(seen)} requests, {len(refused)} refused")
