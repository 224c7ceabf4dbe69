"""The board's screens, measured in a process of their own, and the index that serves each."""

import random
import re
import sys
import time
from datetime import date, timedelta

import django

ADDRESSES = (
    "/cms/",
    "/cms/board/",
    "/cms/board/?on=2025-06-30",
    "/cms/board/?branch={branch}",
    "/cms/board/names/?show=without",
    "/cms/board/names/?show=urge&branch={branch}",
    "/cms/board/appointments/",
    "/cms/users/",
    "/team/",
)
# The quickest of so many: on a busy machine the others measure the neighbours.
ROUNDS = 7
BATCH = 5_000
ASKED = 4
TEAM = 200


def fill(first: int, last: int) -> None:
    """People ``first`` to ``last`` of the seeded bank: a fifth are client managers, of whom most are certified."""
    from academy.models import Branch, CareerLevel, Employment, Leave, Position, Posting, User
    from academy.staff.branches import place_branch
    from certificates.models import Certification, CertificationTrack, PositionRequirement
    from tests.bench.bank import POSITIONS, branch_rows

    now, opened = django.utils.timezone.now(), date(2000, 1, 1)
    kinds = {
        "总行": "head_office",
        "一级分行": "first_level",
        "二级分行": "second_level",
        "支行": "sub_branch",
        "网点": "outlet",
    }
    made = {branch.code: branch for branch in Branch.objects.all()}
    for code, name, above, kind in branch_rows(max(10, last // 100)):
        if code not in made:
            made[code] = place_branch(
                code=code,
                kind=kinds[kind],
                name=name,
                parent=made.get(above),
                effective_from=opened,
                now=now,
                actor=None,
                serial_code=code,
            )
    codes = list(made)
    positions = [
        Position.objects.get_or_create(code=f"p{number}", defaults={"name": name, "line": "retail"})[0]
        for number, name in enumerate(POSITIONS)
    ]
    tracks = []
    for rank in (1, 2, 3):
        level = CareerLevel.objects.get_or_create(code=f"CM{rank}", defaults={"rank": rank, "name": f"等级{rank}"})[0]
        tracks.append(
            CertificationTrack.objects.get_or_create(code=f"cm{rank}", defaults={"level": level, "name": level.name})[0]
        )
    if not PositionRequirement.objects.exists():
        for number, position in enumerate(positions[:ASKED]):
            PositionRequirement.objects.create(
                position=position, level=tracks[number // 3].level, within_days=180, effective_from=opened
            )
    rng = random.Random(first)
    for start in range(first, last, BATCH):
        numbers = range(start, min(start + BATCH, last))
        people = User.objects.bulk_create(
            User(staff_number=f"{number:08}", display_name=f"员工{number}", password="!") for number in numbers
        )
        hired = {person.pk: date(2010, 1, 1) + timedelta(days=rng.randrange(5_600)) for person in people}
        stands = {person.pk: rng.randrange(len(positions)) for person in people}
        Employment.objects.bulk_create(Employment(person=person, effective_from=hired[person.pk]) for person in people)
        Posting.objects.bulk_create(
            Posting(
                person=one,
                branch=made[codes[number % len(codes)]],
                position=positions[stands[one.pk]],
                effective_from=hired[one.pk] + timedelta(days=rng.randrange(200)),
            )
            for number, one in zip(numbers, people, strict=True)
        )
        held = []
        for one in people:
            if stands[one.pk] < ASKED and rng.random() < 0.85:
                for year in (2024, 2025, 2026)[: rng.randrange(1, 4)]:
                    held.append(
                        Certification(
                            person=one,
                            track=tracks[min(stands[one.pk] // 3 + rng.randrange(2), 2)],
                            cycle=year - 2023,
                            kind="history",
                            awarded_on=date(year, 1, 1),
                            valid_from=date(year, 1, 1),
                            valid_through=date(year, 12, rng.choice((5, 31))),
                            anchor=date(year, 1, 1),
                            grace_days=90,
                        )
                    )
        Certification.objects.bulk_create(held, ignore_conflicts=True)
        Leave.objects.bulk_create(
            Leave(person=person, kind="maternity", effective_from=date(2026, 5, 1) + timedelta(days=rng.randrange(200)))
            for person in people
            if rng.random() < 0.015
        )
        Posting.objects.bulk_create(
            Posting(
                person=person,
                branch=made[codes[0]],
                position=positions[0],
                kind="concurrent",
                primary=False,
                effective_from=date(2026, 1, 1),
            )
            for person in people
            if rng.random() < 0.002
        )


def screens(first: str, last: str) -> None:
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from academy.models import Branch, Posting, User

    fill(int(first), int(last))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    administrator, _new = User.objects.get_or_create(
        staff_number="admin", defaults={"display_name": "康乃文", "is_superuser": True, "password": "!"}
    )
    # The team page is that of a manager of two hundred; the share of the whole bank beside it is counted once in a while.
    team = User.objects.exclude(pk=administrator.pk).order_by("staff_number")[:TEAM]
    Posting.objects.filter(person__in=list(team.values_list("pk", flat=True))).update(manager=administrator)
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(administrator)
    branch = Branch.objects.filter(kind="first_level").order_by("path").first()
    for address in ADDRESSES:
        url = address.format(branch=branch.code if branch else "")
        seconds, queries = [], 0
        for _ in range(ROUNDS):
            start = time.perf_counter()
            with CaptureQueriesContext(connection) as captured:
                response = client.get(url)
            assert response.status_code == 200, (url, response.status_code)
            seconds.append(time.perf_counter() - start)
            queries = len(captured)
        print(f"{address} {queries} {min(seconds) * 1000:.1f}", flush=True)


def indexes() -> None:
    """Which index the database takes for what a screen asks."""
    from django.utils import timezone

    from academy.models import Branch
    from certificates.board.appointments import REPORTS, against_appointment
    from certificates.board.counts import asked_postings
    from certificates.board.facts import asking_on
    from certificates.board.table import board_of

    today = timezone.localdate()
    asking = asking_on(today)
    branch = Branch.objects.filter(kind="first_level").order_by("path").first()
    below = board_of(roots=None, on=today, branch=branch.code if branch else "")
    assert below is not None
    asked = {
        "the board of the bank": asked_postings(asking, today),
        "the board of a branch": asked_postings(asking, today).filter(branch__in=below.branches),
        "names of a branch": below.people("without")[:50],
        "holding against appointment": against_appointment(next(iter(REPORTS)), today, below.branches)[:50],
    }
    for screen, queryset in asked.items():
        plan = queryset.explain()
        names = sorted(set(re.findall(r"(?:using|Index Scan on|Only Scan using) (\w+)", plan)))
        print(f"  index for {screen}: {', '.join(names) or 'none'}; it takes a {re.split(r'  |[(]', plan)[0].strip()}")


if __name__ == "__main__":
    django.setup()
    import django.utils.timezone

    {"screens": screens, "indexes": indexes}[sys.argv[1]](*sys.argv[2:])
