"""HR transfers one person and enters one leave: what comes of it is said first and nothing is written until it is sure."""

import re
import threading
from datetime import timedelta

import pytest
from django.db import connections, transaction
from django.utils import timezone

from academy.duties.assignments.acts import create_assignment
from academy.duties.assignments.evaluating import evaluate_assignment
from academy.errors.refusals import RuleViolation
from academy.models import Audience, CareerLevel, JournalEntry, Leave, Position, Posting, Role, RoleGrant, User
from academy.staff.access import has_role
from academy.staff.leaves import record_leave
from academy.staff.people import end_employment, post_person
from academy.staff.roles import grant_role
from certificates.models import CertificationTrack
from certificates.posts.asking import require_level
from courses.models import CourseAssignee, CourseAssignment
from tests.cast import OPENED, bank, person, position
from tests.courses.factories import course_of
from tests.waiting import until_waiting

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(client):
    branches = bank()
    hr = person("300001", "苏映雪", branches["HO"], roles=[Role.HR])
    mover = person("100001", "欧阳文澜", branches["BJ01"])
    client.force_login(hr)
    return branches, mover


def test_a_transfer_says_which_level_the_new_post_asks_for_then_is_entered(client, world):
    branches, mover = world
    level = CareerLevel.objects.create(code="CM1", rank=1, name="见习客户经理", name_en="Trainee")
    CertificationTrack.objects.create(code="cm1", level=level, name="见习认证", name_en="Trainee certification")
    asking = Position.objects.create(code="adviser", name="理财顾问", name_en="Adviser")
    require_level(level=level, position=asking, within_days=60, effective_from=OPENED, now=timezone.now(), actor=None)
    boss = person("400001", "贺兰舟", branches["SH01"])
    day = timezone.localdate() + timedelta(days=3)
    form = {"branch": branches["SH01"].pk, "position": asking.pk, "first": day.isoformat(), "manager": "400001"}
    address = f"/cms/users/{mover.pk}/transfer/"

    asked = client.post(address, form).content.decode()
    assert "将产生的影响" in asked and "新增：" in asked and "见习" in asked and "岗位要求" in asked
    assert "这一步将发出 1 条通知，收件人 1 人。" in asked
    assert Posting.objects.filter(person=mover).count() == 1

    client.post(address, {**form, "sure": "1"})
    new = Posting.objects.current().get(person=mover, effective_until=None)
    assert (new.branch, new.position, new.manager, new.effective_from) == (branches["SH01"], asking, boss, day)
    assert JournalEntry.objects.filter(action="academy.post", person=mover, actor__staff_number="300001").exists()
    assert "没有此工号" not in asked and "没有此工号" in client.post(address, {**form, "manager": "9"}).content.decode()


def test_a_leave_is_entered_once_and_not_over_another(client, world):
    _branches, mover = world
    today = timezone.localdate()
    form = {"kind": "illness", "first": today.isoformat(), "last": (today + timedelta(days=40)).isoformat()}
    address = f"/cms/users/{mover.pk}/leave/"

    asked = client.post(address, form).content.decode()
    assert "该员工的待办和持有的证书不会变化" in asked and "不会发出通知" in asked
    lead = re.search(r'<p class="academy-lead">(.*?)</p>', asked, re.S)[1]
    assert "欧阳文澜" in lead and "100001" in lead and "零售客户经理" in lead
    assert not Leave.objects.exists()
    assert "欧阳文澜 100001的休假已登记" in client.post(address, {**form, "sure": "1"}, follow=True).content.decode()
    assert Leave.objects.get().effective_until == today + timedelta(days=40)
    assert "与已登记的休假重叠" in client.post(address, {**form, "sure": "1"}).content.decode()
    assert JournalEntry.objects.filter(action="academy.leave", person=mover).count() == 1


