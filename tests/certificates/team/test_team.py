"""The line manager's team: the same numbers as everywhere, acts that are told and noted once, nothing of others."""

from datetime import timedelta

import pytest
from django.utils import timezone

from academy.models import CareerLevel, JournalEntry, Leave, Notice, Role
from academy.staff.people import post_person
from academy.staff.roles import grant_role
from certificates.models import Certification, CertificationTrack, PositionRequirement, Requirement, RuleVersion
from certificates.team.digest import tell_managers
from tests.cast import OPENED, bank, person, position

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate


@pytest.fixture
def world():
    branches = bank()
    level = CareerLevel.objects.create(code="CM2", rank=2, name="客户经理", name_en="Client manager")
    track = CertificationTrack.objects.create(code="cm2", level=level, name="客户经理", award="automatic")
    rules = RuleVersion.objects.create(track=track, number=1, effective_from=OPENED)
    Requirement.objects.create(rule_version=rules, kind="recommendation")
    PositionRequirement.objects.create(position=position(), level=level, within_days=60, effective_from=OPENED)
    boss = person("4", "贺兰舟", branches["BJ01"], roles=[Role.LINE_MANAGER], posted=TODAY())
    return branches, track, boss


def under(boss, number, name, branch, *, days=90):
    one = person(number, name, branch, posted=TODAY() - timedelta(days=days))
    posting = one.postings.get()
    posting.manager = boss
    posting.save(update_fields=["manager"])
    return one


def act(client, boss, **form):
    client.force_login(boss)
    return client.post("/team/act/", {"words": "本周内完成", **form}, follow=True)


def test_the_late_one_stands_first_with_what_is_missing_and_by_when(client, world):
    branches, _track, boss = world
    fresh = under(boss, "11", "林晚", branches["BJ01"], days=3)
    late = under(boss, "12", "苏眠", branches["BJ01"])
    away = under(boss, "13", "沈不言", branches["BJ01"])
    Leave.objects.create(person=away, kind="illness", effective_from=TODAY() - timedelta(days=40))
    stranger = person("99", "外人甲", branches["SH01"])

    client.force_login(boss)
    shown = client.get("/team/").content.decode()
    only_late = client.get("/team/?show=late").content.decode()

    assert shown.index(late.display_name) < shown.index(fresh.display_name) < shown.index(away.display_name)
    assert "由直属上级推荐" in shown and "已逾期" in shown
    assert stranger.display_name not in shown
    assert late.display_name in only_late and fresh.display_name not in only_late
    client.force_login(stranger)
    assert client.get("/team/").status_code == 404


def test_reminding_tells_once_a_day_leaves_leave_in_peace_and_is_noted(client, world):
    branches, _track, boss = world
    late, away = under(boss, "12", "苏眠", branches["BJ01"]), under(boss, "13", "沈不言", branches["BJ01"])
    Leave.objects.create(person=away, kind="illness", effective_from=TODAY())

    first = act(client, boss, act="nudge:picked", person=[late.pk, away.pk])
    again = act(client, boss, act="nudge:late")

    assert "已提醒1人" in first.content.decode() and "已跳过1人" in again.content.decode()
    notice = Notice.objects.get(kind="certificates.nudge")
    assert (notice.person, notice.facts["words"], notice.path) == (late, "本周内完成", "/my/todo/")
    assert JournalEntry.objects.get(action="certificates.nudge").person_id == late.pk
    assert "请写一句话" in act(client, boss, act="nudge:late", words=" ").content.decode()


def test_a_recommendation_counts_for_the_level_and_can_be_taken_back(client, world):
    branches, track, boss = world
    one = under(boss, "12", "苏眠", branches["BJ01"])

    act(client, boss, act=f"recommend:{one.pk}:cm2")
    act(client, boss, act=f"recommend:{one.pk}:cm2")

    assert Certification.objects.get(person=one).track == track
    assert one.recommendations.count() == 1
    act(client, boss, act=f"take_back:{one.pk}:cm2")
    assert one.recommendations.get().withdrawn_at is not None
    assert Certification.objects.filter(person=one, ending=None).exists()


