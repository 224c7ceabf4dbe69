"""What a decision was made by stays with its proposal; certificate and journal name both people."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from academy.decisions.four_eyes import decide_proposal
from academy.models import JournalEntry, Role
from certificates.models import Certificate
from tests.cast import person
from tests.certificates.deciding.scenes import TODAY, World

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def world():
    return World()


def page(client, viewer, url, language="en"):
    client.force_login(viewer)
    return client.get(url, headers={"accept-language": language}).content.decode()


def shown_before_and_after(world, client, proposal, decide):
    url = reverse("proposals:decide", args=[proposal.pk])
    client.force_login(world.second)
    before = client.get(url).context["panel"]["context"]["effects"].people
    decide(proposal)
    after = client.get(url).context["panel"]["context"]["effects"].people
    return [[(one.person, one.lines, one.warnings, one.refusal) for one in people] for people in (before, after)]


@pytest.mark.parametrize("act", ["award", "waive", "revoke"])
def test_a_decided_proposal_still_says_what_was_shown_for_it(world, client, act):
    world.learns(world.learner, 0)
    if act == "revoke":
        world.holds(world.learner, world.cm1)
    more = {"about": world.course(1), "until": TODAY() + timedelta(days=30)} if act == "waive" else {}
    proposal = world.propose(act, **more)

    before, after = shown_before_and_after(world, client, proposal, world.approve)

    assert before == after and before[0][1]


def test_so_does_one_that_was_not_approved_and_each_reader_has_it_in_their_language(world, client):
    proposal = world.propose("award", world.learner, world.foreign)

    def refuse(waiting):
        decide_proposal(proposal=waiting, approve=False, note="条件不足", actor=world.second, now=timezone.now())

    before, after = shown_before_and_after(world, client, proposal, refuse)
    assert before == after
    beijing = person("300009", "贝岚", world.branches["BJ"], roles=[Role.HR])
    url = reverse("proposals:decide", args=[proposal.pk])
    english, chinese = (page(client, beijing, url, language) for language in ("en", "zh-hans"))
    assert "By hand, though this is missing" in english and "By hand, though this is missing" not in chinese
    assert str(world.foreign) not in english


def test_certificate_and_journal_name_proposer_and_approver(world, client):
    world.decide("award")
    certificate = Certificate.objects.get(person=world.learner)
    read = page(client, world.hr, reverse("register:certificate", args=[certificate.pk]))
    assert str(world.hr) in read and str(world.second) in read
    for action in ("certificates.award", "certificates.issue", "certificates.decide", "academy.decide_proposal"):
        entry = JournalEntry.objects.filter(action=action).latest("pk")
        read = page(client, world.hr, reverse("journal:entry", args=[entry.pk]))
        assert str(world.hr) in read and str(world.second) in read, action
    client.force_login(world.hr)
    rows = client.get(reverse("journal:index"), {"what": "certificates.issue"}).content.decode()
    assert str(world.second) in rows


def test_what_is_proposed_stands_among_the_decisions_until_it_is_decided(world, client):
    proposal = world.propose("award")
    address = reverse("proposals:decide", args=[proposal.pk])
    waiting = page(client, world.second, reverse("decisions:index"))
    assert "Proposed, waits for a second person" in waiting and f'href="{address}"' in waiting
    world.approve(proposal)
    assert "Proposed, waits for a second person" not in page(client, world.second, reverse("decisions:index"))
