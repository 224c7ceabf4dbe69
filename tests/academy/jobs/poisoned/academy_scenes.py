"""The passes of academy: a scene returns the key of the row that is refused, and whether the other is done."""

from datetime import timedelta

from django.db import connection

from academy.jobs.daily import DAILY
from academy.models import ImportRun, Job, Notice, NoticeDelivery, Role, User
from academy.staff.people import end_employment
from tests.academy.jobs.poisoned.world import NOW, TODAY, refuse
from tests.cast import person


def take_up_long_work(world, settings):
    late = NOW() - timedelta(hours=1)
    jobs = [
        Job.objects.create(
            kind=DAILY,
            what="no such pass",
            state="running",
            holder="x",
            leased_until=late,
            details={"day": str(TODAY())},
        )
        for _number in range(2)
    ]
    refuse(Job, "UPDATE", "id", jobs[0].pk)
    return jobs[0].pk, lambda: Job.objects.get(pk=jobs[1].pk).state == "waiting"


def forget_files_of_long_work(world, settings):
    past = NOW() - timedelta(days=9)
    jobs = [
        Job.objects.create(kind=DAILY, state="done", finished_at=past, file=f"jobs/{n}.zip", kept_until=past)
        for n in range(2)
    ]
    refuse(Job, "UPDATE", "id", jobs[0].pk)
    return jobs[0].pk, lambda: Job.objects.get(pk=jobs[1].pk).file == ""


def derive_groups_from_grants(world, settings):
    two = world.two(roles=[Role.TRAINER])
    through = User.groups.through
    through.objects.filter(user__in=two).delete()
    refuse(through, "INSERT", "user_id", two[0].pk)
    return two[0].pk, two[1].groups.exists


def close_accounts_of_leavers(world, settings):
    two = world.two()
    for one in two:
        end_employment(person=one, last_day=TODAY() - timedelta(days=1), now=NOW(), actor=None, reason="离职")
    User.objects.update(is_active=True)
    refuse(User, "UPDATE", "id", two[0].pk)
    return two[0].pk, lambda: not User.objects.get(pk=two[1].pk).is_active


def forget_old_import_files(world, settings):
    runs = [
        ImportRun.objects.create(
            kind="staff", file_name="a.csv", digest="x", size=1, state="done", finished_at=NOW() - timedelta(days=900)
        )
        for _number in range(2)
    ]
    for run in runs:
        run.lines.create(part=1, row=1, outcome="new")
    refuse(runs[0].lines.model, "DELETE", "run_id", runs[0].pk)
    return runs[0].pk, lambda: not runs[1].lines.exists()


def route_notices(world, settings):
    settings.NOTICES_BY_MAIL = True
    notices = world.notices(world.two())
    refuse(NoticeDelivery, "INSERT", "notice_id", notices[0].pk)
    return notices[0].pk, notices[1].deliveries.exists


def send_notices(world, settings):
    """A message has tries of its own, which HR sees with what the other side said."""
    settings.NOTICES_BY_MAIL = True
    made = [
        NoticeDelivery.objects.create(
            notice=notice,
            channel="mail",
            state="queued",
            queued_at=NOW(),
            next_try_at=NOW() - timedelta(hours=2 - number),
        )
        for number, notice in enumerate(world.notices(world.two()))
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TRIGGER refused BEFORE UPDATE ON {NoticeDelivery._meta.db_table} "
            f"WHEN NEW.id = {made[0].pk} AND NEW.state = 'sent' BEGIN SELECT RAISE(ABORT, 'refused'); END"
        )
    return (
        None,
        lambda: list(NoticeDelivery.objects.order_by("pk").values_list("state", flat=True)) == ["failed", "sent"],
    )


def tell_who_is_back(world, settings):
    two = world.two()
    for notice in world.notices(two):
        NoticeDelivery.objects.create(notice=notice, channel="mail", state="held", queued_at=NOW())
    refuse(Notice, "INSERT", "person_id", two[0].pk)
    return two[0].pk, lambda: two[1].notices.filter(kind="academy.after_leave").exists()


def who_is_due_for_erasure(world, settings):
    settings.RETENTION_YEARS = 1
    gone = person("100009", "沈不言", world.branches["BJ01"], posted=TODAY() - timedelta(days=2000))
    end_employment(person=gone, last_day=TODAY() - timedelta(days=1500), now=NOW(), actor=None, reason="离职")
    two = [person(f"30000{n}", "苏映雪", world.branches["HO"], roles=[Role.HR]) for n in (1, 2)]
    refuse(Notice, "INSERT", "person_id", two[0].pk)
    return two[0].pk, two[1].notices.exists


SCENES = {
    "take up long work": take_up_long_work,
    "forget files of long work": forget_files_of_long_work,
    "derive groups from grants": derive_groups_from_grants,
    "close accounts of leavers": close_accounts_of_leavers,
    "forget old import files": forget_old_import_files,
    "route notices": route_notices,
    "send notices, ask": send_notices,
    "tell who is back from leave": tell_who_is_back,
    "who is due for erasure": who_is_due_for_erasure,
}
