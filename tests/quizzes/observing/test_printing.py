"""What is printed of an observed practice: the rubric for everybody, the role card for whoever may assess."""

import io

import pytest
from django.urls import reverse
from django.utils import timezone
from pikepdf import Pdf

from quizzes.observing.printing import role_card_page, rubric_page
from tests.cast import person
from tests.quizzes.observing.cast import booked, world

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def store(settings, tmp_path):
    settings.PRIVATE_ROOT = tmp_path


def test_who_assesses_prints_the_role_card_and_who_is_observed_the_rubric_alone(client):
    _branches, made, learner, (first, *_others) = world(role_card="您扮演周先生", role_card_en="You play Mr Zhou")
    observation = booked(made, learner, [first], now=timezone.now())
    rubric = reverse("observe:rubric_printed", args=[made.code, "zh-hans"])
    card = reverse("observe:role_card_printed", args=[observation.uuid, "en"])
    for who, allowed in ((learner, False), (first, True)):
        client.force_login(who)
        page = client.get(rubric)
        assert page.headers["Content-Type"] == "application/pdf"
        assert len(Pdf.open(io.BytesIO(page.content)).pages) == 1
        assert client.get(card).status_code == (200 if allowed else 404)
        assert (card in client.get(observation.get_absolute_url()).content.decode()) == allowed
    client.force_login(person("5", "路人甲", learner.postings.get().branch))
    assert client.get(card).status_code == 404
    assert client.get(reverse("observe:rubric_printed", args=[made.code, "fr"])).status_code == 404


def test_the_page_says_the_figures_the_system_goes_by():
    _branches, made, _learner, _assessors = world(
        assessors=2, spread=25, role_card="第一句。\n· 请坐：坐下\n· 解释：重复"
    )
    page = rubric_page(made, language="zh-hans", values={}).html
    assert "25 分" in page and "70" in page and "抛掷单据" in page and "第2档" in page
    card = role_card_page(made, language="zh-hans", values={}).html
    assert card.count("<li>") == 2 and "第2档" not in card
