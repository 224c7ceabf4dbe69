"""A round from its notice to its certificates: what each step asks, and what it refuses."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from academy.errors.refusals import RuleViolation
from academy.models import Notice, Proposal, Role
from academy.staff.people import end_employment, post_person
from certificates.award.all_met import award_all_met
from certificates.award.awarding import award_if_met, import_history
from certificates.models import AwardCandidate, Certificate, Certification, RoundApplication, RuleVersion
from certificates.register.rows import RELATED, RegisterQuery, rows_of_certificates
from certificates.rounds.applying import apply_in_round, withdraw
from certificates.rounds.arranging import announce, arrange_round, cancel
from certificates.rounds.facts import phase_of
from certificates.rounds.issuing import propose_award_list, take_leavers_out
from certificates.rounds.judging import judge_eligibility
from certificates.rounds.listing import list_results
from certificates.rounds.objecting import answer, object_to
from tests.cast import person, position
from tests.certificates.rounds.world import World, at, day, round_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.mark.both
def test_a_round_runs_from_its_notice_to_certificates_of_one_day_and_one_number():
    world = World()
    one, two, three = world.people
    world.announce()
    world.apply(one, two, three, world.newcomer)
    world.judge()
    world.learn(one, two)
    world.list()
    assert [phase_of(world.round, day(n)) for n in (17, 18, 24, 25)] == [
        "results",
        "publicity",
        "publicity",
        "deciding",
    ]
    world.decide()
    assert world.tick(25).issued == 0
    assert phase_of(world.round, day(25)) == "decided"

    world.tick(26)

    made = Certification.objects.order_by("person__staff_number")
    assert [row.person for row in made] == [one, two]
    assert {(row.awarded_on, row.document_number) for row in made} == {(day(26), "人发〔2026〕12号")}
    assert {row.rule_version for row in made} == {world.round.rule_version}
    question = RegisterQuery(as_of=day(26), known_as_of=at(26))
    rows = rows_of_certificates(question, Certificate.objects.select_related(*RELATED))
    assert {(row.values["认证批次"], row.values["发文文号"]) for row in rows} == {("春季批次", "人发〔2026〕12号")}
    assert {(row.values["经办人"], row.values["复核人"]) for row in rows} == {("苏映雪 300001", "程有仪 300003")}
    world.round.refresh_from_db()
    assert phase_of(world.round, day(26)) == "closed"
    assert [world.of(each).state for each in (three, world.newcomer)] == ["不合格", "审查未通过"]
    assert not RoundApplication.objects.filter(closed_at=None).exists()


def test_everybody_concerned_is_told_at_each_step():
    world = World()
    one, _two, three = world.people
    world.announce()
    told = set(Notice.objects.filter(kind="certificates.round_announced").values_list("person", flat=True))
    assert told == {each.pk for each in (*world.people, world.stranger)}
    world.apply(one, three, world.newcomer)
    world.judge()
    refused = Notice.objects.get(kind="certificates.round_refused")
    assert refused.person == world.newcomer
    assert "任岗" in refused.facts["reasons"]["zh-hans"]
    assert "months in post" in refused.facts["reasons"]["en"]
    world.learn(one)
    world.list()
    results = Notice.objects.filter(kind="certificates.round_result").order_by("person__staff_number")
    assert [row.facts["result"]["zh-hans"] for row in results] == ["合格", "不合格"]


def test_days_that_are_past_or_out_of_order_are_refused():
    world = World()
    for fields in ({"apply_from": day(-1)}, {"judged_on": day(4)}, {"resits_until": day(17)}, {"award_on": day(24)}):
        with pytest.raises(RuleViolation):
            arrange_round(certification_round=round_of(world.track, **fields), actor=world.hr, now=at(0))
        if fields != {"apply_from": day(-1)}:
            with pytest.raises(IntegrityError), transaction.atomic():
                round_of(world.track, **fields).save()
    with pytest.raises(RuleViolation, match="已过"):
        announce(certification_round=world.round, actor=world.hr, now=at(1))


def test_of_an_announced_round_only_days_move_forward_and_who_stands_in_it_is_told():
    world = World()
    world.announce()
    world.apply(world.people[0])
    world.round.results_on = day(18)
    arrange_round(certification_round=world.round, actor=world.hr, now=at(2))
    assert Notice.objects.get(kind="certificates.round_moved").person == world.people[0]
    for name, value in (("results_on", day(17)), ("places", 3), ("apply_from", day(3))):
        world.round.refresh_from_db()
        setattr(world.round, name, value)
        with pytest.raises(RuleViolation):
            arrange_round(certification_round=world.round, actor=world.hr, now=at(2))


def test_the_rules_are_those_of_the_day_of_the_notice():
    world = World()
    world.announce()
    RuleVersion.objects.create(track=world.track, number=2, effective_from=day(1))
    world.apply(world.people[0])
    world.judge()
    assert world.round.rule_version.number == 1
    assert world.of(world.people[0]).eligible


def test_a_person_stands_in_one_open_round_of_a_track():
    world = World()
    world.announce()
    world.apply(world.people[0])
    other = arrange_round(certification_round=round_of(world.track, name="另一批次"), actor=world.hr, now=at(0))
    other = announce(certification_round=other, actor=world.hr, now=at(0))
    with pytest.raises(RuleViolation, match="春季批次"):
        apply_in_round(certification_round=other, person=world.people[0], actor=world.people[0], words="", now=at(1))
    with pytest.raises(IntegrityError), transaction.atomic():
        RoundApplication.objects.create(
            round=other, track=world.track, person=world.people[0], applied_by=world.people[0], applied_at=at(1)
        )
    withdraw(application=world.of(world.people[0]), actor=world.people[0], now=at(2))
    apply_in_round(certification_round=other, person=world.people[0], actor=world.people[0], words="", now=at(2))


def test_a_round_of_one_line_and_branch_takes_its_own_and_leaves_the_others_to_rolling_award():
    world = World(lines=["retail"])
    world.round.branch = world.branches["BJ"]
    world.round.save()
    world.announce()
    with pytest.raises(RuleViolation, match="条线"):
        world.apply(world.stranger)
    world.learn(world.people[0], world.stranger)
    award_all_met(person=world.people[0], now=at(2))
    award_all_met(person=world.stranger, now=at(2))

    assert [row.person for row in Certification.objects.all()] == [world.stranger]
    assert award_if_met(person=world.people[0], track=world.track, now=at(2), actor=world.hr) is None


def test_hr_is_shown_nobody_as_ready_whom_a_round_awards():
    world = World(track={"award": "approval"})
    world.announce()
    world.learn(world.people[0])
    award_all_met(person=world.people[0], now=at(2))
    assert not AwardCandidate.objects.filter(closed_at=None).exists()
    cancel(certification_round=world.round, reason="机构调整", actor=world.hr, now=at(3))
    award_all_met(person=world.people[0], now=at(3))
    assert AwardCandidate.objects.filter(closed_at=None).count() == 1


def test_only_the_manager_applies_where_the_round_says_so():
    world = World(applying="manager")
    world.announce()
    assert Notice.objects.get(kind="certificates.round_for_team").person == world.manager
    one = world.people[0]
    with pytest.raises(RuleViolation, match="直属上级"):
        world.apply(one)
    with pytest.raises(RuleViolation, match="直属上级"):
        apply_in_round(certification_round=world.round, person=one, actor=world.hr, words="", now=at(1))
    apply_in_round(certification_round=world.round, person=one, actor=world.manager, words="工作扎实", now=at(1))
    assert Notice.objects.get(kind="certificates.round_applied").person == one
    withdraw(application=world.of(one), actor=world.manager, now=at(2))
    assert world.of(one).ending == "withdrawn"


def test_everybody_who_may_is_entered_where_nobody_applies():
    world = World(applying="all")
    world.announce()
    with pytest.raises(RuleViolation, match="纳入"):
        world.apply(world.people[0])
    world.judge()
    entered = set(world.round.applications.values_list("person", flat=True))
    assert entered == {each.pk for each in (*world.people, world.stranger)}


def test_an_objection_to_eligibility_is_answered_by_somebody_who_did_not_judge():
    world = World()
    world.announce()
    world.apply(world.newcomer, world.people[0])
    world.judge()
    mine = world.of(world.newcomer)
    made = object_to(application=mine, about="eligibility", words="此前在分行任同岗", actor=world.newcomer, now=at(6))
    waiting = set(Notice.objects.filter(kind="certificates.round_objected").values_list("person", flat=True))
    assert waiting == {world.second.pk, world.third.pk}
    assert phase_of(world.round, day(9)) == "eligibility"
    with pytest.raises(RuleViolation, match="未参与资格审查和成绩名单"):
        answer(objection=made, upheld=True, words="属实", actor=world.hr, now=at(7))
    with pytest.raises(RuleViolation, match="书面"):
        answer(objection=made, upheld=True, words=" ", actor=world.second, now=at(7))
    answer(objection=made, upheld=True, words="核实属实", actor=world.second, now=at(7))
    assert world.of(world.newcomer).eligible
    assert Notice.objects.get(kind="certificates.round_answered").facts["answer"] == "核实属实"
    with pytest.raises(RuleViolation):
        object_to(application=world.of(world.people[0]), about="eligibility", words="x", actor=world.second, now=at(7))


def test_the_term_of_objections_ends():
    world = World()
    world.announce()
    world.apply(world.newcomer)
    world.judge()
    with pytest.raises(RuleViolation, match="期限"):
        object_to(
            application=world.of(world.newcomer), about="eligibility", words="晚了", actor=world.newcomer, now=at(9)
        )


def test_who_is_objected_against_is_not_awarded_before_the_answer():
    world = World()
    one, two, _three = world.people
    world.announce()
    world.apply(one, two)
    world.judge()
    world.learn(one, two)
    world.list()
    made = object_to(application=world.of(two), about="listed", words="有投诉", actor=world.stranger, now=at(19))
    world.decide()
    world.tick(26)
    assert [row.person for row in Certification.objects.all()] == [one]
    world.round.refresh_from_db()
    assert phase_of(world.round, day(26)) == "issued"
    answer(objection=made, upheld=False, words="经查不属实", actor=world.third, now=at(27))
    world.decide(27)
    world.tick(27)
    assert Certification.objects.get(person=two).awarded_on == day(26)
    world.round.refresh_from_db()
    assert phase_of(world.round, day(27)) == "closed"


def test_an_objection_that_is_upheld_takes_the_listed_person_out():
    world = World()
    one, two, _three = world.people
    world.announce()
    world.apply(one, two)
    world.judge()
    world.learn(one, two)
    world.list()
    made = object_to(application=world.of(two), about="listed", words="有处分", actor=one, now=at(19))
    answer(objection=made, upheld=True, words="处分属实", actor=world.third, now=at(20))
    world.decide()
    world.tick(26)
    assert [row.person for row in Certification.objects.all()] == [one]
    assert Notice.objects.get(kind="certificates.round_taken_out").person == two


def test_a_result_changes_by_corrected_facts_only():
    world = World()
    three = world.people[2]
    world.announce()
    world.apply(three, world.people[0])
    world.judge()
    world.learn(world.people[0])
    world.list()
    with pytest.raises(RuleViolation, match="公示名单"):
        object_to(application=world.of(world.people[0]), about="result", words="x", actor=world.people[0], now=at(18))
    made = object_to(application=world.of(three), about="result", words="课程已完成", actor=three, now=at(18))
    with pytest.raises(RuleViolation, match="先更正"):
        answer(objection=made, upheld=True, words="属实", actor=world.second, now=at(19))
    made.refresh_from_db()
    assert made.answered_at is None
    world.learn(three)
    answer(objection=made, upheld=True, words="补记后属实", actor=world.second, now=at(19))
    assert world.of(three).result == "passed"


def test_only_so_many_as_there_are_places_are_awarded():
    world = World(places=1, ranking="order")
    one, two, _three = world.people
    world.announce()
    world.apply(two, now=at(1))
    world.apply(one, now=at(1) + timedelta(hours=1))
    world.judge()
    world.learn(one, two)
    world.list()
    assert [(world.of(each).rank, world.of(each).has_place) for each in (two, one)] == [(1, True), (2, False)]
    world.decide()
    world.tick(26)
    assert [row.person for row in Certification.objects.all()] == [two]
    assert world.of(one).state == "合格，未进入名额"


def test_a_leaver_falls_out_and_who_moves_stays():
    world = World()
    one, two, three = world.people
    world.announce()
    world.apply(one, two, three)
    end_employment(person=three, last_day=day(1), now=at(1), actor=world.hr, reason="辞职")
    post_person(
        person=two, branch=world.branches["SH01"], position=position(), effective_from=day(2), now=at(2), actor=None
    )
    assert take_leavers_out(now=at(2)) == 1
    assert world.of(three).ending == "left"
    world.judge()
    world.learn(one, two)
    world.list()
    world.decide()
    end_employment(person=one, last_day=day(25), now=at(25), actor=world.hr, reason="辞职")
    world.tick(26)
    assert [row.person for row in Certification.objects.all()] == [two]
    assert (world.of(two).branch, world.of(one).ending) == (world.branches["BJ01"], "left")


def test_who_obtained_the_level_meanwhile_or_lost_what_it_rests_on_is_not_awarded():
    world = World()
    one, two, _three = world.people
    world.announce()
    world.apply(one, two)
    world.judge()
    world.learn(one, two)
    world.list()
    world.decide()
    import_history(
        person=one, track=world.track, awarded_on=day(-5), valid_through=day(700), now=at(25), actor=world.hr
    )
    two.enrolments.all().update(completed_on=None, completed_at=None)
    world.tick(26)
    assert Certification.objects.filter(document_number__gt="").count() == 0
    assert [world.of(each).ending for each in (one, two)] == ["holds", "lost"]


def test_the_award_list_waits_for_a_second_person_and_stands_once():
    world = World()
    one = world.people[0]
    world.announce()
    world.apply(one)
    world.judge()
    world.learn(one)
    world.list()
    with pytest.raises(RuleViolation, match="公示期"):
        world.propose(24)
    proposal = world.propose(25)
    assert proposal.state == Proposal.State.WAITING
    world.tick(26)
    assert not Certification.objects.exists()
    with pytest.raises(RuleViolation, match="已提交"):
        world.propose(25)


def test_who_is_an_applicant_or_from_elsewhere_does_not_lead_the_round():
    world = World()
    shanghai = person("300002", "沪人资", world.branches["SH"], roles=[Role.HR])
    steps = [
        lambda actor: announce(certification_round=world.round, actor=actor, now=at(0)),
        lambda actor: cancel(certification_round=world.round, reason="x", actor=actor, now=at(0)),
        lambda actor: arrange_round(certification_round=world.round, actor=actor, now=at(0)),
    ]
    for step in steps:
        for actor in (shanghai, world.manager, world.people[0]):
            with pytest.raises(RuleViolation):
                step(actor)
    world.announce()
    for step in (judge_eligibility, list_results):
        with pytest.raises(RuleViolation):
            step(certification_round=world.round, actor=shanghai, now=at(17))
    post_person(
        person=world.hr,
        branch=world.branches["HO"],
        position=position(),
        effective_from=day(-70),
        now=at(0),
        actor=None,
    )
    world.apply(world.hr, world.people[0])
    with pytest.raises(RuleViolation, match="本人"):
        world.judge()


def test_steps_out_of_their_turn_are_refused_and_twice_is_once():
    world = World()
    with pytest.raises(RuleViolation):
        judge_eligibility(certification_round=world.round, actor=world.hr, now=at(5))
    world.announce()
    world.announce()
    with pytest.raises(RuleViolation, match="起"):
        world.judge(4)
    with pytest.raises(RuleViolation, match="调整日期"):
        world.judge(9)
    with pytest.raises(RuleViolation):
        world.list()
    with pytest.raises(RuleViolation):
        propose_award_list(certification_round=world.round, document_number="1", reason="x", actor=world.hr, now=at(25))
    with pytest.raises(RuleViolation):
        world.apply(world.people[0], now=at(5))
    cancel(certification_round=world.round, reason="停办", actor=world.hr, now=at(6))
    with pytest.raises(RuleViolation):
        world.judge(6)
