"""What a decision may not bring about by a way round, and who sees what it would do."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from academy.errors.refusals import RuleViolation
from academy.models import Proposal, Role
from certificates.award.awarding import award_all_met, end_certification, revoke_certification
from certificates.deciding.proposing import SHOWN, panel
from certificates.models import CertificationEnding, Requirement, RuleVersion
from tests.cast import person
from tests.certificates.deciding.scenes import TODAY, World, standing

pytestmark = [pytest.mark.django_db, pytest.mark.database, pytest.mark.both]


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
    people = [person(f"1100{number:02}", "段一鸣", world.branches["BJ01"]) for number in range(SHOWN + 2)]
    last = people[-1]
    revoke_certification(
        certification=world.holds(last, world.cm2), reason="资料有误", now=timezone.now(), actor=world.hr
    )
    world.learns(last, 2, ago=0)
    proposal = world.propose("award", *people, track=world.cm2)

    context = panel(proposal, world.second, timezone.now())["context"]

    assert [one.person for one in context["effects"].people] == [last, *people[: SHOWN - 1]]
    assert context["unshown"] == 2


def test_who_is_decided_about_may_be_referred_to_meanwhile(world):
    with CaptureQueriesContext(connection) as asked:
        world.propose("award", track=world.cm2)
        world.decide("award", world.other, track=world.cm2)
    locks = [one["sql"] for one in asked if "FOR UPDATE" in one["sql"] and 'FROM "academy_user"' in one["sql"]]
    assert locks == []
