"""An exam question that is drafted, submitted, asked, answered and reported, and who may read it."""

import pytest
from django.utils import timezone
from wagtail.models import Workflow

from academy.doors import Ground, grounds_for
from academy.models import Role
from quizzes.attempts import start_attempt, submit_attempt
from quizzes.attempts.saving import save_answer
from quizzes.bank.versions import publish_version
from quizzes.models import (
    Question,
    QuestionBank,
    QuestionCategory,
    QuestionReport,
    Quiz,
    QuizSlot,
)
from tests.cast import bank, person
from tests.own_workflow import make_workflow
from tests.quizzes.pools.exam_pool import KEY, SECRET, secret_body


@pytest.fixture
def branches():
    found = bank()
    make_workflow()
    return found


@pytest.fixture
def keeper(branches):
    return person("200003", "秦守诚", branches["HO"], roles=[Role.TRAINER, Role.REVIEWER, Role.EXAM_KEEPER])


@pytest.fixture
def question(branches, keeper) -> Question:
    """An exam question that is drafted, submitted, asked by name and by draw, answered and reported."""
    questions = QuestionBank.objects.create(pk=KEY, slug="exam-bank", name="考试题库", open_for_practice=True)
    pool = QuestionCategory.objects.create(pk=KEY, bank=questions, slug="pool", name="考试", kept_for_exams=True)
    found = Question.objects.create(
        pk=KEY, bank=questions, category=pool, name=f"{SECRET}名称", type="single", body=secret_body(), live=True
    )
    found.save_revision(user=keeper)
    publish_version(question=found, now=timezone.now(), actor=keeper)
    found.save_revision(user=keeper)
    Workflow.objects.get(name="本行流程").start(found, keeper)
    quiz = Quiz.objects.create(pk=KEY, code="exam", title="考试", pass_mark=80, live=True, kind=Quiz.Kind.EXAM)
    QuizSlot.objects.create(quiz=quiz, question=found, sort_order=0)
    quiz.save_revision(user=keeper)
    learner = person("100001", "欧阳文澜", branches["BJ01"])

    def sits(asked, who):
        return [Ground(occasion="test:1", label="test", url="/")] if who.pk == learner.pk else []

    grounds_for.register(sits)
    attempt = start_attempt(quiz=quiz, learner=learner, language="zh-hans", now=timezone.now(), seed=1)
    for option, sequence in (("a", 2), ("b", 1)):
        said = {"chosen": option}
        save_answer(attempt=attempt, slot=1, response=said, tab="t", sequence=sequence, now=timezone.now())
    submit_attempt(attempt=attempt, now=timezone.now())
    QuestionReport.objects.create(
        pk=KEY, version=found.versions.last(), reporter=learner, attempt=attempt, slot=1, text="有误"
    )
    yield Question.objects.get(pk=KEY)
    grounds_for.functions.remove(sits)
