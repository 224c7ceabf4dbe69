"""One award a cycle, whoever asks at once; and evidence that is put into words when it is read."""

import threading
from datetime import datetime, timedelta

import pytest
from django.db import connections, transaction
from django.urls import reverse
from django.utils import timezone, translation

from academy.models import CareerLevel, Role, User
from certificates.award.awarding import award_if_met, import_history
from certificates.models import Certification, CertificationTrack, Requirement, RuleVersion
from tests.cast import bank, person
from tests.waiting import until_waiting


def track_of_the_posted() -> CertificationTrack:
    """Asks only for having been in post: met by everybody of the cast."""
    level = CareerLevel.objects.create(code="CM1", rank=1, name="见习客户经理", name_en="Trainee")
    track = CertificationTrack.objects.create(
        code="cm1", level=level, name="认证", award="automatic", mode="completion"
    )
    long_ago = timezone.localdate() - timedelta(days=900)
    version = RuleVersion.objects.create(track=track, number=1, effective_from=long_ago)
    Requirement.objects.create(rule_version=version, kind="months_in_post", amount=1, sort_order=0)
    return track


@pytest.mark.database
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_two_awards_on_either_side_of_midnight_are_one():
    learner, track = person("100001", "欧阳文澜", bank()["BJ01"]), track_of_the_posted()
    midnight = timezone.make_aware(datetime.combine(timezone.localdate(), datetime.min.time()))
    awarded = []

    def award(now: datetime) -> None:
        try:
            awarded.append(award_if_met(person=learner, track=track, now=now))
        finally:
            connections.close_all()

    moments = (midnight - timedelta(seconds=1), midnight + timedelta(seconds=1))
    threads = [threading.Thread(target=award, args=(now,)) for now in moments]
    with transaction.atomic():
        User.objects.select_for_update().get(pk=learner.pk)
        for thread in threads:
            thread.start()
        until_waiting(len(threads))
    for thread in threads:
        thread.join(timeout=60)

    assert Certification.objects.filter(person=learner, track=track).count() == 1
    assert sorted(one is not None for one in awarded) == [False, True]


@pytest.mark.django_db
def test_evidence_is_read_in_the_readers_language_whoever_asked_for_the_award(client):
    branches = bank()
    learner, hr = (
        person("100001", "欧阳文澜", branches["BJ01"]),
        person("300001", "人资", branches["HO"], roles=[Role.HR]),
    )
    with translation.override("en"):
        certification = award_if_met(person=learner, track=track_of_the_posted(), now=timezone.now())
    page = reverse("register:certificate", args=[certification.certificates.get().pk])
    client.force_login(hr)
    seen = {}
    for language in ("zh-hans", "en"):
        User.objects.filter(pk=hr.pk).update(language=language)
        seen[language] = client.get(page, headers={"accept-language": language}).content.decode()

    assert "month in post" in seen["en"]
    assert "month in post" not in seen["zh-hans"]
    assert all(set(fact) == {"requirement", "kind", "on"} for fact in certification.evidence)


@pytest.mark.django_db
def test_history_keeps_the_words_that_hr_gave(client):
    branches = bank()
    learner, hr = (
        person("100001", "欧阳文澜", branches["BJ01"]),
        person("300001", "人资", branches["HO"], roles=[Role.HR]),
    )
    day = timezone.localdate()
    certification = import_history(
        person=learner,
        track=track_of_the_posted(),
        awarded_on=day - timedelta(days=30),
        valid_through=day,
        now=timezone.now(),
        actor=hr,
        document_number="人发〔2020〕7号",
    )
    client.force_login(hr)

    page = client.get(reverse("register:certificate", args=[certification.certificates.get().pk])).content.decode()

    assert "人发〔2020〕7号" in page
