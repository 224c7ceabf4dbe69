"""What comes in between the steps of a round, and a step that was missed on its day."""

import pytest

from academy.decisions.four_eyes import PROPOSED_ACTIONS, decide_proposal
from academy.errors.refusals import RuleViolation
from academy.models import RoleGrant
from academy.staff.people import post_person
from certificates.award.awarding import end_certification, import_history, revoke_certification
from certificates.models import Certification, Requirement
from certificates.rounds.arranging import arrange_round
from certificates.rounds.facts import phase_of
from certificates.rounds.objecting import answer, object_to
from quizzes.models import Ban
from tests.cast import position
from tests.certificates.rounds.world import World, at, day

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def renewing() -> World:
    """The first of the people holds the level and renews it in the round, the second earns it."""
    world = World()
    Requirement.objects.filter(kind="course").update(purpose="both")
    import_history(
        person=world.people[0],
        track=world.track,
        awarded_on=day(-300),
        valid_through=day(40),
        now=at(0),
        actor=world.hr,
        told=False,
    )
    return world


def listed(world: World, *people) -> None:
    world.announce()
    world.apply(*people)
    world.judge()
    world.learn(*people)
    world.list()


def awarded(world: World) -> list:
    return [row.person for row in Certification.objects.filter(document_number__gt="").order_by("person__pk")]


@pytest.mark.parametrize("kind", ["revoked", "ended"])
def test_who_loses_the_level_after_the_results_is_not_renewed_by_the_clock(kind):
    world = renewing()
    one, two, _three = world.people
    listed(world, one, two)
    world.decide()
    held = Certification.objects.get(person=one)
    end_certification(
        certification=held, kind=kind, effective_on=day(26), reason="违规销售", now=at(25), actor=world.hr
    )
    world.tick(26)
    assert awarded(world) == [two]
    assert world.of(one).ending == "lost"


def test_a_renewal_of_a_level_that_still_holds_is_issued():
    world = renewing()
    listed(world, world.people[0])
    world.decide()
    world.tick(26)
    assert awarded(world) == [world.people[0]]


def test_whom_a_ban_reaches_before_the_award_date_is_not_awarded_where_the_rules_ask_for_none():
    world = World()
    one, two, _three = world.people
    Requirement.objects.create(rule_version=world.track.rule_versions.get(), kind="no_ban", phase="apply", sort_order=9)
    listed(world, one, two)
    world.decide()
    Ban.objects.create(person=one, effective_from=day(25), effective_until=day(90), reason="替考", recorded_at=at(25))
    world.tick(26)
    assert awarded(world) == [two]
    assert world.of(one).ending == "lost"


def test_a_level_that_was_revoked_is_on_no_award_list_of_one_person_alone():
    world = renewing()
    one, two, _three = world.people
    revoke_certification(
        certification=Certification.objects.get(person=one), reason="违规销售", now=at(0), actor=world.hr
    )
    listed(world, one, two)
    others = RoleGrant.objects.exclude(person=world.hr)
    others.update(effective_until=day(20))
    with pytest.raises(RuleViolation, match="两人"):
        world.propose()
    others.update(effective_until=None)
    proposal = world.decide()
    said = dict(PROPOSED_ACTIONS[proposal.action].describe(proposal))
    assert said["此前被撤销或终止"] == str(one)
    world.tick(26)
    assert awarded(world) == [one, two]


def test_a_missed_judging_is_made_up_on_days_that_are_moved():
    world = World()
    world.announce()
    world.apply(world.people[0])
    with pytest.raises(RuleViolation, match="调整日期"):
        world.judge(11)
    world.round.refresh_from_db()
    for name, number in (("objections_until", 12), ("exams_from", 13), ("exams_until", 14)):
        setattr(world.round, name, day(number))
    arrange_round(certification_round=world.round, actor=world.hr, now=at(11))
    world.judge(11)
    assert phase_of(world.round, day(11)) == "eligibility"


def test_a_missed_award_date_is_moved_before_anybody_is_awarded_in_the_past():
    """Proposed before the common day and agreed after it, nobody is certified on a day before two people agreed."""
    world = World()
    one, two = world.people[:2]
    listed(world, one, two)
    proposal = world.propose(26)
    with pytest.raises(RuleViolation, match="统一认证日期已过"):
        decide_proposal(proposal=proposal, approve=True, note="", actor=world.second, now=at(28))
    world.round.refresh_from_db()
    world.round.award_on = day(28)
    arrange_round(certification_round=world.round, actor=world.hr, now=at(28))
    decide_proposal(proposal=proposal, approve=True, note="", actor=world.second, now=at(28))
    world.tick(28)

    assert awarded(world) == [one, two]
    assert {held.valid_from for held in Certification.objects.all()} == {day(28)}


def test_a_missed_listing_is_made_up_on_days_that_are_moved():
    world = World()
    one = world.people[0]
    world.announce()
    world.apply(one)
    world.judge()
    world.learn(one)
    with pytest.raises(RuleViolation, match="调整日期"):
        world.list(20)
    world.round.refresh_from_db()
    world.round.publicity_from = day(19)
    with pytest.raises(RuleViolation, match="今天"):
        arrange_round(certification_round=world.round, actor=world.hr, now=at(20))
    world.round.publicity_from = day(20)
    arrange_round(certification_round=world.round, actor=world.hr, now=at(20))
    world.list(20)
    world.decide()
    world.tick(26)
    assert awarded(world) == [one]


def test_who_is_eligible_by_an_objection_or_changed_the_post_since_passes_by_what_is_to_be_passed():
    world = World()
    one, two, _three = world.people
    world.announce()
    world.apply(one, two, world.newcomer)
    world.judge()
    made = object_to(
        application=world.of(world.newcomer), about="eligibility", words="曾任同岗", actor=world.newcomer, now=at(6)
    )
    answer(objection=made, upheld=True, words="核实属实", actor=world.second, now=at(7))
    post_person(
        person=one,
        branch=world.branches["SH01"],
        position=position("staff"),
        effective_from=day(9),
        now=at(9),
        actor=None,
    )
    world.learn(one, world.newcomer)
    world.list()
    assert [world.of(each).result for each in (one, two, world.newcomer)] == ["passed", "failed", "passed"]
    world.decide()
    world.tick(26)
    assert awarded(world) == [one, world.newcomer]
