"""What the import page shows as an example can be imported as it stands."""

from html import unescape

import pytest
from django.urls import reverse

from academy.models import Role
from quizzes.interchange import read_cases, read_dialogues
from quizzes.interchange.examples import CASE, DIALOGUE
from tests.cast import bank, person

pytestmark = pytest.mark.django_db


def test_the_page_shows_a_dialogue_and_a_case_that_are_read_as_they_stand(client):
    client.force_login(person("200001", "宋知远", bank()["HO"], roles=[Role.TRAINER]))

    page = unescape(client.get(reverse("quizzes_import")).content.decode())

    assert DIALOGUE in page and CASE in page
    for read, example in ((read_dialogues, DIALOGUE), (read_cases, CASE)):
        found = read(example)
        assert not found.errors and len(found.questions) == 1
