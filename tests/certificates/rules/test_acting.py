"""What is missing says who must act and where, to whoever reads it about another person."""

from datetime import date

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.translation import override

from academy.models import CareerLevel, Role
from certificates.models import CertificationTrack, Requirement, RuleVersion
from certificates.rules.known import Evidence
from certificates.rules.standing import _RULES, Asked, evaluate
from tests.cast import OPENED, bank, person
from tests.courses.factories import course_of
from tests.quizzes.factories import bank_of, quiz_of


@pytest.mark.parametrize("kind", sorted(_RULES))
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_each_kind_of_requirement_names_who_acts_and_where(kind, language):
    with override(language):
        (line,) = evaluate((Asked(1, kind, "…", amount=1),), Evidence(), date(2026, 3, 2)).lines
        words = line.act
    if line.met:
        assert words == ""
        return
    who = ("员工本人", "人力资源部", "直属上级") if language == "zh-hans" else ("person", "HR", "line manager")
    assert any(name in words for name in who), words
    assert words != line.missing


@pytest.mark.django_db
def test_manager_and_hr_read_where_the_course_is_opened(client: Client):
    branches = bank()
    level = CareerLevel.objects.create(code="CM1", rank=1, name="见习", name_en="Trainee")
    track = CertificationTrack.objects.create(code="cm1", level=level, name="一级认证", name_en="CM1")
    rules = RuleVersion.objects.create(track=track, number=1, effective_from=OPENED)
    course = course_of("one", lessons=2, quiz=quiz_of(bank_of(1), 1))
    Requirement.objects.create(rule_version=rules, kind="course", course=course)
    boss = person("4", "贺兰舟", branches["BJ01"], roles=[Role.LINE_MANAGER], posted=timezone.localdate())
    hr = person("3", "人事甲", branches["HO"], roles=[Role.HR])
    learner = person("11", "林晚", branches["BJ01"], posted=timezone.localdate())
    learner.postings.update(manager=boss)
    words = "由员工本人在“课程”中打开，学完全部章节并通过课程测验。"

    for reader, address in ((boss, f"/team/{learner.pk}/"), (hr, f"/cms/users/inspect/{learner.pk}/")):
        client.force_login(reader)
        shown = client.get(address, follow=True).content.decode()
        assert words in shown and str(course) in shown, address
        assert "完成该课程" not in shown


def test_of_a_year_that_is_over_nobody_is_told_to_earn_hours():
    """What is possible is said: earlier training with its proof, or a decision."""
    asked = Asked(1, "hours", "学时", amount=48, lasts="yearly")
    validity = (date(2025, 1, 1), date(2027, 12, 31))
    with override("zh-hans"):
        (over,) = evaluate((asked,), Evidence(), date(2026, 3, 2), validity=validity).lines
        (going,) = evaluate((asked,), Evidence(), date(2025, 3, 2), validity=validity).lines
        assert "该年度已结束" in over.act and "补录" in over.act and "由员工本人" not in over.act
        assert "补录" in over.act_for_manager
        assert "该年度已结束" not in going.act and "由员工本人" in going.act