@pytest.mark.parametrize("never", [False, True])
def test_a_leave_that_ends_sooner_or_never_was_is_put_right_with_a_reason(client, world, never):
    """As a file would: what stood is withdrawn and stays known to the journal, and what is right stands beside nothing."""
    _branches, mover = world
    today = timezone.localdate()
    first, last, back = today - timedelta(days=9), today + timedelta(days=40), today + timedelta(days=2)
    enter = f"/cms/users/{mover.pk}/leave/"
    client.post(enter, {"kind": "illness", "first": first.isoformat(), "last": last.isoformat(), "sure": "1"})
    address = f"{enter}{Leave.objects.get().pk}/"
    form = {"kind": "illness", "first": first.isoformat(), "last": back.isoformat()} | (
        {"never": "on"} if never else {}
    )

    assert f'href="{address}"' in client.get(enter).text and last.isoformat() in client.get(address).text
    assert "reason" in client.post(address, {**form, "sure": "1"}).context["form"].errors
    form["reason"] = "提前返岗"
    assert "将产生的影响" in client.post(address, form).text and Leave.objects.get().effective_until == last
    assert "休假已更正" in client.post(address, {**form, "sure": "1"}, follow=True).text

    standing = [leave.effective_until for leave in Leave.objects.current()]
    assert standing == ([] if never else [back]) and Leave.objects.count() == (1 if never else 2)
    entry = JournalEntry.objects.filter(person=mover).latest("pk")
    assert (entry.reason, entry.payload["before"]["until"]) == ("提前返岗", last.isoformat())
    assert entry.action == ("academy.withdraw_leave" if never else "academy.leave")
    assert client.post(address, {**form, "sure": "1"}).status_code == 404


def test_a_correction_of_a_leave_is_refused_as_its_entry_would_be(client, world):
    _branches, mover = world
    now, today, days = timezone.now(), timezone.localdate(), timedelta
    spans = [(today, today + days(days=9)), (today + days(days=20), today + days(days=29))]
    one, _other = [
        Leave.objects.create(person=mover, kind="illness", effective_from=first, effective_until=last, recorded_at=now)
        for first, last in spans
    ]
    address, same = f"/cms/users/{mover.pk}/leave/{one.pk}/", {"kind": "illness", "first": today.isoformat()}

    for last, said in ((25, "重叠"), (-1, "截止日早于起始日"), (9, "没有任何改动")):
        form = {**same, "last": (today + days(days=last)).isoformat(), "reason": "更正", "sure": "1"}
        assert said in client.post(address, form).text
    assert list(Leave.objects.current().values_list("effective_from", "effective_until")) == spans


def test_hr_of_another_branch_and_oneself_are_refused(client, world):
    branches, mover = world
    assert "调动" in client.get(f"/cms/users/inspect/{mover.pk}/").content.decode()
    local = person("300002", "上海人力", branches["SH"], roles=[Role.HR])
    client.force_login(local)
    for pk in (mover.pk, local.pk):
        assert client.get(f"/cms/users/{pk}/transfer/").status_code == 404
        assert client.get(f"/cms/users/{pk}/leave/").status_code == 404


def test_a_deputy_does_not_send_whom_they_deputise_for_on_leave(client, world):
    branches, mover = world
    today, now = timezone.localdate(), timezone.now()
    deputy = person("300003", "程以安", branches["HO"], roles=[Role.HR])
    granted = {"role": Role.ADMINISTRATOR, "branch": branches["HO"], "now": now, "actor": None}
    grant_role(person=deputy, deputy_for=mover, **granted)
    form = {"kind": "illness", "first": today.isoformat(), "last": "", "sure": "1"}
    address = f"/cms/users/{mover.pk}/leave/"

    client.force_login(deputy)
    assert "您是该员工的代理人" in client.post(address, form).content.decode()
    assert not Leave.objects.exists() and not has_role(deputy, today, Role.ADMINISTRATOR)

    client.force_login(User.objects.get(staff_number="300001"))
    client.post(address, form)
    assert has_role(User.objects.get(pk=deputy.pk), today, Role.ADMINISTRATOR)


def test_a_deputy_role_that_ended_keeps_nobody_from_recording_the_leave(client, world):
    branches, mover = world
    today, now = timezone.localdate(), timezone.now()
    hr = User.objects.get(staff_number="300001")
    for ended in ({"withdrawn_at": now}, {"effective_until": today - timedelta(days=1)}):
        fields = {"role": Role.ADMINISTRATOR, "branch": branches["HO"], "effective_from": today - timedelta(days=9)}
        RoleGrant.objects.create(person=hr, deputy_for=mover, **fields, **ended)

    client.post(f"/cms/users/{mover.pk}/leave/", {"kind": "illness", "first": today.isoformat(), "sure": "1"})
    assert Leave.objects.filter(person=mover).count() == 1


