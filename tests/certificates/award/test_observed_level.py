"""A level that asks to be observed follows from the last score sheet, and from nothing less."""

from datetime import timedelta

import pytest
from django.utils import timezone

from academy.models import CareerLevel
from certificates.models import Certification, CertificationTrack, Requirement, RuleVersion
from quizzes.models import Observation
from quizzes.observing import scoring
from tests.cast import OPENED
from tests.quizzes.observing.cast import booked, later, levels, practice, world

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def test_the_level_comes_with_the_last_sheet(django_capture_on_commit_callbacks, client):
    _branches, etiquette, learner, assessors = world(assessor_rank=0)
    complaint = practice(code="complaint", assessors=2, assessor_rank=0)
    level = CareerLevel.objects.create(code="CM3", rank=3, name="高级客户经理", name_en="Senior client manager")
    track = CertificationTrack.objects.create(
        code="cm3", level=level, name="高级", award="automatic", mode="completion"
    )
    rules = RuleVersion.objects.create(track=track, number=1, effective_from=OPENED)
    for number, one in enumerate((etiquette, complaint)):
        asked = Requirement.objects.create(rule_version=rules, kind="observation", sort_order=number)
        asked.practices.set([one])
        asked.save()

    def score(observation, assessor, *places):
        with django_capture_on_commit_callbacks(execute=True):
            scoring.hand_in(
                sheet=observation.sheets.get(assessor=assessor),
                levels=levels(observation, *places),
                vetoes=[],
                comment="看到了",
                now=later(),
            )

    now = timezone.now()
    score(booked(etiquette, learner, assessors[:1], now=now), assessors[0], 2, 2)
    client.force_login(learner)
    home = client.get("/").content.decode()
    assert not Certification.objects.exists() and f"/observe/practices/{complaint.code}/" in home

    second = booked(complaint, learner, assessors[1:3], now=now + timedelta(seconds=1))
    score(second, assessors[1], 2, 2)
    assert not Certification.objects.exists()
    score(second, assessors[2], 2, 1)

    held = Certification.objects.get()
    assert (held.person, held.track) == (learner, track)
    assert [fact["kind"] for fact in held.evidence] == ["observation", "observation"]
    assert Observation.objects.exclude(followed_up_at=None).count() == 2
