"""The steps of the measured daily pass: the bank with what it has to do, one day's pass, the queue, the indexes."""

import re
import sys
from datetime import date, datetime, time, timedelta

import django

START = date(2026, 11, 2)
BATCH = 5_000


def people(count: str) -> None:
    """Users from the generator of the staff file, employed, with a course and a track assigned and a level that the post asks for."""
    from django.utils import timezone

    from academy.models import Audience, BranchKind, CareerLevel, Employment, Leave, Position, Posting, User
    from academy.staff.branches import place_branch
    from certificates.models import CertificationTrack, PositionRequirement, TrackAssignment
    from courses.models import Course, CourseAssignment
    from tests.bench.bank import branch_rows, staff_rows

    now, batch = timezone.now(), []
    for row in staff_rows(int(count), branch_rows(10)):
        batch.append(User(staff_number=row[0], display_name=row[1], email=row[4], password="!"))
        if len(batch) == BATCH:
            User.objects.bulk_create(batch)
            batch.clear()
    User.objects.bulk_create(batch)
    everybody = list(User.objects.order_by("pk").values_list("pk", flat=True))
    hired = date(2020, 1, 1)
    branch = place_branch(
        code="A00000", kind=BranchKind.HEAD_OFFICE, name="总行", parent=None, effective_from=hired, now=now, actor=None
    )
    position = Position.objects.create(code="client-manager", name="客户经理", line="retail")
    _write(
        Posting,
        (
            Posting(person_id=pk, branch=branch, position=position, effective_from=hired, recorded_at=now)
            for pk in everybody
        ),
    )
    _write(Employment, (Employment(person_id=pk, effective_from=hired, recorded_at=now) for pk in everybody))
    _write(
        Leave,
        (
            Leave(person_id=pk, kind="maternity", effective_from=START - timedelta(days=9), recorded_at=now)
            for pk in everybody[::20]
        ),
    )
    audience = Audience.objects.create(name="everybody", branch=branch)
    level = CareerLevel.objects.create(code="CM1", name="客户经理一级", name_en="Client Manager 1", rank=1)
    track = CertificationTrack.objects.create(code="cm1", name="客户经理一级", name_en="CM1", level=level)
    PositionRequirement.objects.create(
        position=position, level=level, within_days=90, counts_from=START, effective_from=START, recorded_at=now
    )
    course = Course.objects.create(code="etiquette", title="商务礼仪", title_en="Etiquette")
    for model, target in ((CourseAssignment, {"course": course}), (TrackAssignment, {"track": track})):
        assignment = model.objects.create(
            audience=audience, effective_from=START, due_date=START + timedelta(days=100), **target
        )
        row = model._meta.get_field("people").related_model
        _write(
            row,
            (
                row(assignment=assignment, person_id=pk, since=START, due_on=assignment.due_date, recorded_at=now)
                for pk in everybody
            ),
        )
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _write(model, rows) -> None:
    from itertools import batched

    for some in batched(rows, BATCH):
        model.objects.bulk_create(some)


def day(offset: str) -> None:
    """The whole pass of one day, turn after turn."""
    from django.utils import timezone

    from academy.duties.reminding import remind_everybody
    from academy.models import Notice

    today = START + timedelta(days=int(offset))
    now = timezone.make_aware(datetime.combine(today, time(1)))
    before, turns = Notice.objects.count(), 1
    while not remind_everybody(now=now, today=today):
        turns += 1
    print(f"{Notice.objects.count() - before:,} notices in {turns} turns")


def queue() -> None:
    """One minute's routing of the newest reminders, with a mail server set up."""
    from django.conf import settings
    from django.utils import timezone

    from academy.models import Notice, NoticeDelivery
    from academy.notices.delivery import route_notices

    settings.NOTICES_BY_MAIL = True
    newest = timezone.make_aware(datetime.combine(START + timedelta(days=71), time(1)))
    Notice.objects.filter(created_at__lt=newest - timedelta(days=7)).update(routed_at=newest)
    routed = route_notices(now=newest)
    print(f"{routed:,} notices a minute, {NoticeDelivery.objects.count():,} mails queued")


def indexes() -> None:
    """Which index the database takes for what the passes and the screens ask."""
    from django.utils import timezone

    from academy.duties.reminding import REMINDERS, _people
    from academy.models import Notice, NoticeDelivery, User
    from academy.notices.delivery.sending import _waiting

    person = User.objects.order_by("pk").last()
    asked = {
        "the pass: people": _people(START).filter(pk__gt=1000).values_list("pk")[:2000],
        "the pass: told already": Notice.objects.filter(
            person__in=range(1000, 3000), kind__in=REMINDERS, event__in=["course:assignment:1"]
        ).order_by(),
        "routing": Notice.objects.filter(routed_at=None).order_by("pk")[:2000],
        "the queue": _waiting(["mail"], timezone.now()).order_by("next_try_at", "pk")[:500],
        "given up": NoticeDelivery.objects.filter(state="given_up"),
        "the inbox": Notice.objects.filter(person=person)[:20],
        "notices sent, newest": Notice.objects.order_by("-created_at", "-pk")[:50],
    }
    for screen, queryset in asked.items():
        names = sorted(set(re.findall(r"(?:using|Index Scan on|Only Scan using) (\w+)", queryset.explain())))
        print(f"index for {screen}: {', '.join(names) or 'none'}")


if __name__ == "__main__":
    django.setup()
    {"people": people, "day": day, "queue": queue, "indexes": indexes}[sys.argv[1]](*sys.argv[2:])