@pytest.mark.parametrize("through", ["oneself", "the one deputised for"])
def test_nobody_transfers_people_under_themselves(client, world, through):
    branches, mover = world
    hr, now = User.objects.get(staff_number="300001"), timezone.now()
    boss = hr
    if through != "oneself":
        boss = person("400001", "贺兰舟", branches["SH01"])
        granted = {"role": Role.LINE_MANAGER, "branch": branches["HO"], "now": now, "actor": None}
        grant_role(person=hr, deputy_for=boss, **granted)
    first = timezone.localdate() + timedelta(days=3)
    form = {"branch": branches["SH01"].pk, "position": position().pk, "first": first.isoformat(), "sure": "1"}
    address = f"/cms/users/{mover.pk}/transfer/"

    assert "登记为他人的直属上级" in client.post(address, {**form, "manager": boss.staff_number}).content.decode()
    assert not Posting.objects.filter(manager=boss).exists()

    # Where it stands already nobody takes anything over.
    Posting.objects.filter(person=mover).update(manager=boss)
    client.post(address, {**form, "manager": boss.staff_number})
    assert Posting.objects.current().get(person=mover, effective_until=None).effective_from == first


def test_who_reads_the_whole_bank_and_acts_in_a_branch_moves_nobody_out_of_it(client, world):
    branches, mover = world
    local = person("300002", "北京人力", branches["BJ"], roles=[Role.HR])
    until = timezone.localdate() + timedelta(days=30)
    granted = {"role": Role.AUDITOR, "branch": branches["HO"], "now": timezone.now(), "actor": None}
    grant_role(person=local, effective_until=until, **granted)
    client.force_login(local)
    address = f"/cms/users/{mover.pk}/transfer/"
    form = {"position": position().pk, "first": timezone.localdate().isoformat(), "sure": "1"}

    page = client.get(address).content.decode()
    assert "望京网点" in page and "陆家嘴网点" not in page
    client.post(address, {**form, "branch": branches["SH01"].pk})
    assert Posting.objects.current().get(person=mover).branch == branches["BJ01"]
    client.post(address, {**form, "branch": branches["BJ"].pk})
    assert Posting.objects.current().get(person=mover, effective_until=None).branch == branches["BJ"]


@pytest.mark.parametrize("erased", [False, True])
def test_one_who_left_is_neither_transferred_nor_on_leave(client, world, erased):
    branches, mover = world
    now, today = timezone.now(), timezone.localdate()
    leaving = {"person": mover, "now": now, "actor": None, "reason": "辞职"}
    end_employment(last_day=today - timedelta(days=1), **leaving)
    if erased:
        User.objects.filter(pk=mover.pk).update(staff_number=mover.pseudonym)
    forms = {
        "transfer": {"branch": branches["SH01"].pk, "position": position().pk, "first": today.isoformat()},
        "leave": {"kind": "illness", "first": today.isoformat()},
    }

    for what, form in forms.items():
        assert client.post(f"/cms/users/{mover.pk}/{what}/", {**form, "sure": "1"}).status_code == 404
    assert not Leave.objects.exists() and not Posting.objects.current().filter(effective_until=None, person=mover)


@pytest.mark.database
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
@pytest.mark.parametrize("what", ["leave", "post"])
def test_of_two_that_are_entered_at_once_the_second_sees_the_first(what):
    branches = bank()
    mover, hr = person("100001", "欧阳文澜", branches["BJ01"]), person("300001", "苏映雪", branches["HO"])
    today, now, post, outcomes = timezone.localdate(), timezone.now(), position(), []

    def enter(day: int) -> None:
        first = today + timedelta(days=day)
        try:
            if what == "leave":
                last = first + timedelta(days=20)
                record_leave(person=mover, kind="illness", first=first, last=last, now=now, actor=hr)
            else:
                place = {"branch": branches["SH01"], "position": post, "effective_from": first}
                post_person(person=mover, now=now, actor=hr, **place)
            outcomes.append("entered")
        except RuleViolation:
            outcomes.append("refused")
        finally:
            connections.close_all()

    # The same day twice: the second post takes the place of the first.
    threads = [threading.Thread(target=enter, args=(day,)) for day in ((1, 2) if what == "leave" else (1, 1))]
    with transaction.atomic():
        User.objects.select_for_update().get(pk=mover.pk)
        for thread in threads:
            thread.start()
        until_waiting(len(threads))
    for thread in threads:
        thread.join(timeout=60)

    assert sorted(outcomes) == (["entered", "refused"] if what == "leave" else ["entered", "entered"])
    assert Leave.objects.current().filter(person=mover).count() == (1 if what == "leave" else 0)
    assert Posting.objects.current().filter(person=mover, effective_until=None).count() == 1


