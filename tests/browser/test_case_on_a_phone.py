"""On a phone the whole case is read on the page, above its question, and is folded away with a tap."""

from decimal import Decimal

import pytest
from django.utils import timezone

from courses.progress.learning import enrol
from quizzes.attempts import start_attempt
from quizzes.bank.versions import publish_version
from quizzes.models import QuizSlot
from tests.cast import bank, person
from tests.courses.factories import course_of
from tests.quizzes.factories import bank_of, case_of, quiz_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, serialized_rollback=True)]
LONG = "客户在柜台等了四十分钟，轮到时系统刚好中断，窗口的同事请他再等一等。\n\n" * 30


def test_a_long_case_has_no_box_of_its_own_to_scroll_and_folds_away(walk):
    learner, category = person("100001", "欧阳文澜", bank()["BJ01"]), bank_of(0)
    quiz = quiz_of(bank_of(1, slug="beside"), 1, code="case", kind="course")
    quiz.slots.all().delete()
    case = case_of(2, category, "长案")
    case.body["stem"]["zh-hans"] = LONG
    case.save()
    publish_version(question=case, now=timezone.now(), actor=None)
    QuizSlot.objects.create(quiz=quiz, category=category, cases=1, case_size=2, mark=Decimal(2))
    enrol(course=course_of("case", lessons=0, quiz=quiz), learner=learner, now=timezone.now())
    paper = start_attempt(quiz=quiz, learner=learner, language="zh-hans", now=timezone.now(), seed=1)
    phone = walk(360)
    phone.sign_in("100001", paper.get_absolute_url())
    text = phone.page.locator(".case__text")

    assert text.evaluate("one => one.scrollHeight > innerHeight && one.scrollHeight === one.clientHeight")
    assert text.bounding_box()["y"] < phone.page.locator(".question").bounding_box()["y"]
    phone.check("the case")
    phone.page.click(".case__head")
    assert not text.is_visible() and "Show" in phone.page.inner_text(".case__head")
    assert phone.found == []
