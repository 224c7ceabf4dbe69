"""A list of hundreds of options is found in by typing, with keys alone, in filters and forms."""

import pytest
from django.urls import reverse

from academy.models import Role
from quizzes.models import Question, QuestionCategory
from tests.cast import bank, person
from tests.quizzes.factories import bank_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, serialized_rollback=True)]


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_category_among_hundreds_is_typed_and_chosen_with_keys(walk, language):
    branches = bank()
    questions = bank_of(2)
    last = [
        QuestionCategory.objects.create(bank=questions.bank, name=f"类别 {n:03}", name_en=f"Category {n:03}")
        for n in range(150)
    ][-1]
    mine = Question.objects.order_by("pk").last()
    Question.objects.filter(pk=mine.pk).update(category=last)
    person("200001", "宋知远", branches["HO"], roles=[Role.TRAINER], language=language)
    trainer = walk(width=1280, height=900)
    page = trainer.page
    trainer.sign_in("200001", then="/cms/questions/")

    page.click("#filters-drilldown .w-slim-header-action-button")
    page.click("[aria-controls=drilldown-id_category]")
    field = page.locator(".academy-find input[role=combobox]").first
    field.fill("149")
    page.wait_for_selector("[role=option] >> nth=0")
    assert page.locator(".academy-find__list:visible [role=option]").count() == 1
    trainer.check("open list", ".academy-find")
    field.press("Enter")
    page.wait_for_url("**category=*")
    assert page.locator("select[name=category]").input_value() == str(last.pk)
    field.fill("没有这一项")
    assert page.locator(".academy-find__note:visible").count() == 1
    field.press("Escape")
    assert "149" in field.input_value()
    # Emptied and left, it asks for nothing again.
    field.fill("")
    field.press("Tab")
    assert page.locator("select[name=category]").input_value() == ""

    page.goto(trainer.url + reverse("wagtailsnippets_quizzes_question:edit", args=[mine.pk]))
    assert "149" in page.locator(".academy-find:has(select[name=category]) input").input_value()
    assert trainer.found == []
