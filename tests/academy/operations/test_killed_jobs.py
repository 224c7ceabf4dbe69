"""Worker and clock are killed in the middle of an export, an import, a regrade and an issue: everything ends, once.

``KILLS=10`` kills so many times; the suite a few. Nobody's hand helps: only the processes are started again.
"""

import contextlib
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time

import pytest

from tests.served import MIGRATED, ROOT, Served, own_database

pytestmark = [pytest.mark.database, pytest.mark.real_clock]
KILLS = int(os.environ.get("KILLS", "2"))
SECONDS = 180
ROWS, HOLDERS, PAPERS = 240, 6, 110

PREPARE = (
    MIGRATED
    + """
import json, sys
from datetime import timedelta
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from django.conf import settings
settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
from academy.doors import Ground, grounds_for
from academy.importing import runs
from academy.models import CareerLevel, Role
from certificates.register.exporting import request_export
from certificates.award.awarding import import_history
from certificates.models import CertificationTrack
from certificates.register.rows import RegisterQuery
from quizzes.attempts import start_attempt, submit_attempt
from quizzes.marking.regrading import _enqueue
from quizzes.models import Answer, Attempt, Question, RegradeRun
from quizzes.attempts.saving import save_answer
from quizzes.bank.versions import publish_version
from tests.academy.importing.files import HEADINGS
from tests.cast import bank, person
from tests.quizzes.factories import bank_of, body, quiz_of
rows, holders, papers = (int(one) for one in sys.argv[1:])
now, today, branches = timezone.now(), timezone.localdate(), bank()
hr = person("300001", "苏映雪", branches["HO"], roles=[Role.HR])
level = CareerLevel.objects.create(code="CM1", rank=1, name="等级一")
track = CertificationTrack.objects.create(code="cm1", name="认证", level=level)
grounds_for.register(lambda quiz, learner: [Ground(occasion="test:1", label="test", url="/")])
category = bank_of(1)
quiz = quiz_of(category, 1, attempts_allowed=None, wait_minutes=0)
question = category.questions.get()
for number in range(papers):
    one = person(f"1{number:05}", f"考生{number}", branches["BJ01"])
    attempt = start_attempt(quiz=quiz, learner=one, language="zh-hans", now=now, seed=1)
    save_answer(attempt=attempt, slot=1, response={"chosen": "a"}, tab="t", sequence=1, now=now)
    submit_attempt(attempt=attempt, now=now)
repaired = body("甲0", "乙0")
for option in repaired["options"]:
    option["fraction"] = "1" if option["id"] == "b" else "0"
question.body = repaired
publish_version(question=question, now=now, actor=None)
question.refresh_from_db()
# The issue: each document is rendered by the worker.
for number in range(holders):
    import_history(person=person(f"20000{number}", f"持证{number}", branches["BJ01"]), track=track,
                   awarded_on=today - timedelta(days=30), valid_through=today + timedelta(days=300), now=now, actor=None)
run = RegradeRun.objects.create(question=question, version=question.current_version, reason="x", asked_by=hr, total=papers)
_enqueue(run)
request_export(question=RegisterQuery(as_of=today, known_as_of=timezone.now()), requested_by=hr, now=now)
text = "\\n".join([HEADINGS, *(f"5{number:05},新人{number},BJ01,柜员,,2020-01-01,,是" for number in range(rows))])
imported = runs.start_run(kind="staff", upload=SimpleUploadedFile("名单.csv", text.encode()), actor=hr, now=now)
with runs.open_source(imported) as source:
    layout = runs.layout_of(imported, source)
mapping = {heading: key for heading, key in zip(layout.headings, layout.keys) if key}
runs.choose_columns(run=imported, mapping=mapping, shape=layout.shape, complete=False, effective_on=None, now=now)
print(json.dumps({"import": imported.pk}))
"""
)

# HR confirms once what is checked; the rest is nobody's doing. Looks until all is done, for so many seconds.
LOOK = """
import json, sys, time
from django.utils import timezone
from academy.importing import runs
from academy.models import ImportRun, Job
from certificates.models import Certificate
def look():
    run = ImportRun.objects.get()
    if run.state == "checked":
        runs.confirm_run(run=run, now=timezone.now())
    waits = Job.objects.exclude(kind__in=["academy.daily", "quizzes.statistics"]).exclude(state__in=["done", "failed"]).count()
    waits += ImportRun.objects.exclude(state="done").count() + Certificate.objects.filter(pdf_digest="").count()
    left = [str(one) for one in Job.objects.exclude(state="done").values_list("kind", "state", "tries", "losses", "done", "total", "why")]
    return [*left, run.state, waits] if waits else []
end = time.monotonic() + int(sys.argv[1])
while (left := look()) and time.monotonic() < end:
    time.sleep(0.5)
print(json.dumps(left))
"""

