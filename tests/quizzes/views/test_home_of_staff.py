"""The learner's home of those who also work on content says what waits for them."""

import pytest
from django.urls import reverse

from academy.models import Role
from quizzes.models import Quiz
from tests.cast import bank, person
from tests.quizzes.factories import bank_of, quiz_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def home(client, user):
    client.force_login(user)
    return client.get(reverse("home")).text


def test_home_says_what_waits_for_a_trainer_and_nothing_of_it_to_a_learner(client):
    branches = bank()
    made = quiz_of(bank_of(2), 1, code="draft")
    Quiz.objects.filter(pk=made.pk).update(live=False)
    trainer = person("200001", "宋知远", branches["BJ"], roles=[Role.TRAINER])
    learner = person("100001", "林晚", branches["BJ01"])

    assert "waiting-title" in home(client, trainer)
    assert "/cms/quizzes/?state=draft" in home(client, trainer)
    assert "waiting-title" not in home(client, learner)