def test_somebody_leaves_the_bank_and_stays_after_all(client, world):
    branches, mover = world
    today = timezone.localdate()
    person("100777", "陆知秋", branches["BJ01"])
    Posting.objects.filter(person__staff_number="100777").update(manager=mover)
    address, page = f"/cms/users/{mover.pk}/last-day/", f"/cms/users/inspect/{mover.pk}/"
    assert address in client.get(page).content.decode()
    last = today - timedelta(days=1)
    form = {"last": last.isoformat(), "reason": "辞职"}

    asked = client.post(address, form).content.decode()
    assert "将产生的影响" in asked and "登录权限终止" in asked and "直接下属 1 人" in asked
    assert "reason" in client.post(address, form | {"reason": "", "sure": "1"}).context["form"].errors
    early = {"last": (OPENED - timedelta(days=900)).isoformat(), "reason": "x", "sure": "1"}
    assert client.post(address, early).status_code == 200
    assert Posting.objects.current().filter(person=mover, effective_until=None).exists()

    client.post(address, form | {"sure": "1"})
    mover.refresh_from_db()
    assert not mover.is_active
    assert [post.effective_until for post in Posting.objects.current().filter(person=mover)] == [last]
    assert JournalEntry.objects.get(action="academy.leave_bank", person=mover).reason == "辞职"
    assert "撤回离职登记" in client.get(page).content.decode()

    assert "可重新登录" in client.post(address, {"reason": "误登"}).content.decode()
    client.post(address, {"reason": "误登", "sure": "1"})
    mover.refresh_from_db()
    assert mover.is_active
    assert [post.effective_until for post in Posting.objects.current().filter(person=mover)] == [None]
    assert JournalEntry.objects.get(action="academy.stay_in_bank", person=mover).reason == "误登"


@pytest.mark.parametrize("who", ["self", "branch", "far"])
def test_who_does_not_reach_somebody_enters_no_last_day(client, world, who):
    branches, mover = world
    hr = User.objects.get(staff_number="300001")
    readers = {
        "self": (hr, hr),
        "branch": (person("300005", "宋知远", branches["BJ"], roles=[Role.BRANCH_ADMINISTRATOR]), mover),
        "far": (person("300006", "方知远", branches["SH"], roles=[Role.HR]), mover),
    }
    reader, about = readers[who]
    client.force_login(reader)

    form = {"last": timezone.localdate().isoformat(), "reason": "x", "sure": "1"}

    assert client.post(f"/cms/users/{about.pk}/last-day/", form).status_code == 404
    assert Posting.objects.current().filter(person=about, effective_until=None).exists()


@pytest.mark.parametrize("how", ["leaves", "moves"])
def test_assignments_end_with_a_leaving_or_a_transfer_and_are_named_before(client, world, how):
    branches, mover = world
    today = timezone.localdate()
    audience = Audience.objects.create(name="北京分行", branch=branches["BJ"])
    course, due = course_of("elderly"), today + timedelta(days=30)
    assignment = CourseAssignment(course=course, audience=audience, effective_from=today, due_date=due)
    create_assignment(assignment=assignment, now=timezone.now(), actor=None)
    evaluate_assignment(assignment=assignment, now=timezone.now())
    row = CourseAssignee.objects.get(assignment=assignment, person=mover)
    if how == "leaves":
        address = f"/cms/users/{mover.pk}/last-day/"
        form = {"last": (today - timedelta(days=1)).isoformat(), "reason": "辞职"}
    else:
        address = f"/cms/users/{mover.pk}/transfer/"
        form = {"branch": branches["SH01"].pk, "position": position().pk, "first": today.isoformat()}

    asked = client.post(address, form).content.decode()
    row.refresh_from_db()
    assert "不再要求：课程 elderly" in asked and row.until is None

    client.post(address, {**form, "sure": "1"})
    row.refresh_from_db()
    assert row.until == today - timedelta(days=1)
    assert row.ended_because == ("left" if how == "leaves" else "moved")


def test_who_begins_later_has_not_left(client, world):
    """In the list with the post and the day, and on their page; not among those who left."""
    branches, _mover = world
    begins = timezone.localdate() + timedelta(days=4)
    form = {
        "staff_number": "000901",
        "display_name": "重明",
        "language": "zh-hans",
        "branch": branches["SH01"].pk,
        "position": position().pk,
        "hired_on": begins.isoformat(),
        "posted_on": begins.isoformat(),
    }
    page = client.post("/cms/users/new/", form, follow=True).content.decode()
    assert "待任岗位" in page and "陆家嘴网点" in page
    listed = client.get("/cms/users/?q=000901").content.decode()
    assert "未入职（" in listed and "已离职</" not in listed.split("重明")[-1] and "陆家嘴网点" in listed
    assert "重明" not in client.get("/cms/users/?state=left").content.decode()
