"""The line manager's team: the same numbers as everywhere, acts that are told and noted once, nothing of others."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone, translation

from academy.models import Branch, Leave, Notice, Role
from academy.notices.inbox import mark_read, read_notices
from academy.staff.people import post_person
from academy.staff.roles import grant_role
from certificates.models import AwardCandidate, Certification, CertificationTrack, Recommendation
from certificates.team.digest import tell_managers
from certificates.team.recommending import count_recommendations
from courses.hours.ledger import Training, enter_hours
from courses.models import HourQuota
from quizzes.models import Observation, ObservedPractice
from tests.cast import person, position
from tests.certificates.team.managing import TODAY, act, assessing, decide, told, under, wants_observation

pytestmark = pytest.mark.django_db


def test_the_late_one_stands_first_with_what_is_missing_and_by_when(client, world):
    branches, _track, boss = world
    fresh = under(boss, "11", "林晚", branches["BJ01"], days=3)
    late = under(boss, "12", "苏眠", branches["BJ01"])
    away = under(boss, "13", "沈不言", branches["BJ01"])
    Leave.objects.create(person=away, kind="illness", effective_from=TODAY() - timedelta(days=40))
    stranger = person("99", "外人甲", branches["SH01"])

    client.force_login(boss)
    shown = client.get("/team/").content.decode()
    person_page = client.get(f"/team/{late.pk}/").content.decode()
    only_late = client.get("/team/?show=late").content.decode().partition("<table")[2]

    assert shown.index(late.display_name) < shown.index(fresh.display_name) < shown.index(away.display_name)
    assert "直属上级推荐" in person_page and "由直属上级推荐" not in person_page and "已逾期" in shown
    assert stranger.display_name not in shown
    assert late.display_name in only_late and fresh.display_name not in only_late
    client.force_login(stranger)
    assert client.get("/team/").status_code == 404


def test_a_recommendation_counts_from_tomorrow_and_can_be_taken_back(client, world):
    branches, track, boss = world
    one = under(boss, "12", "苏眠", branches["BJ01"])

    asked = client.get(f"/team/{one.pk}/recommend/cm2/")
    client.force_login(boss)
    shown = client.get(f"/team/{one.pk}/recommend/cm2/").content.decode()
    decide(client, boss, one, "recommend")
    decide(client, boss, one, "recommend")

    assert asked.status_code == 302 and "推荐理由" in shown and "已逾期" not in shown.partition("<main")[2]
    assert told(one) == [("certificates.recommended", "带教已满三个月")]
    assert one.recommendations.count() == 1
    # Other words are refused and stay in the field; whoever goes back to it is led to where it can be taken back.
    assert ">另一番话</textarea>" in decide(client, boss, one, "recommend", words="另一番话").content.decode()
    back = client.get(f"/team/{one.pk}/recommend/cm2/", follow=True)
    assert back.redirect_chain == [(f"/team/{one.pk}/", 302)]
    assert "请先撤回今天的推荐" in back.content.decode() and "/undo/recommend/cm2/" in back.content.decode()
    count_recommendations(now=timezone.now())
    assert not Certification.objects.exists()
    tomorrow = timezone.now() + timedelta(days=1)
    count_recommendations(now=tomorrow)
    assert Certification.objects.get(person=one).track == track
    one.recommendations.update(made_on=TODAY() - timedelta(days=1))
    assert "请填写留言" in decide(client, boss, one, "recommend-back", words=" ").content.decode()
    decide(client, boss, one, "recommend-back", words="评价有误")
    assert one.recommendations.get().withdrawn_at is not None
    assert Certification.objects.filter(person=one, ending=None).exists()


def test_what_was_done_by_mistake_is_undone_on_its_day_as_if_never_said(client, world):
    branches, track, boss = world
    wants_observation(track)
    one, reader = under(boss, "12", "苏眠", branches["BJ01"]), under(boss, "13", "沈不言", branches["BJ01"])
    assessor = assessing("5", "考评员", branches["BJ"])
    done = (
        (one, "recommend", "cm2"),
        (reader, "recommend", "cm2"),
        (one, "observe", ObservedPractice.objects.get().code),
    )
    for person_, what, code in done:
        decide(client, boss, person_, what, track=code)
    Notice.objects.filter(person=reader).update(read_at=timezone.now())

    shown = client.get(f"/team/{one.pk}/").content.decode()
    for person_, what, code in done:
        assert client.get(f"/team/{person_.pk}/undo/{what}/{code}/").status_code == 302
        client.post(f"/team/{person_.pk}/undo/{what}/{code}/")
    count_recommendations(now=timezone.now() + timedelta(days=1))

    assert "撤回推荐" in shown and "撤回申请" in shown
    assert told(one) == [] == told(assessor)
    assert [kind for kind, _words in told(reader)] == [
        "certificates.recommended",
        "certificates.recommendation_taken_back",
    ]
    assert not Certification.objects.exists()
    again = client.get(f"/team/{one.pk}/").content.decode()
    assert "/undo/" not in again and f"/team/{one.pk}/recommend/cm2/" in again
    assert client.post(f"/team/{one.pk}/undo/fire/cm2/").status_code == 404


def test_the_buttons_on_a_persons_page_send_what_the_site_asks_for(world):
    """In a browser every form brings its token: each is sent as it stands on the page."""
    branches, _track, boss = world
    one = under(boss, "12", "苏眠", branches["BJ01"])
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(boss)

    def token_in(address, form):
        """What the form whose tag says ``form`` brings; nothing where it has no token."""
        page = browser.get(address).content.decode()
        body = page.partition(form)[2].partition("</form>")[0]
        return "".join(re.findall('name="csrfmiddlewaretoken" value="([^"]+)"', body))

    address, undo = f"/team/{one.pk}/recommend/cm2/", f"/team/{one.pk}/undo/recommend/cm2/"
    words = {"words": "带教已满", "csrfmiddlewaretoken": token_in(address, 'class="card stack"')}
    assert browser.post(address, words).status_code == 302
    assert browser.post(undo, {"csrfmiddlewaretoken": token_in(f"/team/{one.pk}/", undo)}).status_code == 302
    assert not Recommendation.objects.filter(withdrawn_at=None).exists()


def test_the_list_is_searched_and_sorted_and_leads_to_a_page_for_each_person(client, world):
    branches, _track, boss = world
    late = under(boss, "12", "苏眠", branches["BJ01"])
    fresh = under(boss, "11", "林晚", branches["BJ01"], days=3)
    free, stranger = under(boss, "13", "沈不言", branches["BJ01"]), person("99", "外人甲", branches["SH01"])
    free.postings.update(position=position("in-house-trainer"))
    client.force_login(boss)

    def order(query):
        page = client.get(f"/team/{query}").content.decode().partition("<main")[2]
        return sorted(
            (one for one in (late, fresh, free) if f"person-{one.pk}" in page),
            key=lambda one: page.index(f"person-{one.pk}"),
        )

    assert order("") == [late, fresh, free] == order("?sort=due") and order("?sort=-number") == [free, late, fresh]
    assert order("?sort=number") == [fresh, late, free] == order("?sort=-due") and order("?sort=-state") == [
        free,
        fresh,
        late,
    ]
    assert order("?q=林") == [fresh] == order("?q=11") == order("?q=11&show=fine&sort=nonsense")
    assert order("?q=望京") == [late, fresh, free] and order("?q=望京&show=late") == [late]
    Branch.objects.filter(code="BJ01").update(name_en="Wangjing Outlet")
    assert order("?q=wangjing") == [late, fresh, free]
    assert "直属上级推荐" in client.get(f"/team/{late.pk}/").content.decode()
    # Hours stand there once the year asks for some; who lacks most stands first.
    assert "学时" not in client.get("/team/").content.decode().partition("<table")[2]
    HourQuota.objects.create(from_year=TODAY().year, category="", hours=48)
    entered = Training("反洗钱", TODAY(), TODAY(), Decimal(8), "compliance")
    enter_hours(people=[late], training=entered, actor=stranger, now=timezone.now())
    assert order("?sort=hours") == [free, late, fresh] and order("?sort=-hours") == [fresh, late, free]
    assert "8 / 17" in client.get("/team/").content.decode().partition("<table")[2]
    assert "还差 9 学时" in client.get(f"/team/{late.pk}/").content.decode()
    assert client.get(f"/team/{stranger.pk}/").status_code == 404
    assert client.get(f"/team/{'9' * 30}/").status_code == 404


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

    assert decide(client, deputy, deputy, "recommend").status_code == 404
    assert decide(client, deputy, other, "recommend").status_code == 200

    assert [recommendation.person for recommendation in Recommendation.objects.all()] == [other]
    assert deputy.display_name not in client.get("/team/").content.decode().partition("<main")[2]


def test_people_of_others_and_forged_numbers_are_not_there(client, world):
    branches, _track, boss = world
    under(boss, "12", "苏眠", branches["BJ01"])
    one, other = under(boss, "13", "沈不言", branches["BJ01"]), person("99", "外人甲", branches["SH01"])

    for form in (
        {"act": "nudge:picked", "person": [other.pk]},
        {"act": "nudge:picked", "person": ["9" * 30]},
        {"act": "fire"},
    ):
        assert act(client, boss, **form).status_code == 404
    for whom, what, track in ((other, "recommend", "cm2"), (one, "recommend", "nothing"), (one, "fire", "cm2")):
        assert decide(client, boss, whom, what, track=track).status_code == 404
    assert not Notice.objects.filter(kind="certificates.nudge").exists()


def test_an_observation_is_asked_of_the_assessors_of_the_branch(client, world):
    branches, track, boss = world
    one = under(boss, "12", "苏眠", branches["BJ01"])
    wants_observation(track)

    code = ObservedPractice.objects.get().code
    nobody = decide(client, boss, one, "observe", track=code)
    assessor = assessing("5", "考评员", branches["BJ"])
    away = assessing("7", "休假考评员", branches["BJ"])
    Leave.objects.create(person=away, kind="illness", effective_from=TODAY())
    shown = client.get(f"/team/{one.pk}/observe/{code}/").content.decode()
    decide(client, boss, one, "observe", words="周三下午柜面接待", track=code)
    decide(client, boss, one, "observe", words="周三下午柜面接待", track=code)
    page = client.get(f"/team/{one.pk}/").content.decode()

    assert "没有对应的考评员" in nobody.content.decode()
    assert "考评员" in shown and away.display_name not in shown and told(away) == []
    assert f"/team/{one.pk}/observe/" not in page and Observation.objects.get().get_absolute_url() in page
    assert told(assessor) == [("quizzes.observation_asked", "周三下午柜面接待")] and told(away) == []
    assert told(one) == [("quizzes.observation_asked_about", "周三下午柜面接待")]
    assert Observation.objects.get().asked_by == boss
    client.post(f"/team/{one.pk}/undo/observe/{code}/")
    assert Observation.objects.get().state == Observation.State.WITHDRAWN and told(assessor) == told(one) == []


def test_whoever_read_of_a_request_reads_that_it_was_taken_back_in_the_own_language(client, world):
    branches, track, boss = world
    one = under(boss, "12", "苏眠", branches["BJ01"])
    wants_observation(track)
    assessor = assessing("5", "考评员", branches["BJ"])
    code = ObservedPractice.objects.get().code
    decide(client, boss, one, "observe", words="周三下午柜面接待", track=code)
    for reader in (one, assessor):
        mark_read(person=reader, now=timezone.now())

    with translation.override("en"):
        client.post(f"/team/{one.pk}/undo/observe/{code}/", headers={"accept-language": "en"})

    for reader in (one, assessor):
        newest = reader.notices.filter(kind="quizzes.observation_ended")
        for language, words in (("zh-hans", "当天撤回。"), ("en", "Taken back on the same day.")):
            with translation.override(language):
                assert read_notices(newest, language)[0].text.endswith(words)
    client.force_login(one)
    page = client.get(Observation.objects.get().get_absolute_url()).content.decode()
    assert "贺兰舟" in page and "same day" not in page and "<dt>考评员</dt>" not in page


def test_who_has_met_everything_and_waits_for_the_award_is_late_to_nobody(world):
    branches, track, boss = world
    late = under(boss, "12", "苏眠", branches["BJ01"])
    AwardCandidate.objects.create(person=late, track=track, cycle=1, ready_on=TODAY())

    tell_managers(now=timezone.now(), today=TODAY())

    assert not Notice.objects.filter(kind="certificates.team_week", person=boss).exists()


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


def test_the_page_asks_as_often_for_two_as_for_three(client, world, django_assert_num_queries):
    """What is asked of one person alone is one statement."""
    branches, _track, boss = world
    under(boss, "11", "林晚", branches["BJ01"])
    client.force_login(boss)
    client.get("/team/")
    with django_assert_num_queries(34):
        client.get("/team/")
    for number, name in (("12", "苏眠"), ("13", "沈不言")):
        under(boss, number, name, branches["BJ01"])
        with django_assert_num_queries(43):
            client.get("/team/")


def test_a_managers_home_begins_with_the_team_and_what_it_needs_from_the_manager(client, world):
    branches, track, boss = world
    boss.postings.update(position=position("outlet-head"))
    late = under(boss, "12", "苏眠", branches["BJ01"])
    fresh = under(boss, "11", "林晚", branches["BJ01"], days=3)
    client.force_login(boss)

    page = client.get("/")
    text = page.content.decode()

    # The team before one's own courses, and no ladder of a post that asks for none.
    assert text.index("我的团队") < text.index("苏眠") < text.index("待办")
    assert 'id="ladder"' not in text and "ladder-title" not in text
    # What a level would ask of a trainee is not offered to the head either.
    assert "接下来" not in text.partition("<main")[2]
    assert f"/team/{late.pk}/recommend/{track.code}/" in text and f"/team/{fresh.pk}/recommend/{track.code}/" in text

    # What changes among the team changes the home at once.
    Recommendation.objects.create(person=late, track=track, made_by=boss, made_on=TODAY(), words="可以胜任")
    assert f"/team/{late.pk}/recommend/{track.code}/" not in client.get("/").content.decode()
    # Who leads nobody sees no team.
    client.force_login(late)
    assert "team-home" not in client.get("/").content.decode() and 'id="ladder"' in client.get("/").content.decode()


def test_nobody_is_late_through_those_who_decide(client, world):
    branches, track, boss = world
    one = under(boss, "12", "苏眠", branches["BJ01"])
    CertificationTrack.objects.update(award="approval")
    Recommendation.objects.create(
        person=one, track=track, made_by=boss, made_on=TODAY() - timedelta(days=9), words="可以胜任"
    )
    client.force_login(boss)

    page = client.get("/team/")

    assert [member.late for member in page.context["members"]] == [False]
    assert "条件已全部达成" in page.content.decode()


def test_what_was_recommended_today_is_not_asked_for_again(client, world):
    branches, _track, boss = world
    one = under(boss, "12", "苏眠", branches["BJ01"])

    page = decide(client, boss, one, "recommend").content.decode()

    assert "今天已推荐，自明天起计算。" in page and "My team" not in page and "点击“推荐”" not in page
