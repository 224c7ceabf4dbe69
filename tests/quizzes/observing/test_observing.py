"""Observed practice from the wish to the result: who may, in which order, and that nothing is half done."""

from datetime import timedelta

import pytest
from django.utils import timezone

from academy.decisions.four_eyes import decide_proposal
from academy.errors.refusals import RuleViolation
from academy.models import JournalEntry, Notice, Proposal, Role
from academy.staff.people import end_employment
from quizzes.models import Observation
from quizzes.observing import booking, correcting, scoring, written_case
from tests.cast import person
from tests.quizzes.observing.cast import booked, later, levels, sheet_of, world

pytestmark = pytest.mark.django_db


def hand_in(observation, assessor, *places, vetoes=(), comment="看到了，也听到了"):
    return scoring.hand_in(
        sheet=sheet_of(observation, assessor),
        levels=levels(observation, *places),
        vetoes=list(vetoes),
        comment=comment,
        now=later(),
    )


def test_from_the_wish_to_a_result_that_says_what_was_seen():
    _branches, made, learner, (first, second, *_others) = world(assessors=2, combining="mean")
    observation = booked(made, learner, [first, second], now=timezone.now())

    hand_in(observation, first, 2, 1)
    observation.refresh_from_db()
    assert observation.state == Observation.State.BOOKED
    hand_in(observation, second, 2, 2)

    observation.refresh_from_db()
    assert (observation.state, str(observation.score), observation.passed) == ("scored", "87.50", True)
    assert observation.observed_on == timezone.localdate()
    assert Notice.objects.filter(person=learner, kind="quizzes.observation_result").count() == 1
    assert JournalEntry.objects.filter(action="quizzes.settle_observation", person=learner).count() == 1


def test_a_veto_fails_and_needs_words():
    _branches, made, learner, (first, *_others) = world()
    observation = booked(made, learner, [first], now=timezone.now())
    veto = observation.terms["rubric"]["vetoes"][0]["id"]

    with pytest.raises(RuleViolation, match="本人会看到"):
        hand_in(observation, first, 2, 2, vetoes=[veto], comment="  ")
    hand_in(observation, first, 2, 2, vetoes=[veto], comment="客户转身时抛了回单")

    observation.refresh_from_db()
    assert (observation.passed, str(observation.score)) == (False, "0.00")


def test_who_lie_too_far_apart_are_joined_by_one_more_and_the_middle_counts():
    _branches, made, learner, (first, second, third, fourth) = world(assessors=2, combining="mean", spread=20)
    observation = booked(made, learner, [first, second], now=timezone.now())
    hand_in(observation, first, 2, 2)
    hand_in(observation, second, 1, 0)

    observation.refresh_from_db()
    assert observation.state == Observation.State.BOOKED
    assert set(Notice.objects.filter(kind="quizzes.observation_further").values_list("person", flat=True)) == {
        third.pk,
        fourth.pk,
    }
    booking.join(observation=observation, assessor=third, now=timezone.now())
    with pytest.raises(RuleViolation, match="考评员名额已满"):
        booking.join(observation=observation, assessor=fourth, now=timezone.now())
    hand_in(observation, third, 2, 1)

    observation.refresh_from_db()
    assert (observation.state, str(observation.score), observation.passed) == ("scored", "75.00", True)


def test_a_sheet_is_final_and_open_criteria_are_named():
    _branches, made, learner, (first, *_others) = world()
    observation = booked(made, learner, [first], now=timezone.now())
    sheet = sheet_of(observation, first)
    some = dict(list(levels(observation, 2, 2).items())[:1])

    with pytest.raises(RuleViolation, match="道别"):
        scoring.hand_in(sheet=sheet, levels=some, vetoes=[], comment="", now=later())
    hand_in(observation, first, 2, 2)

    with pytest.raises(RuleViolation, match="已提交"):
        hand_in(observation, first, 0, 0)
    assert not scoring.save_draft(sheet=sheet, levels=some, vetoes=[], comment="x", sequence=99, now=later())


def test_before_its_start_a_sheet_is_a_draft_and_not_a_result():
    """No result may lie before the moment that it says it was observed."""
    _branches, made, learner, (first, *_others) = world()
    now = timezone.now()
    observation = booked(made, learner, [first], now=now)
    Observation.objects.update(starts_at=timezone.localtime(now).replace(hour=23, minute=58))
    observation.refresh_from_db()
    early = timezone.localtime(now).replace(hour=9, minute=27)
    sheet = sheet_of(observation, first)
    chosen = {"levels": levels(observation, 2, 2), "vetoes": [], "comment": "看到了"}

    for step in (scoring.weigh, scoring.hand_in):
        with pytest.raises(RuleViolation, match=r"23:58.*草稿"):
            step(sheet=sheet_of(observation, first), now=early, **chosen)
    assert scoring.save_draft(sheet=sheet, sequence=1, now=early, **chosen)
    scoring.hand_in(sheet=sheet, now=observation.starts_at, **chosen)

    observation.refresh_from_db()
    assert observation.state == Observation.State.SCORED and observation.settled_at == observation.starts_at


