"""What could not be observed leaves the total; too much of it, or a veto, and the occasion does not count."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from academy.decisions.four_eyes import decide_proposal
from academy.errors.refusals import RuleViolation
from academy.models import Notice, Role
from quizzes.forms import OfferForm
from quizzes.marking.rubrics import NOT_OBSERVED, judge, judge_observed
from quizzes.observing import booking, correcting, scoring
from quizzes.views.observing import offer_problem
from tests.cast import person
from tests.quizzes.observing.cast import booked, later, levels, sheet_of, world

pytestmark = pytest.mark.django_db


def of_criteria(count, *, best=2):
    words = {"zh-hans": "项"}
    steps = [{"points": str(points), "text": words} for points in range(best + 1)]
    return {
        "rubric": 1,
        "criteria": [{"id": f"c{n}", "name": words, "levels": steps} for n in range(count)],
        "vetoes": [{"id": "veto", "name": words}],
    }


def judged(count, places, vetoes=()):
    chosen = {f"c{n}": place for n, place in enumerate(places)}
    return judge_observed(of_criteria(count), levels=chosen, vetoes=frozenset(vetoes))


@pytest.mark.parametrize(
    ("count", "places", "fraction", "counts"),
    [
        (3, (2, 1, NOT_OBSERVED), "0.75", True),
        (3, (2, NOT_OBSERVED, NOT_OBSERVED), "1", False),
        (4, (1, 1, 2, NOT_OBSERVED), "0.6666666667", True),
        (4, (2, 2, NOT_OBSERVED, NOT_OBSERVED), "1", False),
        (6, (0, 2, 2, 2, NOT_OBSERVED, NOT_OBSERVED), "0.75", True),
        (2, (2, NOT_OBSERVED), "1", False),
        (1, (NOT_OBSERVED,), "0", False),
    ],
)
def test_a_third_of_the_criteria_may_be_missing_and_leaves_the_total(count, places, fraction, counts):
    share, chosen = judged(count, places)

    assert (share, chosen["counts"]) == (Decimal(fraction), counts)
    assert len(chosen["unobserved"]) == places.count(NOT_OBSERVED)


def test_a_veto_that_could_not_be_observed_makes_it_not_count_and_one_seen_fails_whatever_is_missing():
    unsure = {"c0": 2, "c1": 2, "c2": 2, "veto": NOT_OBSERVED}
    _share, chosen = judge_observed(of_criteria(3), levels=unsure, vetoes=frozenset())
    assert (chosen["counts"], [part["id"] for part in chosen["unobserved"]]) == (False, ["veto"])

    share, chosen = judged(3, (2, NOT_OBSERVED, NOT_OBSERVED), vetoes=["veto"])
    assert (share, chosen["counts"]) == (Decimal(0), True)


def test_an_essay_is_never_marked_with_a_gap():
    with pytest.raises(ValueError, match="c1"):
        judge(of_criteria(2), levels={"c0": 1, "c1": NOT_OBSERVED}, vetoes=frozenset())


def hand_in(observation, assessor, *places, vetoes=(), comment="看到了，也听到了", **more):
    return scoring.hand_in(
        sheet=sheet_of(observation, assessor),
        levels=levels(observation, *places),
        vetoes=list(vetoes),
        comment=comment,
        now=more.pop("now", later()),
        **more,
    )


def ended(observation):
    observation.refresh_from_db()
    return observation.state, observation.passed


def test_what_does_not_count_is_neither_passed_nor_failed_and_may_be_asked_for_at_once():
    _branches, made, learner, (first, second, *_others) = world(assessors=2, again_days=30)
    observation = booked(made, learner, [first, second], now=timezone.now())
    with pytest.raises(RuleViolation, match="未能观察到"):
        hand_in(observation, first, 2, NOT_OBSERVED, comment=" ")
    hand_in(observation, first, 2, NOT_OBSERVED)
    assert ended(observation) == ("booked", None)
    hand_in(observation, second, 2, 2)

    assert ended(observation) == ("uncounted", None)
    told = Notice.objects.get(person=learner, kind="quizzes.observation_uncounted")
    assert "道别" in str(told.facts["what"])
    assert not Notice.objects.filter(kind="quizzes.observation_result").exists()
    again = booking.ask(practice=made, person=learner, actor=learner, words="再来", now=later(6))
    assert again.state == "asked"


def test_a_veto_that_one_assessor_saw_fails_though_the_other_saw_too_little():
    _branches, made, learner, (first, second, *_others) = world(assessors=2)
    observation = booked(made, learner, [first, second], now=timezone.now())
    veto = observation.terms["rubric"]["vetoes"][0]["id"]
    hand_in(observation, first, 2, NOT_OBSERVED)
    hand_in(observation, second, 2, 2, vetoes=[veto])

    assert ended(observation) == ("scored", False)


def test_a_correction_makes_it_count_after_all_and_takes_away_what_counted():
    branches, made, learner, (first, *_others) = world()
    hr, second = (person(number, "人事", branches["HO"], roles=[Role.HR]) for number in ("8001", "8002"))
    observation = booked(made, learner, [first], now=timezone.now())
    hand_in(observation, first, 2, NOT_OBSERVED)

    def corrected(*places):
        sheet = sheet_of(observation, first)
        proposal = correcting.propose_correction(
            sheet=sheet, levels=levels(observation, *places), vetoes=[], reason="录像可证", actor=hr, now=later(6)
        )
        decide_proposal(proposal=proposal, actor=second, approve=True, note="", now=later(7))

    corrected(2, 2)
    assert ended(observation) == ("scored", True)
    corrected(2, NOT_OBSERVED)
    observation.refresh_from_db()
    assert observation.annulled_at is not None


def test_the_phone_offers_it_keeps_it_and_says_before_handing_in_that_it_does_not_count(client):
    _branches, made, learner, (first, *_others) = world()
    observation = booked(made, learner, [first], now=timezone.now() - timedelta(minutes=5))
    client.force_login(first)
    address = reverse("observe:score", args=[observation.uuid])
    ids = [criterion["id"] for criterion in observation.terms["rubric"]["criteria"]]
    veto = observation.terms["rubric"]["vetoes"][0]["id"]
    filled = {f"level-{ids[0]}": "2", f"level-{ids[1]}": "1", f"level-{veto}": "-1", "comment": "背对着，没看清"}

    page = client.get(address).text
    assert (page.count("未观察到</span>"), page.count("<span>无法判断是否出现")) == (2, 1)
    assert "没有出现，两项都不勾选" in page
    look = client.post(address, filled).text
    assert "本评分表不计入" in look and "of 100" not in look
    assert "您勾选了“无法判断是否出现”：抛掷单据。" in look and "未观察到" not in look
    client.post(address, {**filled, "sure": "yes"})

    assert ended(observation) == ("uncounted", None)
    page = client.get(observation.get_absolute_url()).text
    assert "未观察到的内容过多" in page
    # Of a veto that nobody saw "not observed" would be good news.
    assert '<dt>抛掷单据</dt><dd class="soft">无法判断是否出现</dd>' in page


def test_a_sheet_that_comes_more_than_a_week_late_says_why(client):
    _branches, made, learner, (first, *_others) = world()
    observation = booked(made, learner, [first], now=timezone.now() - timedelta(days=8))
    with pytest.raises(RuleViolation, match="7 天"):
        hand_in(observation, first, 2, 2, now=timezone.now())
    client.force_login(first)
    assert "late_reason" in client.get(reverse("observe:score", args=[observation.uuid])).content.decode()

    hand_in(observation, first, 2, 2, now=timezone.now(), late_reason="住院，今天才回来")

    assert ended(observation) == ("scored", True)
    assert sheet_of(observation, first).late_reason == "住院，今天才回来"
    assert observation.observed_on == timezone.localdate() - timedelta(days=8)


def test_a_case_is_handed_in_as_a_file_read_by_assessors_and_hr_and_by_nobody_else(client, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    branches, made, learner, (first, *_others) = world(kind="case", sections="客户情况\n方案")
    hr, stranger = person("8001", "人事", branches["HO"], roles=[Role.HR]), person("8002", "旁人", branches["SH01"])
    observation = booked(made, learner, [first], now=timezone.now() - timedelta(minutes=5))
    address, file = reverse("observe:case", args=[observation.uuid]), b"%PDF-1.4\n%%EOF\n"
    client.force_login(learner)
    refused = client.post(address, {"section": ["", ""], "file": SimpleUploadedFile("方案.pdf", b"MZ no document")})
    assert refused.status_code == 400
    assert client.post(address, {"section": ["", ""]}).status_code == 400
    client.post(address, {"section": ["一家冷链公司", ""], "file": SimpleUploadedFile("方案.pdf", file)})

    observation.refresh_from_db()
    assert observation.case["sections"] == [{"heading": "客户情况", "text": "一家冷链公司"}]
    stored = reverse("observe:case_file", args=[observation.uuid])
    for reader, status in ((learner, 200), (first, 200), (hr, 200), (stranger, 404)):
        client.force_login(reader)
        answer = client.get(stored)
        assert answer.status_code == status
        assert status == 404 or b"".join(answer.streaming_content) == file
    client.force_login(hr)
    page = client.get(reverse("observations:observation", args=[observation.pk])).content.decode()
    assert stored in page and "一家冷链公司" in page


def test_a_veto_is_seen_or_not_observed_never_both():
    with pytest.raises(RuleViolation, match="项"):
        scoring.check_complete(of_criteria(1), {"c0": 2, "veto": NOT_OBSERVED}, ["veto"])


def test_an_offer_in_the_past_is_refused_as_past_not_as_incomplete():
    late = timezone.localtime().replace(hour=9, minute=10)
    said = {"day": late.date().isoformat(), "time": "08:00", "place": "望京大堂"}
    past, empty = OfferForm(said, now=late), OfferForm({**said, "place": ""}, now=late)

    assert offer_problem(past) == past.errors["time"][0]
    assert offer_problem(empty) == "请写明时间和地点。"
