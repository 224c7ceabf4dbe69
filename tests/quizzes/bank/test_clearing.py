"""What was sent for questions and never used goes after a month; what any question ever named stays."""

from datetime import timedelta

import pytest
from django.utils import timezone

from academy.calendar.clock import DAILY_PASSES
from quizzes.bank.files import keep_files
from quizzes.models import QuestionFile, QuestionImport
from tests.quizzes.factories import bank_of
from tests.quizzes.interchange.test_rich_files import PNG, SHOWN, SOUND

pytestmark = pytest.mark.django_db


def days_later(name, days):
    moment = timezone.now() + timedelta(days=days)
    DAILY_PASSES[name](moment, moment.date())


def pictures():
    return set(QuestionFile.objects.values_list("digest", flat=True))


def test_a_picture_that_no_question_names_goes_after_a_month():
    question = bank_of(1).questions.get()
    keep_files([PNG, SOUND], now=timezone.now())
    question.body = {**question.body, "stem": {"zh-hans": SHOWN}}
    question.save_revision()
    keep_files([PNG], now=timezone.now())
    QuestionFile.objects.create(digest="0" * 64, kind="image/png", content=b"x")
    name = "forget unused pictures and sounds"

    days_later(name, 29)
    before = pictures()
    # Sent once more meanwhile.
    QuestionFile.objects.create(
        digest="1" * 64, kind="image/png", content=b"x", created_at=timezone.now() + timedelta(days=20)
    )
    days_later(name, 31)

    assert before == {PNG.digest, SOUND.digest, "0" * 64}
    assert pictures() == {PNG.digest, SOUND.digest, "1" * 64}


def test_a_file_that_nobody_stored_goes_after_a_month():
    bank = bank_of(0).bank
    QuestionImport.objects.create(bank=bank, language="en", source=b"x")
    stored = QuestionImport.objects.create(bank=bank, language="en", stored_at=timezone.now())
    name = "forget files of questions that nobody stored"

    days_later(name, 29)
    before = QuestionImport.objects.count()
    days_later(name, 31)

    assert (before, list(QuestionImport.objects.all())) == (2, [stored])
