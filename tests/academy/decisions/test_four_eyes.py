"""经办 / 复核: who may decide, what happens then, and that nobody outside sees it."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from academy.decisions.four_eyes import (
    PROPOSED_ACTIONS,
    decide_proposal,
    propose,
    register_proposal,
    waiting_for,
    withdraw_proposal,
)
from academy.decisions.switching import SWITCH_OFF, switch_four_eyes, switch_refusal
from academy.errors.refusals import RuleViolation
from academy.models import FourEyesSwitch, JournalEntry, Notice, Proposal, Role
from academy.staff.roles import grant_role
from academy.staff.sign_in import give_first_password
from tests.cast import bank, person

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def done():
    """An act that only notes that it was carried out."""
    carried: list = []

    def carry_out(*, proposal, actor, now):
        if proposal.facts.get("refuse"):
            raise RuleViolation("no")
        carried.append((proposal.pk, actor.staff_number))

    register_proposal(
        "tests.act",
        label="act",
        carry_out=carry_out,
        describe=lambda proposal: [("what", "this")],
        undone_by="tests.act",
    )
    yield carried
    del PROPOSED_ACTIONS["tests.act"]


@pytest.fixture
def branches():
    return bank()


@pytest.fixture
def maker(branches):
    return person("300001", "苏映雪", branches["BJ"], roles=[Role.HR])


@pytest.fixture
def learner(branches):
    return person("100001", "欧阳文澜", branches["BJ01"])


def proposed(maker, learner, **facts):
    return propose(action="tests.act", people=[learner], facts=facts, reason="because", actor=maker, now=timezone.now())


def test_every_act_of_two_people_is_undone_by_two_or_never():
    undoing = {act.undone_by for act in PROPOSED_ACTIONS.values()} - {None}

    assert undoing <= set(PROPOSED_ACTIONS)
    for code in undoing:
        # What undoes it may itself be undone, by two people too.
        assert PROPOSED_ACTIONS[code].undone_by in PROPOSED_ACTIONS


def test_alone_it_takes_effect_at_once_and_says_so(done, maker, learner):
    proposal = proposed(maker, learner)

    assert proposal.state == Proposal.State.ALONE
    assert done == [(proposal.pk, "300001")]


def test_with_a_second_person_it_waits_and_takes_effect_once(done, maker, learner, branches):
    checker = person("300003", "钟礼安", branches["HO"], roles=[Role.HR])
    proposal = proposed(maker, learner)
    assert done == []
    assert Notice.objects.filter(person=checker).count() == 1

    for _ in range(2):
        decide_proposal(proposal=proposal, approve=True, note="", actor=checker, now=timezone.now())

    assert done == [(proposal.pk, "300003")]
    assert JournalEntry.objects.filter(action="academy.decide_proposal").count() == 1
    assert Notice.objects.filter(person=maker).count() == 1


def test_hr_of_another_branch_is_no_second_person_and_sees_nothing(done, maker, learner, branches, client):
    other = person("300002", "陆明川", branches["SH"], roles=[Role.HR])
    assert proposed(maker, learner).state == Proposal.State.ALONE
    person("300003", "钟礼安", branches["HO"], roles=[Role.HR])
    proposal = proposed(maker, learner)

    with pytest.raises(RuleViolation):
        decide_proposal(proposal=proposal, approve=True, note="", actor=other, now=timezone.now())
    client.force_login(other)

    assert client.get(reverse("proposals:decide", args=[proposal.pk])).status_code == 404
    assert learner.display_name not in client.get(reverse("proposals:index")).content.decode()


def test_nobody_approves_their_own_or_about_themselves(done, maker, learner, branches):
    checker = person("300003", "钟礼安", branches["HO"], roles=[Role.HR])
    own, about_checker = proposed(maker, learner), proposed(maker, checker)

    for proposal, actor in ((own, maker), (about_checker, checker)):
        with pytest.raises(RuleViolation):
            decide_proposal(proposal=proposal, approve=True, note="", actor=actor, now=timezone.now())
    with pytest.raises(RuleViolation):
        proposed(maker, maker)
    assert about_checker.state == Proposal.State.ALONE


def test_a_list_with_everybody_who_could_decide_makes_nobody_enough_alone(done, maker, learner, branches):
    others = [person(f"30000{number}", f"人事{number}", branches["HO"], roles=[Role.HR]) for number in (3, 4)]
    elsewhere = person("100099", "林一舟", branches["SH01"])

    def propose_for(*people):
        return propose(
            action="tests.act", people=people, facts={}, reason="because", actor=others[0], now=timezone.now()
        )

    with pytest.raises(RuleViolation, match="名单"):
        propose_for(learner, others[1], maker)
    assert done == [] and not Proposal.objects.exists()
    # One by one there is a second person.
    assert propose_for(learner).state == Proposal.State.WAITING
    # The only other one who could decide about the two is neither of them.
    assert propose_for(learner, elsewhere).state == Proposal.State.WAITING
    with pytest.raises(RuleViolation, match="名单"):
        propose_for(maker, others[1])
    assert done == []


def test_an_account_made_by_an_account_of_the_proposer_is_no_second_person(done, maker, learner, branches):
    person("300003", "钟礼安", branches["HO"], roles=[Role.HR])
    now, made, maker_of_it = timezone.now(), [], maker
    for number in ("300011", "300012", "300013"):
        own = person(number, f"分身{number}", branches["BJ"])
        give_first_password(person=own, now=now, actor=maker_of_it)
        grant_role(person=own, role=Role.HR, branch=branches["BJ"], now=now, actor=maker_of_it)
        made.append(own)
        maker_of_it = own
    # Two that made each other are in no third one's hands.
    first, second = (person(number, number, branches["BJ"]) for number in ("300021", "300022"))
    for own, giver in ((first, second), (second, first)):
        give_first_password(person=own, now=now, actor=giver)
        grant_role(person=own, role=Role.HR, branch=branches["BJ"], now=now, actor=giver)
    proposal = proposed(maker, learner)

    for own in made:
        with pytest.raises(RuleViolation):
            decide_proposal(proposal=proposal, approve=True, note="", actor=own, now=now)

    assert done == []
    decide_proposal(proposal=proposal, approve=True, note="", actor=first, now=now)
    assert done == [(proposal.pk, "300021")]


def test_a_refusal_of_the_act_leaves_it_waiting(done, maker, learner, branches):
    checker = person("300003", "钟礼安", branches["HO"], roles=[Role.HR])
    proposal = proposed(maker, learner, refuse=True)

    with pytest.raises(RuleViolation):
        decide_proposal(proposal=proposal, approve=True, note="", actor=checker, now=timezone.now())

    proposal.refresh_from_db()
    assert proposal.state == Proposal.State.WAITING


def test_rejecting_needs_a_reason_and_the_proposer_may_take_it_back(done, maker, learner, branches):
    checker = person("300003", "钟礼安", branches["HO"], roles=[Role.HR])
    proposal = proposed(maker, learner)

    with pytest.raises(RuleViolation):
        decide_proposal(proposal=proposal, approve=False, note=" ", actor=checker, now=timezone.now())
    with pytest.raises(RuleViolation):
        withdraw_proposal(proposal=proposal, actor=checker, now=timezone.now())
    withdraw_proposal(proposal=proposal, actor=maker, now=timezone.now())
    with pytest.raises(RuleViolation):
        decide_proposal(proposal=proposal, approve=True, note="", actor=checker, now=timezone.now())
    assert done == []


@pytest.mark.both
def test_the_second_person_is_switched_off_by_two_and_on_by_one(done, maker, learner, branches):
    office = person("300003", "钟礼安", branches["HO"], roles=[Role.HR])
    with pytest.raises(RuleViolation):
        switch_four_eyes(action="tests.act", demanded=False, reason="slow", actor=maker, now=timezone.now())
    with pytest.raises(RuleViolation):
        # Nobody else at head office could decide.
        switch_four_eyes(action="tests.act", demanded=False, reason="slow", actor=office, now=timezone.now())
    other = person("300004", "沈知白", branches["HO"], roles=[Role.HR])
    with pytest.raises(RuleViolation):
        switch_four_eyes(action="tests.act", demanded=False, actor=office, now=timezone.now())

    asked = switch_four_eyes(action="tests.act", demanded=False, reason="slow", actor=office, now=timezone.now())
    assert switch_four_eyes(action="tests.act", demanded=False, reason="slow", actor=office, now=timezone.now()) is None
    assert proposed(maker, learner).state == Proposal.State.WAITING
    with pytest.raises(RuleViolation):
        decide_proposal(proposal=asked, approve=True, note="", actor=office, now=timezone.now())
    decide_proposal(proposal=asked, approve=True, note="", actor=other, now=timezone.now())
    assert proposed(maker, learner).state == Proposal.State.ALONE

    switch_four_eyes(action="tests.act", demanded=True, actor=office, now=timezone.now())
    assert proposed(maker, learner).state == Proposal.State.WAITING


@pytest.mark.both
def test_screens(done, maker, learner, branches, client, django_assert_num_queries):
    checker = person("300003", "钟礼安", branches["HO"], roles=[Role.HR])
    proposal = proposed(maker, learner)
    client.force_login(checker)
    index = reverse("proposals:index")
    client.get(index)

    with django_assert_num_queries(10):
        page = client.get(index)
    for _ in range(2):
        proposed(maker, learner)
    with django_assert_num_queries(10):
        client.get(index)
    assert str(learner) in page.content.decode()

    address = reverse("proposals:decide", args=[proposal.pk])
    assert "because" in client.get(address).content.decode()
    client.post(address, {"decision": "approve"})
    proposal.refresh_from_db()
    assert proposal.state == Proposal.State.APPROVED
    assert client.get(reverse("proposals:switches")).status_code == 200
    other = person("300004", "沈知白", branches["HO"], roles=[Role.HR])
    on = [act.code for act in PROPOSED_ACTIONS.values() if not act.bank_wide and act.code != "tests.act"]
    # Without a reason nothing is switched, and what was ticked and typed is there again.
    page = client.post(reverse("proposals:switches"), {"demanded": on}).content.decode()
    assert 'value="tests.act" checked' not in " ".join(page.split()) and 'name="reason"' in page
    assert not Proposal.objects.filter(action=SWITCH_OFF).exists()
    page = client.post(reverse("proposals:switches"), {"demanded": on, "reason": "slow"}, follow=True)
    asked = Proposal.objects.get(action=SWITCH_OFF)
    assert "关闭复核正等待他人复核" in page.content.decode()
    client.force_login(other)
    assert "act" in client.get(reverse("proposals:decide", args=[asked.pk])).content.decode()
    client.post(reverse("proposals:decide", args=[asked.pk]), {"decision": "approve"})
    assert proposed(maker, learner).state == Proposal.State.ALONE
    client.force_login(maker)
    # Below head office one reads why, and nothing is switched.
    page = client.post(reverse("proposals:switches"), {"demanded": "tests.act"}, follow=True).content.decode()
    assert str(switch_refusal(maker, timezone.localdate())) in page
    assert not FourEyesSwitch.objects.get(action="tests.act").demanded
    assert timezone.now() - proposal.proposed_at < timedelta(minutes=5)


@pytest.mark.parametrize("waiting", [1, 3])
def test_what_waits_is_judged_together_however_much_it_is(
    done, maker, learner, branches, waiting, django_assert_num_queries
):
    """About people of the own part of the bank, and of another one, where it is not theirs to decide."""
    second = person("300003", "钟礼安", branches["BJ"], roles=[Role.HR])
    central = person("300004", "沈知白", branches["HO"], roles=[Role.HR])
    person("300005", "秦守诚", branches["HO"], roles=[Role.HR])
    far = person("100009", "陆家齐", branches["SH01"])
    mine = [proposed(maker, learner) for _number in range(waiting)]
    for _number in range(waiting):
        propose(action="tests.act", people=[learner, far], facts={}, reason="both", actor=central, now=timezone.now())
    today = timezone.localdate()

    with django_assert_num_queries(7):
        found = list(waiting_for(second, today))

    assert sorted(proposal.pk for proposal in found) == sorted(proposal.pk for proposal in mine)
