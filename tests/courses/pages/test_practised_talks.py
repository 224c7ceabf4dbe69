"""The course's list and the practice page say the same of a practised talk: where it goes on, how it ended, that it was won."""

import pytest
from django.urls import reverse
from django.utils import timezone

from courses.models import CoursePage
from courses.progress.learning import enrol
from quizzes.attempts import start_attempt, submit_attempt
from quizzes.bank.versions import publish_version
from quizzes.models import Quiz, QuizSlot
from tests.cast import bank, person
from tests.courses.factories import course_of
from tests.quizzes.types.test_dialogue_pages import question_of, say

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def talk():
    quiz = Quiz.objects.create(
        code="talk",
        title="说好今天能取",
        kind="practice",
        live=True,
        pass_mark=60,
        attempts_allowed=None,
        wait_minutes=0,
        wait_later_minutes=0,
    )
    question = question_of()
    publish_version(question=question, now=timezone.now(), actor=None)
    QuizSlot.objects.create(quiz=quiz, question=question)
    return quiz


def test_both_lists_say_how_a_talk_went(client, talk):
    course = course_of("complaints", quiz=talk)
    learner = person("100001", "欧阳文澜", bank()["BJ01"])
    enrol(course=course, learner=learner, now=timezone.now())
    client.force_login(learner)

    def told() -> tuple[str, str]:
        pages = (CoursePage.objects.get(course=course).url, reverse("quizzes:practice"))
        rows = [client.get(page).text.split("说好今天能取</strong>")[1].split("</li>")[0] for page in pages]
        words = ("作答中", "◐ 勉强留住客户", "✕ 失去客户", "✓ 赢得客户")
        course_row, practice_row = ([word for word in words if word in " ".join(row.split())] for row in rows)
        assert course_row == practice_row
        return "".join(course_row)

    def play(*choices: str) -> None:
        now = timezone.now()
        attempt = start_attempt(quiz=talk, learner=learner, language="zh-hans", now=now, seed=1)
        for step, choice in enumerate(choices):
            say(client, attempt, choice, step, f"t{step + 1}")
        if len(choices) == 2:
            submit_attempt(attempt=attempt, now=timezone.now())

    assert told() == ""
    play("b", "c")
    assert told() == "✕ 失去客户"
    play("a", "a")
    assert told() == "✓ 赢得客户"
    # What was won stays won when it is begun anew.
    play("b")
    assert told() == "✓ 赢得客户"
