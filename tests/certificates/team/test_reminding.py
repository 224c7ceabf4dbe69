"""What a manager tells the own people, and what managers are told once a week."""

from datetime import timedelta

import pytest
from django.utils import timezone, translation

from academy.models import JournalEntry, Leave, Notice, Role
from academy.notices.inbox import read_notices
from academy.staff.roles import grant_role
from certificates.models import PositionRequirement
from certificates.team import nudging
from certificates.team.digest import tell_managers
from tests.cast import person
from tests.certificates.team.managing import TODAY, act, told, under

pytestmark = pytest.mark.django_db


def test_reminding_tells_once_a_day_leaves_leave_in_peace_and_is_noted(client, world):
    branches, _track, boss = world
    late, away = under(boss, "12", "苏眠", branches["BJ01"]), under(boss, "13", "沈不言", branches["BJ01"])
    Leave.objects.create(person=away, kind="illness", effective_from=TODAY())

    first = act(client, boss, act="nudge:picked", person=[late.pk, away.pk])
    again = act(client, boss, act="nudge:late", sure="1")

    assert "已催办 1 人" in first.content.decode() and "已跳过 1 人" in again.content.decode()
    notice = Notice.objects.get(kind="certificates.nudge")
    assert (notice.person, notice.facts["words"], notice.path) == (late, "本周内完成", "/my/todo/")
    assert JournalEntry.objects.get(action="certificates.nudge").person_id == late.pk
    assert "请填写留言" in act(client, boss, act="nudge:late", words=" ").content.decode()


def test_the_list_stays_as_it_was_filtered_and_a_refusal_keeps_words_and_ticks(client, world):
    branches, _track, boss = world
    ticked, other = (under(boss, number, name, branches["BJ01"]) for number, name in (("11", "林晚"), ("12", "苏眠")))
    client.force_login(boss)
    asked = {"act": "nudge:picked", "words": "周五一起练习", "person": [ticked.pk]}

    blank = client.post("/team/?show=late", {**asked, "words": " "}).content.decode()
    nobody = client.post("/team/?show=late", {**asked, "person": []}).content.decode()
    sent = client.post("/team/?show=late", asked)
    sure = client.post("/team/?show=late", {**asked, "act": "nudge:late"}).content.decode()

    assert "请填写留言" in blank and 'name="show" value="late"' in blank
    assert f'value="{ticked.pk}" checked' in blank and f'value="{other.pk}" checked' not in blank
    assert "周五一起练习" in nobody and "不改动这段文字时" not in nobody.split('id="words"')[1].split("</form>")[0]
    assert sent["Location"] == "/team/?show=late"
    assert 'action="/team/?show=late"' in sure and 'class="button" href="/team/?show=late"' in sure


def test_who_is_on_leave_is_shown_with_the_last_day_where_it_is_known(client, world):
    branches, _track, boss = world
    known, open_ended = (
        under(boss, number, name, branches["BJ01"]) for number, name in (("11", "林晚"), ("12", "苏眠"))
    )
    last = TODAY() + timedelta(days=40)
    Leave.objects.create(person=known, kind="illness", effective_from=TODAY(), effective_until=last)
    Leave.objects.create(person=open_ended, kind="illness", effective_from=TODAY())
    client.force_login(boss)
    pages = [client.get(f"/team/{one.pk}/").content.decode() for one in (known, open_ended)]

    assert f"{last:%Y-%m-%d}" in pages[0] and "未登记结束日期" in pages[1]
    assert all("返岗前不发送催办" in page for page in pages)
    assert f"{last:%Y-%m-%d}" in client.get("/team/").content.decode()


def test_all_who_are_overdue_are_reminded_once_it_is_confirmed(client, world):
    branches, _track, boss = world
    for number, name in (("11", "林晚"), ("12", "苏眠")):
        under(boss, number, name, branches["BJ01"])

    asked = act(client, boss, act="nudge:late").content.decode()

    assert "2 人" in asked and "本周内完成" in asked and "将发出 2 条通知" in asked
    assert not Notice.objects.filter(kind="certificates.nudge").exists()
    act(client, boss, act="nudge:late", sure="1")
    assert Notice.objects.filter(kind="certificates.nudge").count() == 2


def test_the_words_that_stand_in_the_field_reach_nobody_who_has_nothing_due(client, world):
    branches, _track, boss = world
    PositionRequirement.objects.update(within_days=400)
    idle = under(boss, "12", "苏眠", branches["BJ01"])
    words = nudging.default_words()

    ready_made = act(client, boss, act="nudge:picked", person=[idle.pk], words=words).content.decode()
    act(client, boss, act="nudge:picked", person=[idle.pk], words="周五一起练习一次", **{"from": "person"})

    assert "没有逾期或即将到期的任务" in ready_made
    assert told(idle) == [("certificates.nudge", "周五一起练习一次")]


@pytest.mark.parametrize("door", ["/team/", "/cms/board/names/?show=urge"])
def test_words_left_as_they_stood_are_read_by_each_in_the_own_language(client, world, door):
    branches, _track, boss = world
    late = under(boss, "12", "苏眠", branches["BJ01"])
    grant_role(person=boss, role=Role.HR, branch=branches["BJ01"], now=timezone.now(), actor=None)
    client.force_login(boss)
    with translation.override("en"):
        proposed = nudging.default_words()

    client.post(door, {"act": "nudge:picked", "person": [late.pk], "words": proposed, "sure": "1"})

    chinese, english = (read_notices(late.notices.all(), language)[0].text for language in ("zh-hans", "en"))
    assert chinese.startswith("您有培训任务") and english == proposed
    page = client.get(f"/team/{late.pk}/").content.decode()
    assert chinese in page.split("此前")[-1] and english not in page


def test_one_digest_a_week_goes_to_the_manager_or_to_who_stands_in(world):
    branches, _track, boss = world
    under(boss, "12", "苏眠", branches["BJ01"])
    deputy = person("6", "代理人", branches["BJ01"])
    grant_role(
        person=deputy, role=Role.LINE_MANAGER, branch=branches["BJ01"], now=timezone.now(), actor=None, deputy_for=boss
    )

    tell_managers(now=timezone.now(), today=TODAY())
    tell_managers(now=timezone.now(), today=TODAY())
    weeks = Notice.objects.filter(kind="certificates.team_week")

    assert [(week.person, week.facts["late"]["zh-hans"], week.facts["soon"]["en"]) for week in weeks] == [
        (boss, "1 人（苏眠）", "0")
    ]
    Leave.objects.create(person=boss, kind="illness", effective_from=TODAY())
    tell_managers(now=timezone.now() + timedelta(days=7), today=TODAY() + timedelta(days=7))
    assert weeks.latest("pk").person == deputy


def test_who_is_left_out_of_a_reminder_is_named_before_it_goes(client, world):
    branches, _track, boss = world
    reached, told_already = (
        under(boss, number, name, branches["BJ01"]) for number, name in (("11", "林晚"), ("12", "苏眠"))
    )
    act(client, boss, act="nudge:picked", person=[told_already.pk])

    asked = act(client, boss, act="nudge:late").content.decode()

    left_out = asked.split("不发送")[1].split("</p>")[0]
    assert told_already.display_name in left_out and reached.display_name not in left_out


def test_a_search_that_finds_nobody_offers_no_reminder(client, world):
    branches, _track, boss = world
    under(boss, "12", "苏眠", branches["BJ01"])
    client.force_login(boss)

    assert 'value="nudge:late"' in client.get("/team/").content.decode()
    assert 'value="nudge:late"' not in client.get("/team/?q=没有这个人").content.decode()
