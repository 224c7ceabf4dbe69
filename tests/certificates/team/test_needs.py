"""What the people need from their manager: the word for a level, an observation, time, and tasks to tick."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from academy.models import CareerLevel, Role, RoleGrant
from certificates.award.awarding import import_history
from certificates.models import CertificationTrack
from certificates.rules.acting import actor_for
from certificates.rules.standing import Asked, Judged
from courses.models import ProgrammeTick
from courses.programmes.acts import name_mentor
from courses.programmes.stands import programmes_of
from quizzes.models import Observation
from quizzes.observing.reach import assessing_refusal
from tests.cast import person
from tests.courses.programmes.test_programmes import Does, World
from tests.quizzes.observing.cast import practice

pytestmark = pytest.mark.django_db


def test_the_team_page_names_tasks_to_tick_and_courses_that_want_time(client):
    world = World()
    row = world.posts(ago=40, mentored=True)
    client.force_login(world.manager)
    back = reverse("certificates:team_person", args=[world.learner.pk])
    tick = f"{reverse('courses:programme_of', args=[world.learner.pk])}?back={back}#step-{world.steps[2].pk}"

    before = client.get(reverse("certificates:team"))

    assert [(need.act, need.late) for need in before.context["needs"]] == [("time", True), ("tick", False)]
    assert f'href="{tick}"' in before.content.decode()
    assert f'href="{tick}"' in client.get(reverse("home")).content.decode()
    client.post(reverse("courses:programme_tick", args=[row.pk, world.steps[2].pk]), {"do": "tick"})
    world.completes(0, row.since)
    assert client.get(reverse("certificates:team")).context["needs"] == []


def test_an_observation_of_a_programme_is_asked_for_from_the_persons_page(client):
    """What a programme wants observed can be asked for by who answers for the person, and says where it stands."""
    world = World()
    observed = practice()
    world.step(1, Does.OBSERVATION, practice=observed)
    world.posts(ago=10)
    assessor = person("500001", "考评员", world.branches["BJ"], roles=[Role.ASSESSOR])
    client.force_login(world.manager)
    page = reverse("certificates:team_person", args=[world.learner.pk])
    ask = reverse("certificates:team_decide", args=[world.learner.pk, "observe", observed.code])

    before = client.get(page).text
    team = client.get(reverse("certificates:team"))
    client.post(ask, {"words": "周三下午"})
    after = client.get(page).text

    assert f'href="{ask}"' in before and f'href="{ask}"' in team.text
    assert f'href="{ask}"' not in after and "已申请" in after and assessor.notices.count() == 1
    assert "observe" not in [need.act for need in client.get(reverse("certificates:team")).context["needs"]]


@pytest.mark.parametrize(
    ("kind", "mine"), [("course", True), ("quiz", True), ("recommendation", False), ("posted", False)]
)
def test_each_missing_thing_says_whose_turn_it_is(kind, mine):
    assert (actor_for(Judged(Asked(1, kind, "x"), met=False, missing="!")) == "您") is mine
    assert actor_for(Judged(Asked(1, kind, "x"), met=True)) == ""


def test_what_is_the_managers_to_do_stands_on_the_persons_page_and_says_what_is_too_early(client):
    world = World()
    observed = practice()
    world.step(3, Does.OBSERVATION, practice=observed)
    row = world.posts(ago=40, mentored=True)
    begins = programmes_of([world.learner.pk], timezone.localdate())[0].plan.months[-1].begins
    client.force_login(world.manager)

    page = client.get(reverse("certificates:team_person", args=[world.learner.pk])).text

    assert f"#step-{world.steps[2].pk}" in page and row.person.display_name in page
    assert observed.local_name in page and f"所在月份从 {begins.isoformat()} 开始" in page
    ask = reverse("certificates:team_decide", args=[world.learner.pk, "observe", observed.code])
    assert ask not in page


def test_what_a_programme_asks_for_later_is_asked_for_by_nobody_sooner(client):
    """The day that the programme names holds for the person as for the manager, on the page and behind it."""
    world = World()
    observed, other = practice(), practice(code="handover", name="交接")
    world.step(3, Does.OBSERVATION, practice=observed)
    world.posts(ago=40, mentored=True)
    begins = programmes_of([world.learner.pk], timezone.localdate())[0].plan.months[-1].begins.isoformat()
    person("500001", "考评员", world.branches["BJ"], roles=[Role.ASSESSOR])
    by_manager = reverse("certificates:team_decide", args=[world.learner.pk, "observe", observed.code])
    client.force_login(world.manager)
    client.post(by_manager, {"words": "周三下午"})
    client.force_login(world.learner)

    listed, page = client.get(reverse("observe:index")).text, client.get(observed.get_absolute_url()).text
    client.post(observed.get_absolute_url(), {"words": "周三下午"})

    assert f"自 {begins} 起申请" in listed and f"从 {begins} 开始，届时方可申请" in page
    assert 'name="words"' not in page and not Observation.objects.exists()
    client.post(other.get_absolute_url(), {"words": "周三下午"})
    assert Observation.objects.get().practice == other


def test_nothing_ticked_is_no_success_and_says_what_to_do(client):
    world = World()
    world.posts()
    client.force_login(world.manager)

    for address, sent in (
        (reverse("certificates:team"), {"act": "nudge:picked", "words": "请安排"}),
        (reverse("courses:team_tasks"), {}),
    ):
        said = list(client.post(address, sent, HTTP_REFERER="http://testserver/team/", follow=True).context["messages"])
        assert [(message.level_tag, "请先在列表中勾选" in message.message) for message in said] == [("error", True)]


def test_a_mentor_that_is_due_is_the_managers_to_name_before_any_task(client):
    """The manager's lists ask for it, nothing is ticked before it, and nobody else is late with what waits for it."""
    world = World()
    row = world.posts(ago=40)
    tick = reverse("courses:programme_tick", args=[row.pk, world.steps[2].pk])
    programme = reverse("courses:programme_of", args=[world.learner.pk])
    client.force_login(world.learner)
    own = client.get(reverse("courses:programme"))
    assert "等直属上级指定导师" in own.text and own.context["shown"][0].own.plan.late == 1
    client.force_login(world.manager)

    needs = client.get(reverse("certificates:team")).context["needs"]

    assert [(need.act, need.late) for need in needs] == [("mentor", True), ("time", True)]
    assert f"#mentor-of-{row.pk}" in client.get(reverse("certificates:team_person", args=[world.learner.pk])).text
    assert f'action="{tick}"' not in client.get(programme).text
    client.post(tick, {"do": "tick"})
    assert not ProgrammeTick.objects.exists()
    client.post(reverse("courses:programme_mentor", args=[row.pk]), {"mentor": "谢长宁"})
    client.post(tick, {"do": "tick"})
    assert ProgrammeTick.objects.count() == 1
    assert "mentor" not in [need.act for need in client.get(reverse("certificates:team")).context["needs"]]


