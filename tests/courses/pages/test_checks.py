"""The question of a lesson: an error stands beside it, and the lesson counts once it was answered right or explained twice."""

import re

import pytest
from django.urls import reverse
from django.utils import timezone

from academy.models import HouseSwitch
from courses.models import LessonPage, LessonProgress
from courses.progress.checks import CheckStand, after_answer
from courses.progress.learning import check_order, enrol
from quizzes.attempts import start_attempt
from quizzes.bank.versions import publish_version
from quizzes.models import Exposure, Question
from tests.cast import bank, person
from tests.courses.factories import course_of
from tests.quizzes.factories import bank_of, body, named, quiz_of

RIGHT, WRONG = {"right": True, "repeated": False, "silent": False}, {"right": False, "repeated": False, "silent": False}
AGAIN, SILENT = {**WRONG, "repeated": True}, {**WRONG, "silent": True}


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ([], CheckStand(0, False)),
        ([RIGHT], CheckStand(0, True)),
        ([WRONG], CheckStand(1, False)),
        ([WRONG, AGAIN, AGAIN], CheckStand(1, False)),
        ([WRONG, WRONG], CheckStand(2, True)),
        ([WRONG, RIGHT], CheckStand(1, True)),
        ([RIGHT, WRONG], CheckStand(1, True)),
        ([SILENT], CheckStand(0, True)),
    ],
)
def test_a_question_settles_when_answered_right_or_explained_twice(answers, expected):
    stand = CheckStand()
    for answer in answers:
        stand = after_answer(stand, **answer)

    assert stand == expected


OPTIONS = {"a": ("1", "就是它"), "b": ("0", "这样会吓着客户"), "c": ("0", "这样太慢")}


@pytest.fixture
def learner(db, client):
    found = person("100001", "欧阳文澜", bank()["BJ01"])
    client.force_login(found)
    return found


@pytest.fixture
def lesson(learner) -> LessonPage:
    """A lesson whose question has one right option and two wrong ones, each with its reason."""
    question = bank_of(1).questions.get()
    question.body = {
        **body(),
        "options": [
            {"id": one, "text": {"zh-hans": f"选项{one}"}, "fraction": share, "feedback": {"zh-hans": reason}}
            for one, (share, reason) in OPTIONS.items()
        ],
    }
    question.save()
    publish_version(question=question, now=timezone.now(), actor=None)
    page = LessonPage.objects.get(lesson__course=course_of("checked", lessons=1))
    page.body = [("text", "<p>正文</p>"), ("check", {"question": question})]
    page.save_revision().publish()
    return page


def answer(client, page: LessonPage, learner, option: str) -> str:
    """The page behind an answer, as a browser shows it."""
    version = Question.objects.get(pk=page.check_question_id).current_version
    place = {"order": check_order(version, learner.pk)}
    response = client.post(
        reverse("courses:lesson_step", args=[page.pk, "check"]), {"response": named(place, option)}, follow=True
    )
    assert response.redirect_chain[-1][0].endswith(("#check-result", "#check-error"))
    return response.content.decode()


def done(page: LessonPage) -> bool:
    """By the answer itself: nothing more was pressed."""
    return LessonProgress.objects.get(lesson=page.lesson).done_at is not None


def test_a_first_wrong_answer_is_explained_without_the_key_and_does_not_count(client, lesson, learner):
    page = answer(client, lesson, learner, "b")

    assert "这样会吓着客户" in page and "再答一次" in page
    assert "正确答案" not in page.replace("给出正确答案", "") and "因为如此" not in page
    assert "上次的答案不对" in page and f"{lesson.pk}/done/" not in page
    assert not Exposure.objects.filter(person=learner, key_first_at__isnull=False).exists()
    assert not done(lesson)


def test_the_wrong_choice_is_marked_wrong_and_no_other(client, lesson, learner):
    page = answer(client, lesson, learner, "b")

    marked = re.findall(r'<label class="choice choice--wrong">(.*?)</label>', page, re.DOTALL)
    assert len(marked) == 1 and "选项b" in marked[0] and "不太对" in marked[0]


def test_the_same_wrong_answer_again_is_said_to_be_the_same_and_tells_no_more(client, lesson, learner):
    answer(client, lesson, learner, "b")
    page = answer(client, lesson, learner, "b")

    assert "这个答案您刚才已经选过，请换一个再答。" in page and "这样会吓着客户" in page
    assert "因为如此" not in page
    assert not done(lesson)


def test_a_second_wrong_answer_is_explained_with_the_key_and_counts(client, lesson, learner):
    answer(client, lesson, learner, "b")
    page = answer(client, lesson, learner, "c")

    assert "这样太慢" in page and "因为如此" in page and "选项a" in page
    assert done(lesson)


def test_a_right_answer_counts(client, lesson, learner):
    answer(client, lesson, learner, "b")
    page = answer(client, lesson, learner, "a")

    assert "因为如此" in page and f"{lesson.pk}/done/" not in page and "choice--wrong" not in page
    assert done(lesson)


def test_an_answer_of_which_nothing_may_be_said_counts_and_tells_nothing(client, lesson, learner):
    """An open paper of the learner asks the same question; refusing the lesson would say that the answer was wrong."""
    quiz = quiz_of(bank_of(0), 1, kind="practice")
    enrol(learner=learner, course=course_of("talks", quiz=quiz), now=timezone.now())
    start_attempt(quiz=quiz, learner=learner, language="zh-hans", now=timezone.now(), seed=1)

    page = answer(client, lesson, learner, "b")

    assert "作答已保存" in page and "这样会吓着客户" not in page
    assert done(lesson)


def test_no_answer_is_refused_beside_the_question(client, lesson, learner):
    response = client.post(reverse("courses:lesson_step", args=[lesson.pk, "check"]), follow=True)

    page = response.content.decode()
    assert response.redirect_chain[-1][0].endswith("#check-error")
    head, question = page.split('id="check"')
    assert "请先作答" not in head
    assert 'id="check-error" role="alert" tabindex="-1">请先作答' in question


def test_a_device_keeps_the_lesson_without_its_question_and_what_cannot_be_pressed(client, lesson, learner):
    enrol(learner=learner, course=lesson.lesson.course, now=timezone.now())
    told = answer(client, lesson, learner, "a")
    assert "因为如此" in told
    response = client.get(lesson.url)
    assert response["Academy-Keep"] == "lesson; seconds=5184000"

    # As the worker in the browser cuts it.
    kept = re.sub(r"<!-- not kept -->.*?<!-- kept again -->", "", response.content.decode(), flags=re.DOTALL)
    for never in ("因为如此", "就是它", "选项a", 'name="drawn"', f"lessons/{lesson.pk}/done/"):
        assert never not in kept
    assert "正文" in kept and "需要联网" in kept

    HouseSwitch.objects.create(code=HouseSwitch.KEEP_ON_DEVICES, on=False)
    assert "Academy-Keep" not in client.get(lesson.url)