def test_an_older_draft_of_the_phone_never_wins():
    _branches, made, learner, (first, *_others) = world()
    observation = booked(made, learner, [first], now=timezone.now())
    sheet = sheet_of(observation, first)

    assert scoring.save_draft(sheet=sheet, levels={"a": 2}, vetoes=[], comment="第二", sequence=2, now=later())
    assert not scoring.save_draft(sheet=sheet, levels={"a": 0}, vetoes=[], comment="第一", sequence=1, now=later())

    sheet.refresh_from_db()
    assert (sheet.draft["levels"], sheet.comment) == ({"a": 2}, "第二")


def test_nobody_assesses_themselves_their_manager_or_without_leave_their_people():
    branches, made, learner, (first, second, *_others) = world()
    boss = person("8", "贺兰舟", branches["BJ01"], roles=[Role.ASSESSOR, Role.LINE_MANAGER])
    learner.postings.update(manager=boss)
    mine = booking.ask(practice=made, person=first, actor=first, words="", now=timezone.now())
    observation = booking.ask(practice=made, person=learner, actor=learner, words="", now=timezone.now())
    start = {"starts_at": timezone.now() + timedelta(days=1), "place": "大堂", "now": timezone.now()}
    first.postings.update(manager=second)

    with pytest.raises(RuleViolation, match="不能考评自己"):
        booking.offer(observation=mine, assessor=first, **start)
    with pytest.raises(RuleViolation, match="直属上级"):
        booking.offer(observation=observation, assessor=boss, **start)
    with pytest.raises(RuleViolation, match="直属上级"):
        booking.offer(observation=mine, assessor=second, **start)

    hr = person("7", "人事", branches["HO"], roles=[Role.HR])
    proposal = correcting.propose_manager(
        observation=observation, reason="考评员都在外地", actor=hr, now=timezone.now()
    )
    assert proposal.state == Proposal.State.ALONE
    booking.offer(observation=observation, assessor=boss, **start)
    assert JournalEntry.objects.filter(action="quizzes.allow_manager_to_assess", person=learner).exists()


def test_a_stranger_neither_asks_for_others_nor_assesses_elsewhere():
    branches, made, learner, _assessors = world()
    stranger = person("5", "外人甲", branches["SH01"], roles=[Role.ASSESSOR])
    observation = booking.ask(practice=made, person=learner, actor=learner, words="", now=timezone.now())

    with pytest.raises(LookupError):
        booking.ask(practice=made, person=learner, actor=stranger, words="", now=timezone.now())
    with pytest.raises(RuleViolation, match="不是对方所在机构的考评员"):
        booking.offer(
            observation=observation,
            assessor=stranger,
            starts_at=timezone.now() + timedelta(days=1),
            place="大堂",
            now=timezone.now(),
        )


def test_asked_twice_is_refused_as_is_a_leaver_and_who_failed_a_week_ago():
    _branches, made, learner, (first, *_others) = world()
    observation = booked(made, learner, [first], now=timezone.now())
    with pytest.raises(RuleViolation, match="已经申请过"):
        booking.ask(practice=made, person=learner, actor=learner, words="", now=timezone.now())
    hand_in(observation, first, 0, 0)

    with pytest.raises(RuleViolation, match="起可以再次申请"):
        booking.ask(practice=made, person=learner, actor=learner, words="", now=timezone.now())
    end_employment(
        person=first, last_day=timezone.localdate() - timedelta(days=1), reason="", now=timezone.now(), actor=None
    )
    with pytest.raises(RuleViolation, match="当前在职"):
        booking.ask(practice=made, person=first, actor=first, words="", now=timezone.now())


def test_put_off_withdrawn_and_stayed_away_say_by_whom_and_why():
    _branches, made, learner, (first, *_others) = world()
    observation = booked(made, learner, [first], now=timezone.now())
    with pytest.raises(RuleViolation, match="约定的时间还没有到"):
        booking.end(observation=observation, actor=first, came=False, reason="没有来", now=timezone.now())
    with pytest.raises(RuleViolation, match="由考评员登记"):
        booking.end(observation=observation, actor=learner, came=False, reason="我没去", now=later())

    put_off = booking.put_off(observation=observation, actor=learner, reason="客户临时来访", now=timezone.now())
    assert (put_off.state, put_off.starts_at) == (Observation.State.ASKED, None)
    ended = booking.end(observation=observation, actor=learner, came=True, reason="调岗", now=timezone.now())

    assert (ended.state, ended.ended_by_id, ended.end_reason) == ("withdrawn", learner.pk, "调岗")
    with pytest.raises(RuleViolation, match="已经结束"):
        booking.end(observation=observation, actor=learner, came=True, reason="再来", now=timezone.now())


