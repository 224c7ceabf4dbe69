"""A written staff list is taken back for a day: what it made is closed, what it changed is as before, and what stays is said."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from academy.importing.carrying import forget_old_files
from academy.models import Employment, ImportedPerson, ImportRun, JournalEntry, Notice, Position, Posting, Role, User
from academy.staff.people import post_person, rename_person, switch_account
from academy.staff.sign_in import give_first_password
from tests.academy.importing.screens import CommittingClient, address, check, staff
from tests.cast import person

pytestmark = [pytest.mark.django_db, pytest.mark.database]
PREVIEW = 16
NEW = "000201,张三,BJ01,柜员,zhang@bank.example,2020-01-01,000202,是"
BOSS = "000202,李四,BJ01,柜员,,2020-01-01,,是"


@pytest.fixture
def client():
    return CommittingClient()


@pytest.fixture
def standing(branches):
    """Who was here before the file: one whom it moves and renames, one who leaves by it, one who gives an address away."""
    return [
        person("000203", "王五", branches["BJ01"], email="wang@bank.example"),
        person("000204", "赵六", branches["BJ01"], email="zhao@bank.example"),
        person("000205", "孙七", branches["BJ01"], email="sun@bank.example"),
    ]


CHANGES = (
    "000203,王武,SH01,柜员,sun@bank.example,,,是",
    "000204,赵六,BJ01,零售客户经理,zhao@bank.example,,,否",
    "000205,孙七,BJ01,零售客户经理,wang@bank.example,,,是",
)


def write(client, *rows: str) -> ImportRun:
    run = check(client, staff(*rows))
    assert run.counts["errors"] == 0, [line.details for line in run.lines.filter(outcome="error")]
    client.post(address(run, "confirm/"), {"new_names": "1", "renamed_all": "1", "same_person": "1"})
    run.refresh_from_db()
    return run


def standing_of(pk: int) -> tuple:
    """What is known of a person now, without when it was recorded."""
    found = User.objects.get(pk=pk)
    facts = [
        list(model.objects.current().filter(person=pk).order_by("effective_from").values_list(*names))
        for model, names in (
            (Employment, ("effective_from", "effective_until", "staff_type")),
            (Posting, ("branch", "position", "manager", "effective_from", "effective_until", "primary")),
        )
    ]
    return (found.display_name, found.name_key, found.email, found.is_active, facts)


def undo(client, run: ImportRun) -> str:
    client.post(address(run, "undo/"))
    run.refresh_from_db()
    return client.get(address(run, "undo/")).content.decode()


def test_all_is_as_before_and_the_right_file_comes_afterwards(client, hr, standing):
    before = [standing_of(one.pk) for one in standing]
    run = write(client, NEW, BOSS, *CHANGES)
    assert [standing_of(one.pk) for one in standing] != before

    assert address(run, "undo/") in client.get(address(run)).content.decode()
    ahead = client.get(address(run, "undo/")).content.decode()
    assert all(
        said in ahead for said in ("张三 000201", "李四 000202", "王武 000203", "王五", "wang@bank.example", "柜员")
    )
    assert "无法撤销" not in ahead
    after = undo(client, run)

    assert run.undone_at is not None and "5 人已恢复到导入前" in after
    told = Notice.objects.filter(person=hr, kind="academy.import_undone").get()
    assert (told.facts["people"], told.path) == (5, address(run, "undo/"))
    assert [standing_of(one.pk) for one in standing] == before
    for number in ("000201", "000202"):
        _name, _key, email, active, facts = standing_of(User.objects.get(staff_number=number).pk)
        assert (email, active, facts) == (None, False, [[], []])
    # Who never worked here has not left.
    listed = client.get("/cms/users/?q=00020").content.decode()
    assert listed.count("无任职记录") >= 2 and "000201" in listed
    assert "000201" not in client.get("/cms/users/?state=left").content.decode()
    assert "000201" in client.get("/cms/users/?state=none").content.decode()
    entry = JournalEntry.objects.get(action="academy.undo_import")
    assert (entry.actor, entry.payload["after"]["people"]) == (hr, 5)
    assert JournalEntry.objects.filter(action="academy.undo_import_of_person", person=standing[0]).count() == 1
    page = client.get(address(run)).content.decode()
    assert "撤销于" in page and "打印首次登录密码" not in page

    ImportRun.objects.all().delete()
    write(client, NEW.replace("张三", "张山"), BOSS)
    found = User.objects.get(staff_number="000201")
    assert (found.display_name, found.email, found.is_active) == ("张山", "zhang@bank.example", True)


def test_who_came_moved_or_was_changed_since_stays_and_is_named_with_the_reason(client, hr, standing, branches):
    run = write(client, NEW, BOSS, *CHANGES, "000206,周八,BJ01,柜员,,2020-01-01,,是")
    came, boss, printed = (User.objects.get(staff_number=number) for number in ("000201", "000202", "000206"))
    User.objects.filter(pk=came.pk).update(last_login=timezone.now())
    give_first_password(person=printed, now=timezone.now(), actor=hr)
    moved, left, renamed = standing
    post_person(
        person=moved,
        branch=branches["BJ"],
        position=Position.objects.get(name="柜员"),
        effective_from=timezone.localdate() + timedelta(days=1),
        now=timezone.now(),
        actor=hr,
    )
    switch_account(person=left, active=False, now=timezone.now(), actor=hr, reason="离职")
    rename_person(person=renamed, display_name="孙奇", now=timezone.now(), actor=hr, reason="更名")

    ahead = client.get(address(run, "undo/")).content.decode()
    after = undo(client, run)

    for page in (ahead, after):
        assert all(
            said in page
            for said in ("张三 000201", "李四 000202", "000203", "无法撤销" if page is ahead else "未能撤销")
        )
        assert "已登录过" in page and "名下还有他人" in page and "员工任岗" in page and "苏映雪 300001" in page
    assert User.objects.get(pk=came.pk).is_active and User.objects.get(pk=boss.pk).is_active
    assert not User.objects.get(pk=printed.pk).is_active
    # What nobody touched of somebody who was moved is as before; the move stands.
    again = User.objects.get(pk=moved.pk)
    assert (again.display_name, again.email) == ("王五", "wang@bank.example")
    assert Posting.objects.current().get(person=moved, effective_until=None).branch == branches["BJ"]
    # Of whom the account was closed by hand meanwhile the employment goes on, the account stays closed.
    assert Employment.objects.current().get(person=left).effective_until is None
    assert not User.objects.get(pk=left.pk).is_active
    again = User.objects.get(pk=renamed.pk)
    assert (again.display_name, again.email) == ("孙奇", "sun@bank.example")
    assert not ImportedPerson.objects.exclude(before={}).exists()


def test_only_for_a_day_and_only_by_who_may_import_there(client, hr, standing, branches):
    run = write(client, NEW, BOSS)
    own = person("300009", "何景行", branches["BJ"], roles=[Role.BRANCH_ADMINISTRATOR])
    client.force_login(own)
    assert client.post(address(run, "undo/")).status_code == 404
    other = person("300008", "林一舟", branches["HO"], roles=[Role.HR])

    with time_machine.travel(timezone.now() + timedelta(days=1, minutes=1)):
        client.force_login(other)
        late = client.post(address(run, "undo/"), follow=True).content.decode()
        assert "写入后一天内可以撤销" in late and User.objects.get(staff_number="000201").is_active
    client.force_login(other)
    undo(client, run)
    assert not User.objects.get(staff_number="000201").is_active
    client.post(address(run, "undo/"))
    assert JournalEntry.objects.filter(action="academy.undo_import").count() == 1

    with time_machine.travel(timezone.now() + timedelta(days=3)):
        forget_old_files(now=timezone.now())
    assert ImportedPerson.objects.filter(run=run).count() == 2
    ImportRun.objects.update(undone_at=None)
    with time_machine.travel(timezone.now() + timedelta(days=3)):
        forget_old_files(now=timezone.now())
    assert not ImportedPerson.objects.exists()


def test_a_branch_takes_back_its_own_file(client, branches, teller):
    own = person("300009", "何景行", branches["BJ"], roles=[Role.BRANCH_ADMINISTRATOR])
    moved = person("000203", "王五", branches["BJ01"])
    client.force_login(own)
    before = standing_of(moved.pk)
    run = write(client, BOSS, "000203,王五,BJ,柜员,,,,是")
    assert standing_of(moved.pk) != before
    undo(client, run)
    assert standing_of(moved.pk) == before and not User.objects.get(staff_number="000202").is_active


@pytest.mark.parametrize("count", [1, 3])
def test_the_preview_costs_the_same_for_one_and_for_three(client, hr, branches, count):
    for number in range(count):
        person(f"00030{number}", "王五", branches["BJ01"])
    run = write(
        client,
        *[f"00040{number},张三,BJ01,柜员,,2020-01-01,,是" for number in range(count)],
        *[f"00030{number},王五,SH01,柜员,,,,是" for number in range(count)],
    )
    client.get(address(run, "undo/"))
    with CaptureQueriesContext(connection) as queries:
        client.get(address(run, "undo/"))
    assert len(queries) == PREVIEW
