"""A quiz with an essay, its markers and its rubric."""

from decimal import Decimal

import pytest
from django.utils import timezone

from academy.models import Role
from quizzes.bank.versions import publish_version
from quizzes.models import Question, QuizSlot, Rubric
from tests.cast import person
from tests.quizzes.factories import bank_of, quiz_of


@pytest.fixture
def markers(branches):
    return [person(f"20000{number}", f"阅卷{number}", branches["HO"], roles=[Role.MARKER]) for number in (1, 2, 3)]


@pytest.fixture
def rubric():
    levels = [
        {"points": "0", "text": "没有", "text_en": "not at all"},
        {"points": "1", "text": "部分", "text_en": "in part"},
        {"points": "2", "text": "完整", "text_en": "in full"},
    ]
    return Rubric.objects.create(
        name="投诉处理",
        criteria=[
            ("criterion", {"name": "先听事实", "name_en": "Facts first", "levels": levels}),
            ("criterion", {"name": "给出一步", "name_en": "One step", "levels": levels}),
            ("veto", {"name": "承诺保本", "name_en": "Promised the principal", "only_observed": False}),
            ("veto", {"name": "打断客户", "name_en": "Interrupted", "only_observed": True}),
        ],
    )


@pytest.fixture
def essay():
    category = bank_of(0, slug="essays")
    question = Question.objects.create(
        bank=category.bank,
        category=category,
        name="essay",
        type="essay",
        body={
            "type": "essay",
            "stem": {"zh-hans": "客户要求当天取款，怎么办？", "en": "The client wants the money today. What now?"},
            "guide": {"zh-hans": "先核实再解释"},
        },
        live=True,
    )
    publish_version(question=question, now=timezone.now(), actor=None)
    return question


@pytest.fixture
def quiz(ground, essay):
    found = quiz_of(bank_of(1), 1, attempts_allowed=None, wait_minutes=0, pass_mark=Decimal(60))
    QuizSlot.objects.create(quiz=found, question=essay, mark=Decimal(4), sort_order=1)
    return found


@pytest.fixture
def hr(branches):
    return [person(f"30000{number}", f"人资{number}", branches["HO"], roles=[Role.HR]) for number in (1, 2)]