RESULT = """
import json, zipfile
from academy.jobs.made_files import file_of
from academy.models import ImportRun, Job, JournalEntry, Notice, User
from certificates.document import storage
from certificates.models import Certificate
from quizzes.models import Attempt, RegradeRun
entries = lambda action: JournalEntry.objects.filter(action=action).count()
export = Job.objects.get(kind="certificates.export")
with zipfile.ZipFile(file_of(export)) as archive:
    assert archive.testzip() is None
    packed = sum(name.endswith(".pdf") for name in archive.namelist())
run = RegradeRun.objects.get()
print(json.dumps({
    "jobs": sorted(Job.objects.exclude(kind__in=["academy.daily", "quizzes.statistics"]).values_list("kind", "state")),
    "people": User.objects.filter(staff_number__startswith="5").count(), "imports": entries("academy.import"),
    "packed": packed, "documents": Certificate.objects.count(), "stored": entries("certificates.store"),
    "readable": sum(bool(storage.read(one.pdf_digest)) for one in Certificate.objects.all()),
    "regraded": [run.done, run.changed, entries("quizzes.regrade"), Attempt.objects.filter(mark=0).count()],
    "told": sorted(Notice.objects.filter(kind__in=["import_done", "export_ready"]).values_list("kind", flat=True)),
    "losses": sum(Job.objects.values_list("losses", flat=True)),
}))
"""


IN_HAND = "SELECT holder FROM academy_job WHERE state = 'running' AND kind <> 'academy.daily'"


class Background:
    """Worker and clock, as the supervisor starts them."""

    def __init__(self, served: Served) -> None:
        self.processes = [
            subprocess.Popen(
                [sys.executable, "manage.py", *command],
                env=served.environment,
                cwd=ROOT,
                start_new_session=True,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            for command in (
                ["work", "--interval", "0.2", "--name", "killed-worker"],
                ["tick", "--loop", "--seconds", "1", "--name", "killed-clock"],
            )
        ]

    def kill(self) -> None:
        for process in self.processes:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def wait_for_work(database: str, gone: set[str]) -> None:
    """Until a living worker has something in hand, or some seconds where it all ended; a look from outside.

    ``gone`` are the holders that were killed: their work still says that it runs.
    """
    for _look in range(150):
        if database.startswith("sqlite"):
            with contextlib.closing(sqlite3.connect(database.removeprefix("sqlite:///"), timeout=10)) as connection:
                found = connection.execute(IN_HAND).fetchall()
        else:
            import psycopg

            with psycopg.connect(database) as connection:
                found = connection.execute(IN_HAND).fetchall()
        if fresh := {holder for (holder,) in found} - gone:
            gone |= fresh
            return
        time.sleep(0.1)


@pytest.mark.parametrize("seed", [11])
def test_everything_ends_once_however_often_its_workers_are_killed(tmp_path, seed):
    source = random.Random(seed)
    with own_database(tmp_path) as database:
        served = Served(tmp_path, database, LEASE_SECONDS="5")
        served.python(PREPARE, str(ROWS), str(HOLDERS), str(PAPERS))
        gone: set[str] = set()
        for _kill in range(KILLS):
            background = Background(served)
            wait_for_work(database, gone)
            time.sleep(source.uniform(0, 0.6))
            background.kill()
            served.python(LOOK, "0")
        began, background = time.monotonic(), Background(served)
        try:
            assert served.python(LOOK, str(SECONDS)) == []
        finally:
            background.kill()
        found = served.python(RESULT)

    losses = found.pop("losses")
    assert losses, "nothing was killed in its work"
    print(f"{KILLS} kills, {losses} works lost their worker, all ended after {time.monotonic() - began:.0f} s")
    assert found == {
        "jobs": [["academy.import", "done"], ["certificates.export", "done"], ["quizzes.regrade", "done"]],
        "people": ROWS,
        "imports": 1,
        "packed": HOLDERS,
        "documents": HOLDERS,
        "stored": HOLDERS,
        "readable": HOLDERS,
        "regraded": [PAPERS, PAPERS, PAPERS, PAPERS],
        "told": ["export_ready", "import_done"],
    }
