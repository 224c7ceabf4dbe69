"""What a decision may not bring about by a way round, and who sees what it would do."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from academy.errors.refusals import RuleViolation
from academy.models import Leave, Notice, Proposal, Role
from academy.person_record.naming import NOBODY, marks_of
from certificates.award.all_met import award_all_met
from certificates.award.awarding import end_certification, revoke_certification
from certificates.deciding.ending import grounds_of
from certificates.deciding.shown import MOST, panel
from certificates.models import AwardCandidate, Certification, CertificationEnding, Decision, Requirement, RuleVersion
from certificates.outside.checking import SETTING_ASIDE
from certificates.record.erasure import certificate_steps
from certificates.rules.judging import judge
from tests.cast import person
from tests.certificates.deciding.scenes import TODAY, World, standing

WAITS = "人已满足 CM1 全部条件，等待您审批"
pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def world():
    return World()


def test_what_is_reckoned_is_not_enough_to_be_left(world):
    version = RuleVersion.objects.get(track=world.cm2)
    Requirement.objects.create(rule_version=version, kind="no_ban", phase="apply", sort_order=1)
    Requirement.objects.create(rule_version=version, kind="years_in_finance", amount=1, sort_order=2)

    with pytest.raises(RuleViolation, match=r"没有任何要求|Nothing would be left"):
        world.propose("waive", track=world.cm2, about=world.course(2))


def test_a_group_that_is_full_by_a_waiver_leaves_nothing(world):
    Requirement.objects.filter(rule_version__track=world.cm1).update(group="A", group_needs=1)

    with pytest.raises(RuleViolation, match=r"没有任何要求|Nothing would be left"):
        world.propose("waive", about=world.course(0))
    Requirement.objects.filter(rule_version__track=world.cm1).update(group_needs=2)
    assert world.propose("waive", about=world.course(0)).state == Proposal.State.WAITING


def test_waivers_for_one_award_and_for_good_count_together(world):
    world.decide("waive", about=world.course(0), this_cycle=True)

    with pytest.raises(RuleViolation, match=r"没有任何要求|Nothing would be left"):
        world.propose("waive", about=world.course(1))


@pytest.mark.parametrize("act", ["revoke", "end"])
def test_nothing_ends_on_a_day_to_come(world, act):
    world.holds(world.learner, world.cm2)

    with pytest.raises(RuleViolation, match="该日期尚未到来"):
        world.propose(act, track=world.cm2, on=TODAY() + timedelta(days=1))
    assert not Proposal.objects.exists()


def test_what_ends_soon_is_not_renewed_by_the_rules_alone(world):
    Requirement.objects.filter(rule_version__track=world.cm2).update(purpose="both")
    for one in (world.learner, world.other):
        held = world.holds(one, world.cm2, through=10)
        if one == world.learner:
            end_certification(
                certification=held,
                kind=CertificationEnding.Kind.REVOKED,
                effective_on=TODAY() + timedelta(days=5),
                reason="代考",
                now=timezone.now(),
                actor=world.hr,
            )
        world.learns(one, 2)
        award_all_met(person=one, now=timezone.now())

    assert standing(world.cm2, on=TODAY() + timedelta(days=20)) == ["100002"]


def test_whoever_looks_sees_consequences_of_their_own_people_only(world):
    world.holds(world.learner, world.cm2)
    world.holds(world.foreign, world.cm2)
    proposal = world.propose("revoke", world.learner, world.foreign, track=world.cm2)
    beijing = person("300009", "贝岚", world.branches["BJ"], roles=[Role.HR])

    def shown(viewer):
        context = panel(proposal, viewer, timezone.now())["context"]
        effects = context["effects"]
        return [one.person for one in effects.people] if effects else [], context["unshown"]

    assert shown(beijing) == ([world.learner], 1)
    assert shown(world.second) == ([world.learner, world.foreign], 0)
    assert shown(world.learner) == ([], 2)


def test_a_long_list_is_tried_for_the_first_people_and_those_revoked_before(world):
    people = [person(f"1100{number:02}", "段一鸣", world.branches["BJ01"]) for number in range(MOST + 2)]
    last = people[-1]
    revoke_certification(
        certification=world.holds(last, world.cm2), reason="资料有误", now=timezone.now(), actor=world.hr
    )
    world.learns(last, 2, ago=0)
    proposal = world.propose("award", *people, track=world.cm2)

    context = panel(proposal, world.second, timezone.now())["context"]

    assert [one.person for one in context["effects"].people] == [last, *people[: MOST - 1]]
    assert context["unshown"] == 2


def test_who_is_decided_about_may_be_referred_to_meanwhile(world):
    with CaptureQueriesContext(connection) as asked:
        world.propose("award", track=world.cm2)
        world.decide("award", world.other, track=world.cm2)
    locks = [one["sql"] for one in asked if "FOR UPDATE" in one["sql"] and 'FROM "academy_user"' in one["sql"]]
    assert locks == []


def test_reinstating_counts_leave_once_and_keeps_an_extension(world):
    day = TODAY() - timedelta(days=20)
    world.holds(world.learner, world.cm2, through=20)
    Leave.objects.create(
        person=world.learner,
        kind=Leave.Kind.ILLNESS,
        effective_from=TODAY() - timedelta(days=10),
        effective_until=TODAY() + timedelta(days=5),
    )
    world.decide("extend", track=world.cm2, until=TODAY() + timedelta(days=120))
    before = judge(person=world.learner, track=world.cm2, today=TODAY()).through

    world.decide("revoke", track=world.cm2, on=day)
    world.decide("reinstate", track=world.cm2, on=day)

    again = Certification.objects.get(kind="reinstated")
    assert again.valid_through == TODAY() + timedelta(days=20)
    assert judge(person=world.learner, track=world.cm2, today=TODAY()).through == before


def test_a_level_reinstated_ends_the_lower_one_held_instead(world):
    world.holds(world.learner, world.cm2)
    world.decide("lower", track=world.cm2, lower=world.cm1)

    world.decide("reinstate", track=world.cm2)

    assert (standing(world.cm2), standing(world.cm1)) == (["100001"], [])


@pytest.mark.parametrize("act", ["revoke", "end"])
def test_what_was_taken_away_and_is_met_still_waits_for_hr_from_that_moment(world, client, act):
    world.learns(world.learner, 0, 1)
    client.force_login(world.hr)
    home = reverse("wagtailadmin_home")
    assert WAITS not in client.get(home).text

    world.decide(act, reason="资料有误")
    waits = client.get(home).text
    world.decide("reinstate")

    assert WAITS in waits
    assert WAITS not in client.get(home).text
    assert not Notice.objects.filter(person=world.learner, kind="ready_for_award").exists()


def test_what_a_waiver_made_up_for_waits_no_more_once_it_is_taken_back(world):
    world.learns(world.learner, 0, 1)
    world.decide("revoke", grounds=(world.course(1),), reason="代考")
    world.decide("waive", about=world.course(1))
    waited = AwardCandidate.objects.filter(closed_at=None).count()

    world.decide("take_back", decision=Decision.objects.get(act="waive").pk)

    assert (waited, AwardCandidate.objects.filter(closed_at=None).count()) == (1, 0)


def test_a_lower_level_that_was_revoked_is_not_given_by_one_person(world):
    world.holds(world.learner, world.cm1)
    world.holds(world.learner, world.cm2)
    world.decide("revoke", reason="资料有误")
    world.leaves_hr_alone()

    with pytest.raises(RuleViolation, match=r"两人|two people"):
        world.propose("lower", track=world.cm2, lower=world.cm1)


def test_what_lapsed_is_revoked_while_the_way_back_is_open(world):
    Requirement.objects.filter(rule_version__track=world.cm2).update(purpose="both")
    world.holds(world.learner, world.cm2, since=400, through=-10)
    world.decide("revoke", track=world.cm2, reason="代考")

    world.learns(world.learner, 2)

    assert standing(world.cm2) == []
    world.holds(world.other, world.cm2, since=2000, through=-1500)
    with pytest.raises(RuleViolation, match="沈知行"):
        world.propose("revoke", world.other, track=world.cm2)


def test_a_waiver_is_no_ground_that_could_be_refused(world):
    world.learns(world.learner, 0)
    world.decide("waive", about=world.course(1))

    assert [subject for subject, _pk, _day in grounds_of(Certification.objects.get())] == [world.course(0)]


def test_the_certificate_of_what_was_ended_is_not_replaced(world):
    world.holds(world.learner, world.cm2)
    world.decide("end", track=world.cm2)

    with pytest.raises(RuleViolation, match="欧阳文澜"):
        world.propose("correct", track=world.cm2)


def test_the_reason_of_an_award_by_hand_goes_with_the_person(world):
    world.decide("award", track=world.cm2, reason="因病免试")
    aside = Proposal.objects.create(action=SETTING_ASIDE, proposed_by=world.hr, facts={"number": "ZS-2020-77"})
    aside.people.add(world.learner)

    for step in certificate_steps(world.learner, marks_of(world.learner)):
        step.act(True)

    held = Certification.objects.get()
    assert "因病免试" not in str(held.evidence)
    assert held.evidence[-1]["label"] == NOBODY
    aside.refresh_from_db()
    assert aside.facts == {"number": NOBODY}
