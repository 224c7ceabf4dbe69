"""Which stored questions the order of their answers decides about, before anybody is marked by it."""

import json

import pytest
from django.core.management import CommandError, call_command

from quizzes.models import Question, QuestionBank

pytestmark = pytest.mark.django_db


def question(bank, kind, name, **body):
    stem = {"zh-hans": "问 [[g1]]" if kind == "cloze" else "问"}
    return Question.objects.create(bank=bank, name=name, type=kind, body={"type": kind, "stem": stem, **body})


def answer(text, fraction, **more):
    return {"id": text[:9], "text": {"zh-hans": text}, "fraction": fraction, "feedback": {}, **more}


def number(value, fraction, tolerance="0"):
    return {"id": value, "value": value, "tolerance": tolerance, "fraction": fraction}


@pytest.fixture
def bank():
    return QuestionBank.objects.create(slug="typed", name="填空")


def listed(capsys, **options):
    call_command("match_order", json=True, **options)
    return [(line["name"], line["gap"], line["said"]) for line in json.loads(capsys.readouterr().out)]


def test_a_wide_pattern_before_a_better_answer_is_named_and_a_right_order_is_not(bank, capsys):
    question(bank, "shorttext", "倒了", answers=[answer("*利率", "0.5"), answer("年利率", "1")])
    question(bank, "shorttext", "顺的", answers=[answer("年利率", "1"), answer("*利率", "0.5"), answer("*", "0")])
    question(bank, "numeric", "数倒了", answers=[number("10", "0.5", "2"), number("10", "1")])
    question(bank, "numeric", "数顺的", answers=[number("10", "1"), number("10", "0.5", "2")])
    gap = {"id": "g1", "kind": "text", "answers": [answer("一*", "0"), answer("一年", "1")]}
    question(bank, "cloze", "空倒了", gaps=[gap])

    assert listed(capsys) == [("倒了", "", "年利率"), ("数倒了", "", "10"), ("空倒了", "g1", "一年")]
    assert listed(capsys, bank="typed") == listed(capsys)


def test_an_unknown_bank_is_named(bank):
    with pytest.raises(CommandError, match="nowhere"):
        call_command("match_order", bank="nowhere")
