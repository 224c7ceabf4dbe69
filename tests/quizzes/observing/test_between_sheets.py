"""Between the first sheet and the result: every side reads where it stands, and what comes next when it ended without a pass."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from academy.models import JournalEntry, Notice, Posting, Role
from quizzes.models import Observation
from quizzes.observing import scoring
from quizzes.observing.reach import assessors_to_join
from tests.cast import person
from tests.quizzes.observing.cast import booked, later, levels, sheet_of, world

pytestmark = pytest.mark.django_db
SECTIONS = "客户需求\n方案"


def hand_in(observation, assessor, *places, vetoes=(), comment="见评分"):
    scoring.hand_in(
        sheet=sheet_of(observation, assessor),
        levels=levels(observation, *places),
        vetoes=list(vetoes),
        comment=comment,
        now=later(),
    )


def read(client, who, address):
    client.force_login(who)
    return client.get(address).content.decode()


def test_scores_too_far_apart_are_told_to_every_side(client):
    branches, made, learner, (first, second, third, fourth) = world(
        assessors=3, combining="mean", spread=20, kind="case", sections=SECTIONS
    )
    hr = person("7", "人事", branches["HO"], roles=[Role.HR])
    observation = booked(made, learner, [first, second, third], now=timezone.now())
    Observation.objects.update(case_handed_in_at=timezone.now(), starts_at=timezone.now())
    page = observation.get_absolute_url()
    assert "评分中" not in read(client, first, page) and "撰写案例" in read(client, learner, page)
    hand_in(observation, first, 2, 2)
    hand_in(observation, second, 2, 1)

    # Two of three: the result waits for the third, and nobody writes or puts off any more.
    seen = read(client, first, page)
    assert "已提交 2/3" in seen and "您已提交。" in seen and "全部考评员提交后出结果" in seen and "未到场" not in seen
    hand_in(observation, third, 1, 0)

    listed = {who.pk: read(client, who, "/observe/") for who in (first, fourth, learner)}
    assert "已提交 3/4" in listed[first.pk] and "我已提交，等待结果" in listed[first.pk]
    assert "待我评分" not in listed[first.pk] and "我已提交" not in listed[fourth.pk]
    for who in (first, learner):
        seen = read(client, who, page)
        assert "评分相差过大" in seen and "已提交 3/4" in seen and "撰写案例" not in seen
    assert "无需再做其他事" in read(client, learner, page)
    assert made.local_name not in read(client, learner, "/my/todo/")
    assert "评分相差过大" in read(client, hr, reverse("observations:observation", args=[observation.pk]))
    assert fourth.display_name in read(client, hr, reverse("observations:observation", args=[observation.pk]))
    assert "已提交 3/4" in read(client, hr, reverse("observations:index"))


def test_who_may_take_no_place_is_not_asked_for_it(client):
    """Of three at most one works at the person's outlet: another of that outlet reads no request and no button."""
    branches, made, learner, (first, second, third, fourth) = world(assessors=3, spread=20)
    for one in (first, fourth):
        Posting.objects.filter(person=one).update(branch=branches["BJ01"])
    observation = booked(made, learner, [first, second, third], now=timezone.now())
    Observation.objects.update(starts_at=timezone.now())
    for assessor, places in ((first, (2, 2)), (second, (2, 2)), (third, (1, 0))):
        hand_in(observation, assessor, *places)

    observation.refresh_from_db()
    assert list(assessors_to_join(observation, timezone.localdate())) == []
    assert not Notice.objects.filter(kind="quizzes.observation_further").exists()
    assert learner.display_name not in read(client, fourth, "/observe/")
    hr = person("7", "人事", branches["HO"], roles=[Role.HR])
    assert "没有可参加的考评员" in read(client, hr, reverse("observations:observation", args=[observation.pk]))


def test_a_result_says_how_it_came_about_what_comes_next_and_what_was_answered(client):
    branches, made, learner, (first, second, *_others) = world(assessors=2, combining="mean")
    observation = booked(made, learner, [first, second], now=timezone.now())
    Observation.objects.update(starts_at=timezone.now())
    veto = observation.terms["rubric"]["vetoes"][0]["id"]
    hand_in(observation, first, 2, 2)
    hand_in(observation, second, 2, 2, vetoes=[veto], comment="抛掷单据一次")

    page = read(client, learner, observation.get_absolute_url())
    assert "有一项一票否决即为不合格" in page and "起可由您本人或直属上级再次申请" in page
    scoring.answer(observation=Observation.objects.get(), person=learner, words="当时在清点", now=later())

    told = Notice.objects.filter(kind="quizzes.observation_answered").values_list("person", flat=True)
    assert set(told) == {first.pk, second.pk}
    for role, number in ((Role.HR, "7"), (Role.AUDITOR, "6")):
        reader = person(number, f"读者{number}", branches["HO"], roles=[role])
        seen = read(client, reader, reverse("observations:observation", args=[observation.pk]))
        assert "当时在清点" in seen and "<strong>一票否决项</strong> 抛掷单据" in seen


