"""A level that ran out with its grace is proposed lower, decided by two people, and leaves the list."""

import html
import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from academy.decisions.four_eyes import decide_proposal
from academy.models import CareerLevel, Leave, Proposal
from academy.staff.leaves import leaves_of
from certificates.award.candidates import note_all_candidates
from certificates.deciding.lapses import lapsed_certifications, lapses, lapses_to_decide
from certificates.models import Certification, CertificationTrack, Requirement
from certificates.validity import last_day_of
from tests.certificates.deciding.scenes import TODAY, User, World, standing

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def world():
    made = World()
    # What renews either level: its own course, within the validity that ran out.
    Requirement.objects.update(purpose="both", lasts="span")
    # Nobody is awarded what is met but by a person.
    for track in (made.cm1, made.cm2):
        track.grace_days, track.award = 30, CertificationTrack.Award.APPROVAL
        track.save()
    return made


def waiting(world, on=None):
    found = lapses(User.objects.all(), world.hr, on or TODAY())
    return [(one.certification.person, one.proposed) for one in found]


@pytest.mark.both
def test_after_the_grace_the_lower_level_is_proposed_where_what_renews_it_is_met(world):
    held = world.holds(world.learner, world.cm2, since=300, through=-31)
    world.holds(world.other, world.cm2, since=300, through=-30)
    world.learns(world.learner, 0, 1, ago=40)

    assert waiting(world, held.valid_through + timedelta(days=30)) == []
    assert waiting(world) == [(world.learner, world.cm1)]
    assert waiting(world, TODAY() + timedelta(days=1)) == [(world.other, None), (world.learner, world.cm1)]


def test_what_the_viewer_cannot_decide_is_not_counted_and_says_what_waits(world, client):
    """The own lapse is not listed; one on which a proposal waits says so, and offers nothing more."""
    world.holds(world.hr, world.cm2, since=300, through=-40)
    world.holds(world.learner, world.cm2, since=300, through=-31)
    world.holds(world.other, world.cm2, since=300, through=-31)
    assert {who for who, _lower in waiting(world)} == {world.learner, world.other}

    proposed = Proposal.objects.create(
        action="certificates.lower_by_decision",
        facts={"track": world.cm2.code},
        reason="逾期未续",
        proposed_by=world.second,
    )
    proposed.people.set([world.learner])
    assert list(lapses_to_decide(User.objects.all(), world.hr, TODAY()).values_list("person", flat=True)) == [
        world.other.pk
    ]
    client.force_login(world.hr)
    page = client.get(reverse("decisions:lapses")).content.decode()
    assert "待复核" in page and f"numbers={world.learner.staff_number}" not in page
    assert f"numbers={world.other.staff_number}" in page


def test_a_decision_that_was_refused_is_said_with_the_lapse(world, client):
    world.holds(world.learner, world.cm2, since=300, through=-31)
    proposal = world.propose("accept", track=world.cm2, about=world.course(2), on=TODAY() - timedelta(days=40))
    decide_proposal(proposal=proposal, approve=False, note="材料不足", actor=world.second, now=timezone.now())
    client.force_login(world.hr)

    page = client.get(reverse("decisions:lapses")).content.decode()

    assert "未通过" in page and "材料不足" in page
    assert "numbers=100001" in page


def test_what_nothing_renews_or_stands_outside_the_ladder_hides_no_lapse(world):
    """A trainee's level that ran out later, and a certificate of the post that is held, are other things."""
    world.holds(world.learner, world.cm2, since=300, through=-100)
    world.holds(world.learner, world.cm1, since=300, through=-50)
    CertificationTrack.objects.filter(pk=world.cm1.pk).update(renewable=False)
    service = world.track("service", 9, world.courses[:1])
    CareerLevel.objects.filter(pk=service.level_id).update(rank=None)
    world.holds(world.learner, service)

    assert [person for person, _track in waiting(world)] == [world.learner]


def test_who_holds_something_has_left_or_is_carried_by_leave_is_not_listed(world):
    world.holds(world.learner, world.cm2, since=300, through=-100)
    world.holds(world.learner, world.cm1, since=300, through=10)
    Leave.objects.create(
        person=world.other,
        kind=Leave.Kind.ILLNESS,
        effective_from=TODAY() - timedelta(days=200),
        effective_until=TODAY() - timedelta(days=10),
    )
    world.holds(world.other, world.cm2, since=300, through=-100)

    assert not lapsed_certifications(User.objects.all(), TODAY()).exists()


