"""What a requirement of posts and other validity settings would do, said before the form is saved."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from academy.decisions.handed_in import Publishing
from academy.doors import consequences_of
from academy.models import CareerLevel, Position, Role
from certificates.award.awarding import import_history
from certificates.impact.foreseen import next_last_day
from certificates.models import Certification, CertificationTrack, PositionRequirement, Requirement, RuleVersion
from quizzes.models import Quiz
from tests.cast import OPENED, bank, person, position
from tests.certificates.award.test_level_exam import sit
from tests.quizzes.factories import bank_of, quiz_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def branches():
    return bank()


@pytest.fixture
def hr(branches):
    found = person("300001", "苏映雪", branches["HO"], roles=[Role.HR])
    found.postings.update(position=Position.objects.create(code="training", name="培训岗", line=""))
    return found


@pytest.fixture
def track(branches):
    level = CareerLevel.objects.create(code="CM2", name="客户经理", rank=2)
    return CertificationTrack.objects.create(code="cm2", level=level, name="客户经理认证", mode="completion")


def holder(track, branch):
    learner, today = person("100001", "欧阳文澜", branch), timezone.localdate()
    import_history(
        person=learner,
        track=track,
        awarded_on=today - timedelta(days=30),
        valid_through=today + timedelta(days=90),
        now=timezone.now(),
        actor=None,
    )
    return learner


def test_asking_a_post_says_first_who_would_have_to_obtain_the_level(client, hr, branches, track):
    holder(track, branches["BJ01"])
    person("100002", "陆知秋", branches["SH01"])
    data = {
        "position": position().pk,
        "level": track.level_id,
        "within_days": 90,
        "effective_from": timezone.localdate().isoformat(),
    }
    client.force_login(hr)

    first = client.post(reverse("position_requirements:add"), data).text
    assert not PositionRequirement.objects.exists()
    client.post(reverse("position_requirements:add"), data)

    assert "陆知秋 100002" in first and "上海分行：1" in first and "欧阳文澜" not in first
    assert PositionRequirement.objects.count() == 1


def test_another_validity_says_first_whose_next_certificate_it_changes_and_leaves_theirs(client, hr, branches, track):
    learner = holder(track, branches["BJ01"])
    kept = Certification.objects.values_list("valid_through", flat=True).get(person=learner)
    names = ("name", "name_en", "award", "mode", "window_months", "minimum_months", "grace_days", "serial_pattern")
    names += ("counts_before_days",)
    data = {name: getattr(track, name) for name in (*names, "remind_days", "anchor_month", "anchor_day", "days_needed")}
    data |= {"level": track.level_id, "active": "on", "renewable": "on", "active_months": 24}
    client.force_login(hr)

    first = client.post(reverse("tracks:edit", args=[track.pk]), data).text
    assert CertificationTrack.objects.get().active_months == 12
    client.post(reverse("tracks:edit", args=[track.pk]), data)

    assert "欧阳文澜 100001" in first
    assert CertificationTrack.objects.get().active_months == 24
    assert Certification.objects.values_list("valid_through", flat=True).get(person=learner) == kept


def test_the_next_last_day_goes_by_the_mode():
    track = CertificationTrack(mode="fixed", active_months=12, window_months=3, minimum_months=6, renewable=True)
    assert next_last_day(date(2026, 12, 31), track) == date(2027, 12, 31)
    track.active_months = 24
    assert next_last_day(date(2026, 12, 31), track) == date(2028, 12, 31)


def test_another_pass_mark_names_who_would_have_another_result_and_changes_none(branches, track):
    quiz = quiz_of(bank_of(4), 4, code="exam", kind="exam", pass_mark=60, attempts_allowed=3)
    version = RuleVersion.objects.create(track=track, number=1, effective_from=OPENED)
    Requirement.objects.create(rule_version=version, kind="quiz", quiz=quiz)
    people = [person(f"10000{n}", name, branches["BJ01"]) for n, name in enumerate(["林晚", "苏眠", "陆知秋"])]
    for learner, right in zip(people, (4, 3, 2), strict=True):
        sit(quiz, learner, right=right)

    def foreseen(mark) -> str:
        quiz.pass_mark = Decimal(mark)
        quiz.save_revision()
        return " ".join(consequence.text for consequence in consequences_of(Publishing(Quiz.objects.get())))

    stricter, easier = foreseen(80), foreseen(50)
    assert "1 人合格但未达到新合格线，成绩保留：苏眠 100001" in stricter and "陆知秋" not in stricter
    assert "1 人未合格但已达到新合格线，仍须重考：陆知秋 100002" in easier and "苏眠" not in easier
    assert "合格线" not in foreseen(60)
    Requirement.objects.update(score=90)
    assert "合格线" not in foreseen(80)
