"""A line of the blueprint says what each category holds while it is written."""

import pytest
from django.urls import reverse

from academy.models import Role
from quizzes.models import Question
from tests.cast import bank, person
from tests.quizzes.factories import bank_of, quiz_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def test_each_category_of_a_line_says_how_many_of_each_difficulty_it_holds(client):
    category = bank_of(3)
    Question.objects.filter(name="q0").update(difficulty="hard")
    client.force_login(person("200001", "宋知远", bank()["BJ"], roles=[Role.TRAINER]))
    quiz = quiz_of(category, 2, code="drawn")

    page = client.get(reverse("wagtailsnippets_quizzes_quiz:edit", args=[quiz.pk])).text

    # In the line that stands and in the one that is added on the page.
    assert page.count(f"{category}（易 0，中 2，难 1）") >= 2