def test_the_grace_runs_from_the_day_to_which_leave_moved_the_end(world):
    held = world.holds(world.learner, world.cm2, since=300, through=-60)
    Leave.objects.create(
        person=world.learner,
        kind=Leave.Kind.ILLNESS,
        effective_from=TODAY() - timedelta(days=200),
        effective_until=TODAY() - timedelta(days=160),
    )
    row = Certification.objects.with_extension().get(pk=held.pk)
    through = last_day_of(row, leaves_of([world.learner.pk])[world.learner.pk], TODAY())
    assert TODAY() - timedelta(days=30) <= through < TODAY()

    assert waiting(world, through + timedelta(days=30)) == []
    assert [person for person, _track in waiting(world, through + timedelta(days=31))] == [world.learner]


def test_two_people_give_the_lower_level_and_the_list_is_empty(client, world):
    world.holds(world.learner, world.cm2, since=300, through=-60)
    world.learns(world.learner, 0, 1, ago=70)
    client.force_login(world.hr)
    page = client.get(reverse("decisions:lapses")).content.decode()
    assert "欧阳文澜" in page and "CM1" in page
    (address,) = re.findall(r'href="(/cms/decisions/decide/[^"]*act=lower[^"]*)"', page)
    form = client.get(html.unescape(address)).context["form"]
    assert (form.initial["numbers"], form.track, form.act) == ("100001", world.cm2, "lower")
    home = client.get("/cms/").content.decode()
    assert reverse("decisions:lapses") in home

    world.decide("lower", track=world.cm2, lower=world.cm1)

    assert standing(world.cm1) == ["100001"]
    assert Certification.objects.filter(track=world.cm2, ending=None).count() == 1
    assert not lapsed_certifications(User.objects.all(), TODAY()).exists()


def ticked(page: str) -> list[str]:
    """Whom the page has a box to tick for."""
    boxes = re.findall(r'<input[^>]*name="person"[^>]*>', page)
    return [value for box in boxes for value in re.findall(r'value="(\d+)"', box)]


def test_a_lower_level_that_stands_ready_is_said_by_the_lapses_the_ready_list_and_the_person_alike(client, world):
    """What renews the lower level is not met, but all that its first award asks is: one judgement, on every page."""
    Requirement.objects.filter(rule_version__track=world.cm1).update(purpose="first")
    refresher = Requirement.objects.filter(rule_version__track=world.cm1).first()
    Requirement.objects.create(
        rule_version=refresher.rule_version, kind="course", course=world.courses[2], purpose="renewal", lasts="span"
    )
    world.learns(world.learner, 0, 1, ago=400)
    world.holds(world.learner, world.cm2, since=300, through=-60)
    note_all_candidates(now=timezone.now())
    client.force_login(world.hr)
    person_page = reverse("wagtailusers_users:inspect", args=[world.learner.pk])
    ready_list = f"{reverse('register:lacking')}?track=cm1&ready=1"

    lapsed, ready, about = (
        html.unescape(client.get(page).content.decode())
        for page in (reverse("decisions:lapses"), ready_list, person_page)
    )
    assert "已满足授予 CM1 的全部条件" in lapsed and "没有可改持的较低等级" not in lapsed
    for page in (lapsed, about):
        assert "act=award&track=cm1&numbers=100001" in page
    assert "可授予的等级" in about and ticked(ready) == [str(world.learner.pk)]

    proposal = world.propose("award", track=world.cm1)
    decides = reverse("proposals:decide", args=[proposal.pk])
    for address in (reverse("decisions:lapses"), ready_list, person_page):
        page = html.unescape(client.get(address).content.decode())
        assert decides in page and "待复核" in page and "act=award&track=cm1" not in page
        assert ticked(page) == []
    assert "track=cm1&ready=1" not in html.unescape(client.get("/cms/").content.decode())
    form = {"numbers": "100001", "reason": "达标"}
    again = client.post("/cms/decisions/decide/?act=award&track=cm1", form).content.decode()
    assert "已有一项关于该等级的处理待复核" in again or "欧阳文澜" in again
    assert 'value="confirm"' not in again
