"""A level that people of some lines are awarded in certification rounds only: what happens between rounds."""

import pytest
from django.urls import reverse
from django.utils.translation import override

from academy.models import Notice, Proposal, Role
from certificates.award.all_met import award_all_met
from certificates.award.candidates import note_all_candidates
from certificates.models import AwardCandidate, Certification, CertificationTrack
from certificates.rounds.arranging import cancel
from tests.cast import person
from tests.certificates.rounds.world import World, at

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def world() -> World:
    """The track awards at once, and people of the retail line in rounds only; no round goes on."""
    world = World()
    CertificationTrack.objects.filter(pk=world.track.pk).update(round_lines=["retail"])
    world.track.refresh_from_db()
    return world


def ready(world: World) -> str:
    return f"{reverse('register:lacking')}?track=cm2&ready=1"


def test_between_rounds_nobody_of_the_line_is_awarded_by_the_rules_and_hr_knows_who_waits(world):
    one = world.people[0]
    world.learn(one)
    award_all_met(person=one, now=at(0))
    note_all_candidates(now=at(1))

    assert not Certification.objects.exists()
    assert AwardCandidate.objects.get(closed_at=None).person == one
    assert Notice.objects.filter(person=one, kind="ready_for_round").count() == 1

    world.announce()
    note_all_candidates(now=at(2))
    assert not AwardCandidate.objects.filter(closed_at=None).exists()
    cancel(certification_round=world.round, reason="机构调整", actor=world.hr, now=at(3))
    CertificationTrack.objects.update(round_lines=["corporate"])
    award_all_met(person=one, now=at(3))
    assert Certification.objects.get().person == one


def test_the_learner_reads_that_it_comes_in_the_next_round(world, client):
    one = world.people[0]
    world.learn(one)
    client.force_login(one)

    home = client.get("/").content.decode()

    assert "将在下一批次中授予" in home
    assert "待人力资源部审批" not in home


def test_hr_is_refused_one_by_one_and_awards_by_hand_with_a_reason(world, client):
    one = world.people[0]
    world.learn(one)
    award_all_met(person=one, now=at(0))
    client.force_login(world.hr)

    page = client.get(ready(world)).content.decode()
    refused = client.post(ready(world), {"person": [one.pk]}, follow=True).content.decode()

    assert "待下一批次授予" in page
    assert f'value="{one.pk}"' not in page
    assert "不能逐人授予" in refused and "欧阳文澜" in refused

    form = f"{reverse('decisions:decide')}?act=award&track=cm2&numbers=100001"
    asked = client.get(form).content.decode()
    answers = {"numbers": "100001", "reason": "急需上岗", "document_number": ""}
    shown = client.post(form, answers).content.decode()
    client.post(form, {**answers, "step": "confirm"})
    client.force_login(world.second)
    client.post(reverse("proposals:decide", args=[Proposal.objects.get().pk]), {"decision": "approve"})

    assert "人工认定" in asked
    assert "人工认定（批次外）" in shown
    assert Certification.objects.get(person=one).kind == "by_hand"


def test_the_setting_is_made_by_two_with_who_would_wait(world, client):
    CertificationTrack.objects.update(round_lines=[], award="approval")
    one = world.people[0]
    world.learn(one)
    award_all_met(person=one, now=at(0))
    administrator = person("500001", "何管理", world.branches["HO"], roles=[Role.ADMINISTRATOR])
    edit = reverse("tracks:edit", args=[world.track.pk])
    client.force_login(administrator)
    form = client.get(edit).context["form"]
    data = {name: "" if value is None else value for name, value in form.initial.items()}
    data["round_lines"] = ["retail"]
    told = client.post(edit, data).content.decode()
    client.post(edit, data)

    assert "1 人已达标，将改为等待下一认证批次。" in told
    assert "欧阳文澜" in told
    waiting = Proposal.objects.filter(state="waiting")
    assert waiting.exists()
    client.force_login(world.hr)
    shown = client.get(reverse("proposals:decide", args=[waiting.get().pk])).content.decode()
    assert "仅通过批次授予的条线" in shown and "零售" in shown
    with override("en"):
        assert CertificationTrack(round_lines=["retail"]).get_round_lines_display() == "Retail"