def test_who_stands_in_for_the_own_manager_recommends_the_others_and_never_themselves(client, world):
    branches, _track, boss = world
    deputy, other = under(boss, "6", "代理人", branches["BJ01"]), under(boss, "12", "苏眠", branches["BJ01"])
    grant_role(
        person=deputy,
        role=Role.LINE_MANAGER,
        branch=branches["BJ01"],
        now=timezone.now(),
        actor=None,
        deputy_for=boss,
        effective_until=TODAY() + timedelta(days=9),
    )

    assert act(client, deputy, act=f"recommend:{deputy.pk}:cm2").status_code == 404
    assert act(client, deputy, act=f"recommend:{other.pk}:cm2").status_code == 200

    assert [one.person for one in Certification.objects.all()] == [other]
    assert deputy.display_name not in client.get("/team/").content.decode().partition("<main")[2]


def test_people_of_others_and_forged_numbers_are_not_there(client, world):
    branches, _track, boss = world
    under(boss, "12", "苏眠", branches["BJ01"])
    other = person("99", "外人甲", branches["SH01"])

    for form in (
        {"act": "nudge:picked", "person": [other.pk]},
        {"act": "nudge:picked", "person": ["9" * 30]},
        {"act": f"recommend:{other.pk}:cm2"},
        {"act": f"recommend:{boss.pk}:nothing"},
        {"act": "fire:1:cm2"},
    ):
        assert act(client, boss, **form).status_code == 404
    assert not Notice.objects.filter(kind="certificates.nudge").exists()


def test_an_observation_is_asked_of_the_assessors_of_the_branch(client, world):
    branches, _track, boss = world
    one = under(boss, "12", "苏眠", branches["BJ01"])

    nobody = act(client, boss, act=f"observe:{one.pk}:cm2")
    assessor = person("5", "考评员", branches["BJ"], roles=[Role.ASSESSOR])
    act(client, boss, act=f"observe:{one.pk}:cm2")
    act(client, boss, act=f"observe:{one.pk}:cm2")

    assert "没有对应的考评员" in nobody.content.decode()
    assert Notice.objects.get(kind="certificates.observation_asked").person == assessor


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

    assert [(one.person, one.facts["late"]) for one in weeks] == [(boss, 1)]
    Leave.objects.create(person=boss, kind="illness", effective_from=TODAY())
    tell_managers(now=timezone.now() + timedelta(days=7), today=TODAY() + timedelta(days=7))
    assert weeks.latest("pk").person == deputy


def test_a_deputy_sees_the_same_and_a_person_who_moves_away_is_gone(client, world):
    branches, _track, boss = world
    one = under(boss, "12", "苏眠", branches["BJ01"])
    deputy = person("6", "代理人", branches["BJ01"])
    grant_role(
        person=deputy,
        role=Role.LINE_MANAGER,
        branch=branches["BJ01"],
        now=timezone.now(),
        actor=None,
        deputy_for=boss,
        effective_until=TODAY() + timedelta(days=9),
    )
    client.force_login(deputy)
    before = client.get("/team/").content.decode()

    post_person(
        person=one, branch=branches["SH01"], position=position(), effective_from=TODAY(), now=timezone.now(), actor=None
    )

    assert one.display_name in before
    assert one.display_name not in client.get("/team/").content.decode()


def test_the_page_asks_as_often_for_one_as_for_three(client, world, django_assert_num_queries):
    branches, _track, boss = world
    under(boss, "11", "林晚", branches["BJ01"])
    client.force_login(boss)
    client.get("/team/")
    with django_assert_num_queries(36):
        client.get("/team/")
    under(boss, "12", "苏眠", branches["BJ01"])
    under(boss, "13", "沈不言", branches["BJ01"])
    with django_assert_num_queries(36):
        client.get("/team/")