def test_what_does_not_count_says_all_reasons_at_once_and_leads_to_another_time(client):
    _branches, made, learner, (first, *_others) = world()
    observation = booked(made, learner, [first], now=timezone.now())
    Observation.objects.update(starts_at=timezone.now())
    rubric = observation.terms["rubric"]
    form = {f"level-{part['id']}": "-1" for part in [rubric["criteria"][0], rubric["vetoes"][0]]}
    form |= {f"level-{rubric['criteria'][1]['id']}": "2", "comment": "客户提前离开"}
    client.force_login(first)
    address = f"{observation.get_absolute_url()}score/"
    look = client.post(address, form).content.decode()
    assert "抛掷单据" in look and "三分之一" in look
    client.post(address, {**form, "sure": "yes"})

    page = read(client, learner, observation.get_absolute_url())
    assert f'href="{made.get_absolute_url()}"' in page and "另约时间" in page
    assert f'href="{made.get_absolute_url()}"' not in read(client, first, observation.get_absolute_url())


def test_the_learning_record_holds_what_was_observed(client):
    _branches, made, learner, (first, *_others) = world()
    observation = booked(made, learner, [first], now=timezone.now())
    assert made.name not in read(client, learner, reverse("certificates:transcript"))
    Observation.objects.update(starts_at=timezone.now())
    hand_in(observation, first, 2, 2)

    page = read(client, learner, reverse("certificates:transcript"))
    assert made.name in page and observation.get_absolute_url() in page


def test_a_case_is_read_under_the_headings_of_the_readers_language_and_a_draft_is_gone_on_with(client):
    _branches, made, learner, (first, *_others) = world(kind="case", sections=SECTIONS, sections_en="Needs\nSolution")
    observation = booked(made, learner, [first], now=timezone.now())
    sections = [{"heading": "方案", "text": "先还款"}, {"heading": "旧的一节", "text": "留着"}]
    Observation.objects.update(starts_at=timezone.now(), case={"sections": sections}, case_handed_in_at=timezone.now())
    first.language = "en"
    first.save(update_fields=["language"])
    page = read(client, first, observation.get_absolute_url())
    assert "Solution</h3>" in page and "旧的一节</h3>" in page and "Go on scoring" not in page

    scoring.save_draft(
        sheet=sheet_of(observation, first), levels={}, vetoes=[], comment="草稿", sequence=1, now=timezone.now()
    )
    assert "Go on scoring" in read(client, first, observation.get_absolute_url())
    assert "Solution" in read(client, first, f"{observation.get_absolute_url()}score/")


def test_who_joined_steps_back_alone_before_the_start_and_the_time_stands(client):
    _branches, made, learner, (first, second, *_others) = world(assessors=2, combining="mean", spread=20)
    observation = booked(made, learner, [first, second], now=timezone.now())
    address = observation.get_absolute_url()

    client.force_login(first)
    assert "退出考评" not in client.get(address).text
    client.post(address, {"act": "step_back"})
    assert observation.sheets.count() == 2

    client.force_login(second)
    assert "退出考评" in client.get(address).text
    client.post(address, {"act": "step_back"})
    observation.refresh_from_db()
    assert [sheet.assessor for sheet in observation.sheets.all()] == [first]
    assert observation.state == Observation.State.BOOKED and observation.starts_at is not None
    assert JournalEntry.objects.filter(action="quizzes.step_back_observation", actor=second).exists()


def test_after_the_start_nobody_steps_back(client):
    _branches, made, learner, (first, second, *_others) = world(assessors=2, combining="mean", spread=20)
    observation = booked(made, learner, [first, second], now=timezone.now())
    Observation.objects.update(starts_at=timezone.now() - timedelta(minutes=1))
    client.force_login(second)

    page = client.post(observation.get_absolute_url(), {"act": "step_back"}, follow=True).text

    assert "现在不能退出考评" in page and observation.sheets.count() == 2
