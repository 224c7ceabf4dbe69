"""What a requirement of posts and other validity settings would do, said before the form is saved."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from academy.decisions.handed_in import Publishing
from academy.doors import consequences_of
from academy.models import CareerLevel, Position, Role
from academy.staff.people import post_person
from certificates.award.awarding import import_history
from certificates.impact.asked import posts_foreseen
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


def posted_elsewhere(track):
    """The level itself is awarded only in another post."""
    lending = Position.objects.create(code="lending", name="公司客户经理", name_en="Corporate account manager")
    version = RuleVersion.objects.create(track=track, number=1, effective_from=OPENED)
    asked = Requirement.objects.create(rule_version=version, kind="posted")
    asked.positions.set([lending])
    asked.save()
    # The level above it is no way round: it asks for this one first.
    above = CareerLevel.objects.create(code="CM3", name="高级客户经理", rank=3)
    higher = CertificationTrack.objects.create(code="cm3", level=above, name="高级认证", mode="completion")
    version = RuleVersion.objects.create(track=higher, number=1, effective_from=OPENED)
    Requirement.objects.create(rule_version=version, kind="level_held", level=track.level)
    return lending


def test_a_post_is_not_asked_for_a_level_that_nobody_there_could_obtain(client, hr, branches, track):
    lending = posted_elsewhere(track)
    person("100002", "陆知秋", branches["SH01"])
    data = {
        "position": position().pk,
        "level": track.level_id,
        "within_days": 90,
        "effective_from": timezone.localdate().isoformat(),
    }
    client.force_login(hr)

    refused = client.post(reverse("position_requirements:add"), data).content.decode()
    assert "无人持有 CM2" in refused and "公司客户经理" in refused and "在岗 1 人" in refused
    assert not PositionRequirement.objects.exists()
    assert (
        "无人持有 CM2"
        not in client.post(reverse("position_requirements:add"), {**data, "position": lending.pk}).content.decode()
    )


def test_who_cannot_obtain_the_level_in_the_post_is_named_to_both_who_decide(client, hr, branches, track):
    """Somebody there brought the level along: it may be asked, and both read whom it shuts out. A second post opens it."""
    lending = posted_elsewhere(track)
    holder(track, branches["BJ01"])
    stuck = person("100002", "陆知秋", branches["SH01"])
    both = person("100003", "温以宁", branches["SH01"])
    post_person(
        person=both,
        branch=branches["SH01"],
        position=lending,
        effective_from=OPENED,
        primary=False,
        now=timezone.now(),
        actor=None,
    )
    asked = PositionRequirement(
        position=position(), level=track.level, within_days=90, effective_from=timezone.localdate()
    )
    lines = posts_foreseen(asked, timezone.localdate()).lines
    at = next(at for at, line in enumerate(lines) if "无法取得 CM2" in line)
    assert "1 人" in lines[at] and "公司客户经理" in lines[at]
    assert lines[at + 1] == f"{stuck.display_name} {stuck.staff_number}"