def test_the_managers_to_do_leads_to_as_much_as_the_teams_page_lists(client):
    world = World()
    world.posts(ago=40)
    client.force_login(world.manager)

    team, todo = client.get(reverse("certificates:team")), client.get(reverse("todo"))

    count = len(team.context["needs"])
    assert count and f"{count} 项等您处理" in todo.text and f'href="{reverse("certificates:team")}#needs"' in todo.text
    assert f"{count} 项等您处理" in client.get(reverse("home")).text
    client.force_login(world.learner)
    assert "项等您处理" not in client.get(reverse("todo")).text


@pytest.mark.parametrize("who", ["manager", "mentor", "former", "newcomer"])
def test_nobody_close_to_a_newcomer_is_asked_to_assess_nor_may(client, who):
    """Page, notice and rule leave out the same people, as the programme says."""
    world = World()
    observed = practice()
    row = world.posts(ago=40)
    assesses = {"roles": [Role.ASSESSOR]}
    newcomer = person("100009", "陆新", world.branches["BJ01"], **assesses)
    world.posts(newcomer)
    former = person("100010", "孟庭轩", world.branches["BJ01"], **assesses)
    for mentor in (former, world.mentor):
        name_mentor(row=row, mentor=mentor, now=timezone.now(), actor=world.manager)
    close = {"manager": world.manager, "mentor": world.mentor, "former": former, "newcomer": newcomer}[who]
    other = person("500001", "考评员", world.branches["BJ"], roles=[Role.ASSESSOR])
    if who in ("manager", "mentor"):
        RoleGrant.objects.create(
            person=close, role=Role.ASSESSOR, branch=world.branches["BJ"], effective_from=timezone.localdate()
        )
    ask = reverse("certificates:team_decide", args=[world.learner.pk, "observe", observed.code])
    client.force_login(world.manager)

    assert client.get(ask).context["readers"] == [other]
    client.post(ask, {"words": "周三下午"})

    asked = Observation.objects.get()
    assert other.notices.filter(kind="quizzes.observation_asked").exists()
    assert not close.notices.filter(kind="quizzes.observation_asked").exists()
    today = timezone.localdate()
    assert assessing_refusal(observation=asked, assessor=other, on=today) is None
    assert assessing_refusal(observation=asked, assessor=close, on=today)


@pytest.mark.parametrize("who", ["manager", "other"])
def test_where_colleagues_hold_a_level_one_of_them_is_the_mentor(client, who):
    """The page proposes and the rule takes the same people, also when the manager names themselves."""
    world = World()
    row = world.posts(ago=40)
    chosen = getattr(world, who).staff_number
    level = CareerLevel.objects.create(code="CM1", rank=1, name="见习客户经理")
    track = CertificationTrack.objects.create(code="cm1", level=level, name="见习客户经理", mode="completion")
    client.force_login(world.manager)
    address = reverse("courses:programme_mentor", args=[row.pk])
    page = reverse("courses:programme_of", args=[world.learner.pk])
    _holds(world.mentor, track)

    refused = client.post(address, {"mentor": chosen}, follow=True).text

    row.refresh_from_db()
    assert row.mentor is None
    # Of somebody who works elsewhere the manager learns nothing.
    assert ("尚未持有任何等级" if who == "manager" else "没有姓名或工号") in refused
    assert f'value="{chosen}"' not in client.get(page).text
    _holds(getattr(world, who), track)
    client.post(address, {"mentor": chosen})
    row.refresh_from_db()
    assert row.mentor == getattr(world, who)


def _holds(one, track):
    now, today = timezone.now(), timezone.localdate()
    through = today + timedelta(days=100)
    import_history(person=one, track=track, awarded_on=today, valid_through=through, now=now, actor=None, reason="test")
