"""The server is killed in mid-exam under load: whatever had its receipt is in the database, and one goes on."""

import http.client
import json
import threading
import time

import pytest

from tests.served import PREPARE, Served, own_database

pytestmark = [pytest.mark.database, pytest.mark.both, pytest.mark.real_clock]
PEOPLE, QUESTIONS, SECONDS, PATIENCE = 4, 12, 1.5, 60
STORED = """
import json
from quizzes.models import Answer
rows = Answer.objects.select_related("attempt")
drawn = lambda row: row.attempt.paper[row.slot - 1]["order"]["options"].index(row.response["chosen"])
print(json.dumps([[str(row.attempt.uuid), row.slot, row.sequence, str(drawn(row))] for row in rows]))
"""


def write(served: Served, one: dict, receipts: dict, stop: threading.Event, pause: float = 0) -> None:
    """Answers, so many seconds after each receipt, until the server is gone; keeps the newest receipt of each slot."""
    client, sequence = served.client(one["session"]), 0
    address = f"/quizzes/attempts/{one['attempt']}/answers/"
    while not stop.is_set():
        sequence += 1
        slot, option = 1 + sequence % QUESTIONS, "01"[(sequence // QUESTIONS) % 2]
        entry = {"slot": slot, "sequence": sequence, "raw": {"response": option}}
        try:
            status, body = client.post(address, {"tab": "tab-1", "answers": [entry]})
        except (OSError, http.client.HTTPException):
            return
        assert status == 200, body[:500]
        if json.loads(body)["receipts"][0]["status"] == "saved":
            receipts[one["attempt"], slot] = (sequence, option)
        time.sleep(pause)


def test_a_killed_server_loses_no_receipted_answer(tmp_path):
    with own_database(tmp_path) as database:
        served = Served(tmp_path, database)
        people = served.python(PREPARE, str(PEOPLE), str(QUESTIONS), "begin")
        receipts: dict = {}
        stop = threading.Event()
        served.start()
        try:
            threads = [threading.Thread(target=write, args=(served, person, receipts, stop)) for person in people]
            for thread in threads:
                thread.start()
            # A busy machine takes longer for as many receipts.
            end = time.monotonic() + PATIENCE
            time.sleep(SECONDS)
            while len(receipts) < PEOPLE * 2 and time.monotonic() < end:
                time.sleep(0.1)
            served.kill()
        finally:
            stop.set()
            served.kill()
        for thread in threads:
            thread.join(timeout=40)

        stored = {(uuid, slot): (sequence, response) for uuid, slot, sequence, response in served.python(STORED)}

        assert len(receipts) >= PEOPLE * 2, "too few receipts to say anything"
        for place, (sequence, response) in receipts.items():
            # A later answer may have been written whose receipt never left the server.
            assert stored[place][0] >= sequence, place
            if stored[place][0] == sequence:
                assert stored[place][1] == response, place
        served.start()
        try:
            client = served.client(people[0]["session"])
            address = f"/quizzes/attempts/{people[0]['attempt']}/"
            assert client.get(address)[0] == 200
            assert client.post(f"{address}submit/", "")[0] == 302
            assert client.get(f"{address}result/")[0] == 200
        finally:
            served.kill()
