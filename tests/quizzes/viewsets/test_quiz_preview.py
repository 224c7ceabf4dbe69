"""The preview of a quiz: what it asks, also where its questions are drafts."""

import pytest
from django.urls import reverse

from academy.models import Role
from quizzes.models import Question, Quiz, QuizSlot
from tests.cast import bank, person
from tests.quizzes.factories import bank_of, body

pytestmark = pytest.mark.django_db


def test_it_says_how_many_questions_are_not_published_yet(client):
    category = bank_of(1)
    quiz = Quiz.objects.create(code="quiz", title="测验", pass_mark=80)
    for order, name in enumerate(("甲", "乙")):
        place = {"bank": category.bank, "category": category}
        draft = Question.objects.create(**place, name=name, type="single", body=body(), live=False)
        QuizSlot.objects.create(quiz=quiz, question=draft, sort_order=order)
    client.force_login(person("200001", "宋知远", bank()["HO"], roles=[Role.TRAINER]))

    def preview():
        revision = quiz.save_revision()
        return client.get(reverse("wagtailsnippets_quizzes_quiz:revisions_view", args=[quiz.pk, revision.pk])).text

    page = preview()
    assert "2 道题尚未发布" in page and "还没有题目" not in page

    published = Question.objects.get(live=True)
    QuizSlot.objects.filter(quiz=quiz).update(question=published)
    quiz = Quiz.objects.get(pk=quiz.pk)
    assert "尚未发布" not in preview()
