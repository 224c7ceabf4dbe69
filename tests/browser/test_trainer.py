"""A trainer in a real browser: from a new question to a published quiz that a course asks for."""

import re

import pytest

from academy.models import Role
from courses.models import Course
from quizzes.models import Question, Quiz
from tests.browser.conftest import PATIENCE
from tests.cast import bank, person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, serialized_rollback=True)]
WORDS = {
    "zh-hans": (
        "客户说听不清，第一句怎么接？",
        ["我再慢慢说一遍。", "您没认真听。", "写在纸上了，自己看。"],
        "听清比说快要紧。",
    ),
    "en": (
        "A client cannot hear you. What now?",
        ["I will say it again, slowly.", "You did not listen.", "Read it."],
        "Being heard matters.",
    ),
}


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_from_a_new_question_to_a_published_quiz(starter, walk, language):
    person("200001", "宋知远", bank()["HO"], roles=[Role.TRAINER], language=language)
    stem, options, explanation = WORDS[language]
    side = "zh" if language == "zh-hans" else "en"
    trainer = walk(width=1280, height=1000)
    page = trainer.page
    trainer.sign_in("200001", then="/cms/")
    trainer.check("home")

    # A question: its type, its words, a look at it as a learner, then published.
    page.click(".academy-shortcuts a[href*='/cms/questions/add/']")
    page.click("a[href*='type=single']")
    page.fill(f"[name=body-stem_{side}]", stem)
    for number, text in enumerate(options, 1):
        page.fill(f"[name=body-text{number}_{side}]", text)
    page.fill(f"[name=body-feedback_{side}]", explanation)
    page.check("[name=body-right][value='1']")
    page.fill("[name=name]", "journey question")
    page.select_option("[name=bank]", index=1)
    trainer.check("question form", "[data-edit-form]")
    page.click("[data-side-panel-toggle=preview]")
    preview = page.frame_locator("[data-side-panel=preview] iframe").first
    preview.get_by_text(options[0]).first.wait_for()
    _publish(page)
    page.wait_for_url("**/cms/questions/")
    question = Question.objects.get(name="journey question")
    assert question.current_version.body["stem"] == {language: stem}

    # A quiz with that one question.
    page.goto(trainer.url + "/cms/quizzes/add/")
    page.fill(f"[name={'title' if side == 'zh' else 'title_en'}]", "a journey quiz")
    page.click("#id_slots-ADD")
    page.click("#id_slots-0-question-chooser button[data-chooser-action-choose] >> visible=true")
    page.click(f".modal a:has-text('{stem}')")
    page.wait_for_selector(f"#id_slots-0-question-chooser :text('{stem}')")
    for tab in page.locator("[data-edit-form] [role=tab]").all():
        tab.click()
        trainer.check(f"quiz form, {tab.inner_text()}", "[data-edit-form]")
    page.locator("[data-edit-form] [role=tab]").first.click()
    before = Quiz.objects.count()
    _publish_while_it_saves_itself(page, lambda: page.fill("[name=slots-0-mark]", "2"))
    page.wait_for_url("**/cms/quizzes/")
    quiz = Quiz.objects.get(code="a-journey-quiz")
    assert Quiz.objects.count() <= before + 1
    assert quiz.live and not quiz.has_unpublished_changes
    assert quiz.slots.get().question == question and quiz.slots.get().mark == 2

    # A dialogue's tables with the tree beside them, and hints of a question. Those of exams are closed to a trainer.
    open_talks = Question.objects.filter(type="dialogue", category__kept_for_exams=False)
    page.goto(f"{trainer.url}/cms/questions/edit/{open_talks.first().pk}/")
    trainer.check("dialogue editor", "[data-edit-form]")
    page.goto(f"{trainer.url}/cms/questions/edit/{question.pk}/")
    page.click(".academy-body-block details:has(.academy-hint) > summary")
    trainer.check("question form with hints", "[data-edit-form]")

    # The course asks for it.
    course = Course.objects.get(code="business-etiquette")
    page.goto(f"{trainer.url}/cms/courses/")
    trainer.check("courses", "main")
    page.click(f"main tbody a[href*='/edit/{course.pk}/']")
    trainer.check("course", "main form")
    before = set(course.placements.values_list("quiz__code", flat=True))
    page.click("#quizzes-root button.c-sf-add-button >> nth=-1")
    page.click(f"[id^=quizzes-{len(before)}-value] button[data-chooser-action-choose] >> visible=true")
    page.click(".modal a:has-text('journey quiz')")
    page.wait_for_selector("#quizzes-root :text('journey quiz')")
    page.click("footer button[type=submit]")
    page.wait_for_url("**/cms/courses/")
    assert "business-etiquette-quiz" in before
    assert set(course.placements.values_list("quiz__code", flat=True)) == before | {"a-journey-quiz"}
    assert trainer.found == []


def _publish_while_it_saves_itself(page, type_the_last_key) -> None:
    """The button is pressed while what the form saves by itself is on its way, and arrives late."""
    held = []

    def hold(route):
        if route.request.method == "POST" and route.request.headers.get("accept") == "application/json":
            held.append(route)
        else:
            route.continue_()

    page.route(re.compile(r"/cms/quizzes/(add|edit/\d+)/$"), hold)
    type_the_last_key()
    for _tenth in range(PATIENCE // 100):
        if held:
            break
        page.wait_for_timeout(100)
    _publish(page)
    page.wait_for_selector("[data-open-form-waits]")
    for route in held:
        route.continue_()


def _publish(page) -> None:
    page.click("footer .w-dropdown__toggle")
    page.click("[name=action-publish] >> visible=true")