def test_a_time_of_the_past_and_two_at_once_are_refused():
    branches, made, learner, (first, *_others) = world()
    other = person("2", "苏眠", branches["BJ01"])
    booked(made, learner, [first], now=timezone.now())
    observation = booking.ask(practice=made, person=other, actor=other, words="", now=timezone.now())
    place = {"assessor": first, "place": "大堂", "now": timezone.now()}

    with pytest.raises(RuleViolation, match="已经过去"):
        booking.offer(observation=observation, starts_at=timezone.now() - timedelta(minutes=1), **place)
    with pytest.raises(RuleViolation, match="另有安排"):
        booking.offer(observation=observation, starts_at=timezone.now() + timedelta(minutes=30), **place)
    with pytest.raises(RuleViolation, match="半年"):
        booking.offer(observation=observation, starts_at=timezone.now() + timedelta(days=400), **place)


def test_a_case_is_written_in_its_sections_before_it_is_scored():
    _branches, made, learner, (first, *_others) = world(
        kind="case", sections="客户\n方案", sections_en="Client\nProposal"
    )
    observation = booked(made, learner, [first], now=timezone.now())

    with pytest.raises(RuleViolation, match="书面案例尚未提交"):
        hand_in(observation, first, 2, 2)
    with pytest.raises(RuleViolation, match="方案"):
        written_case.hand_in_case(
            observation=observation, person=learner, texts=["一家五金店", " "], now=timezone.now()
        )
    written_case.hand_in_case(
        observation=observation, person=learner, texts=["一家五金店", "先不贷"], now=timezone.now()
    )
    hand_in(observation, first, 2, 2)

    observation.refresh_from_db()
    assert observation.passed
    assert [section["heading"] for section in observation.case["sections"]] == ["客户", "方案"]


def test_two_people_correct_a_sheet_and_what_stood_is_kept():
    branches, made, learner, (first, *_others) = world()
    hr, second = (
        person(number, name, branches["HO"], roles=[Role.HR]) for number, name in (("7", "人事甲"), ("6", "人事乙"))
    )
    observation = booked(made, learner, [first], now=timezone.now())
    hand_in(observation, first, 1, 0, comment="没有看客户")

    proposal = correcting.propose_correction(
        sheet=sheet_of(observation, first),
        levels=levels(observation, 2, 2),
        vetoes=[],
        reason="评分表填错了人",
        actor=hr,
        now=timezone.now(),
    )
    assert proposal.state == Proposal.State.WAITING
    decide_proposal(proposal=proposal, actor=second, approve=True, note="", now=timezone.now())

    observation.refresh_from_db()
    sheet = sheet_of(observation, first)
    assert (observation.passed, str(observation.score)) == (True, "100.00")
    assert observation.followed_up_at is None
    assert [one["fraction"] for one in sheet.before] == ["0.2500000000"]


def test_the_observed_person_answers_once():
    _branches, made, learner, (first, *_others) = world()
    observation = booked(made, learner, [first], now=timezone.now())
    with pytest.raises(RuleViolation, match="还没有结果"):
        scoring.answer(observation=observation, person=learner, words="谢谢", now=timezone.now())
    hand_in(observation, first, 2, 2)
    scoring.answer(observation=observation, person=learner, words="谢谢", now=timezone.now())

    with pytest.raises(RuleViolation, match="已经作过说明"):
        scoring.answer(observation=observation, person=learner, words="再谢", now=timezone.now())


def test_put_off_frees_the_places_and_hr_ends_what_an_assessor_holds_up():
    branches, made, learner, (first, second, third, _fourth) = world(assessors=2)
    hr = person("7", "人事", branches["HO"], roles=[Role.HR])
    observation = booked(made, learner, [first, second], now=timezone.now())
    booking.put_off(observation=observation, actor=first, reason="临时出差", now=timezone.now())
    start = timezone.now() + timedelta(minutes=1)
    booking.offer(observation=observation, assessor=third, starts_at=start, place="大堂", now=timezone.now())
    booking.join(observation=observation, assessor=second, now=timezone.now())
    booking.accept(observation=observation, person=learner, now=timezone.now())
    hand_in(observation, second, 2, 2)
    with pytest.raises(RuleViolation, match="已有考评员提交"):
        booking.offer(observation=observation, assessor=third, starts_at=later(), place="大堂", now=timezone.now())

    for actor in (learner, third):
        with pytest.raises(RuleViolation, match="已有考评员提交"):
            booking.end(observation=observation, actor=actor, came=True, reason="等不到", now=later())
    booking.end(observation=observation, actor=hr, came=True, reason="另一名考评员已离职", now=later())

    booking.ask(practice=made, person=learner, actor=learner, words="", now=later(60))


def test_a_manager_lets_nobody_allow_themselves_to_assess():
    branches, made, learner, _assessors = world()
    boss = person("8", "贺兰舟", branches["BJ01"], roles=[Role.ASSESSOR, Role.BRANCH_ADMINISTRATOR])
    learner.postings.update(manager=boss)
    observation = booking.ask(practice=made, person=learner, actor=learner, words="", now=timezone.now())

    with pytest.raises(RuleViolation):
        correcting.propose_manager(observation=observation, reason="人手不够", actor=boss, now=timezone.now())
    assert not Proposal.objects.exists()
