"""From a certificate to what it was awarded for: each line leads to the record itself."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from academy.models import CareerLevel, Role
from certificates.award.awarding import import_history
from certificates.models import CertificationTrack, Requirement, RuleVersion
from quizzes.models import Attempt
from tests.cast import bank, person
from tests.quizzes.factories import bank_of, quiz_of

pytestmark = pytest.mark.django_db


def test_each_line_of_the_evidence_leads_to_its_record(client):
    branches = bank()
    level = CareerLevel.objects.create(code="CM1", rank=1, name="初级", name_en="Junior")
    track = CertificationTrack.objects.create(code="cm1", level=level, name="CM1", mode="completion")
    version = RuleVersion.objects.create(track=track, number=1, effective_from=timezone.localdate())
    quiz = quiz_of(bank_of(2), 2)
    asked = Requirement.objects.create(rule_version=version, kind="quiz", quiz=quiz)
    posted = Requirement.objects.create(rule_version=version, kind="posted")
    holder, now, today = person("100001", "林一", branches["BJ01"]), timezone.now(), timezone.localdate()
    certification = import_history(
        person=holder, track=track, awarded_on=today, valid_through=today + timedelta(days=300), now=now, actor=None
    )
    certification.evidence = [
        {"requirement": asked.pk, "kind": "quiz", "on": str(today)},
        {"requirement": posted.pk, "kind": "posted", "on": str(today)},
        {"kind": "history", "label": "历史台账", "on": str(today)},
    ]
    certification.save()
    paper = Attempt.objects.create(
        quiz=quiz,
        learner=holder,
        number=1,
        state="finished",
        language="zh-hans",
        paper=[],
        pass_mark=60,
        mark=2,
        max_mark=2,
        passed=True,
        started_at=now,
        finished_at=now,
    )
    client.force_login(person("600001", "严慎行", branches["HO"], roles=[Role.AUDITOR]))

    page = client.get(reverse("register:certificate", args=[certification.certificates.get().pk]))

    inspect = reverse("wagtailusers_users:inspect", args=[holder.pk])
    places = [url for _label, _day, url in page.context["evidence"]]
    assert places == [reverse("quiz_paper", args=[paper.uuid]), f"{inspect}#work", ""]
    assert f'href="{places[0]}"' in page.content.decode()
