"""Two who write at the same moment what bears a number or a code: both stand, or the second is told why not."""

from datetime import timedelta

import pytest
from django.utils import timezone

from academy.errors.refusals import RuleViolation
from academy.models import Branch, CareerLevel
from academy.staff.branches import place_branch
from certificates.curriculum.changing import copy_for, draft_of, make_draft, write_version
from certificates.models import CertificationTrack, RuleVersion
from quizzes.bank.versions import publish_version
from quizzes.models import Question
from tests.cast import bank
from tests.quizzes.factories import bank_of, body
from tests.waiting import at_once

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True, serialized_rollback=True)]


def publish(pk: int, right: str) -> None:
    question = Question.objects.get(pk=pk)
    question.body = body(right)
    publish_version(question=question, now=timezone.now(), actor=None)


@pytest.mark.parametrize(("second", "numbers"), [("丙", [1, 2, 3]), ("丁", [1, 2])], ids=["other", "same"])
def test_two_who_publish_one_question_at_once_freeze_it_one_after_the_other(second, numbers):
    question = bank_of(1).questions.get()

    faults = at_once(lambda: publish(question.pk, "丁"), lambda: publish(question.pk, second))

    assert faults == []
    assert list(question.versions.order_by("number").values_list("number", flat=True)) == numbers
    question.refresh_from_db()
    assert question.current_version.number == numbers[-1]
    assert second in question.current_version.stem("zh-hans")


def track_with_rules() -> CertificationTrack:
    level = CareerLevel.objects.create(code="CM1", rank=1, name="见习客户经理", name_en="Trainee")
    track = CertificationTrack.objects.create(code="cm1", level=level, name="认证")
    RuleVersion.objects.create(track=track, number=1, effective_from=timezone.localdate() - timedelta(days=9))
    return track


def test_two_who_write_rules_of_one_track_at_once_get_numbers_one_after_the_other():
    track, today = track_with_rules(), timezone.localdate()

    def write() -> None:
        write_version(RuleVersion(track=track, effective_from=today))

    assert at_once(write, write) == []
    assert list(track.rule_versions.order_by("number").values_list("number", flat=True)) == [1, 2, 3]


def test_of_two_drafts_over_the_same_rules_the_second_is_told_of_the_first():
    track, today = track_with_rules(), timezone.localdate()
    version = copy_for(track, today)
    version.effective_from = today + timedelta(days=5)
    facts = draft_of(version)

    def make() -> None:
        make_draft(facts=facts, actor=None, now=timezone.now())

    (fault,) = at_once(make, make)

    assert isinstance(fault, RuleViolation)
    assert track.rule_versions.count() == 2


def open_branch(code: str, serial_code: str = "") -> None:
    place_branch(
        code=code,
        kind="outlet",
        name="新网点",
        parent=Branch.objects.get(code="BJ01"),
        effective_from=timezone.localdate(),
        now=timezone.now(),
        actor=None,
        serial_code=serial_code,
    )


def test_two_branches_opened_at_once_get_a_code_in_serial_numbers_each():
    bank()

    assert at_once(lambda: open_branch("A-12345678"), lambda: open_branch("B-12345678")) == []
    codes = Branch.objects.filter(name="新网点").order_by("pk").values_list("serial_code", flat=True)
    assert list(codes) == ["12345678", "12345672"]


@pytest.mark.parametrize(
    ("first", "second"),
    [(("NEW1", ""), ("NEW1", "")), (("NEW1", "SAME1"), ("NEW2", "SAME1"))],
    ids=["branch code", "code in serial numbers"],
)
def test_who_gives_a_code_that_another_takes_at_the_same_moment_is_told(first, second):
    bank()

    (fault,) = at_once(lambda: open_branch(*first), lambda: open_branch(*second))

    assert isinstance(fault, RuleViolation)
    assert Branch.objects.filter(name="新网点").count() == 1
