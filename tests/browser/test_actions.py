"""How many presses and typed fields a trainer needs: each press of the mouse is one action, and each field typed into."""

import pytest
from django.urls import reverse

from academy.models import Role
from courses.models import CoursePage, LessonPage
from quizzes.models import Question, QuestionBank
from tests.cast import bank, person
from tests.courses.factories import course_of
from tests.quizzes.factories import bank_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, serialized_rollback=True)]
RECORDER = """
if (window === window.top) {
  const add = () => sessionStorage.setItem("actions", Number(sessionStorage.getItem("actions") ?? 0) + 1);
  const typed = new WeakSet();
  addEventListener("pointerdown", (event) => event.isTrusted && add(), true);
  addEventListener("beforeinput", ({ target }) => { if (!typed.has(target)) { typed.add(target); add(); } }, true);
  addEventListener("keydown", (event) => event.key === "Enter" && event.target.matches("button, a") && add(), true);
}
"""


class Hands:
    """A trainer's hands on a page: only what a person does, press and type."""

    def __init__(self, trainer) -> None:
        self.page = trainer.page
        self.page.add_init_script(RECORDER)
        self.page.reload()

    def types(self, place: str, text: str) -> None:
        self.page.click(f"{place} >> visible=true")
        self.page.keyboard.type(text)

    def publishes(self) -> None:
        self.page.click("footer .w-dropdown__toggle")
        self.page.click("[name=action-publish] >> visible=true")

    @property
    def actions(self) -> int:
        return int(self.page.evaluate("sessionStorage.getItem('actions')"))


@pytest.fixture
def hands(walk):
    person("200001", "宋知远", bank()["HO"], roles=[Role.TRAINER], language="zh-hans")
    trainer = walk(width=1280, height=1000)
    trainer.sign_in("200001", then="/cms/")
    return Hands(trainer)


def test_a_single_choice_in_one_language_takes_thirteen_actions(hands):
    QuestionBank.objects.create(slug="service", name="服务")
    page = hands.page
    page.click(".academy-shortcuts a[href*='/cms/questions/add/']")
    page.click("a[href*='type=single']")
    hands.types("[name=body-stem_zh]", "客户说听不清，第一句怎么接？")
    for number, text in enumerate(("我再慢慢说一遍。", "您没认真听。", "自己看。"), 1):
        hands.types(f"[name=body-text{number}_zh]", text)
    page.click("[name=body-right][value='1']")
    hands.publishes()
    page.wait_for_url("**/cms/questions/")

    assert Question.objects.get().current_version.body["stem"] == {"zh-hans": "客户说听不清，第一句怎么接？"}
    assert hands.actions == 13


def test_a_lesson_of_ten_blocks_takes_at_most_forty_five_actions(hands):
    question = bank_of(1).questions.get()
    parent = CoursePage.objects.get(course=course_of("c1", lessons=0))
    page = hands.page
    page.goto(page.url.split("/cms/")[0] + reverse("wagtailadmin_pages:add", args=["courses", "lessonpage", parent.pk]))
    hands.types("[name=title]", "第一课 接住第一句")

    def rich(number: int, text: str) -> None:
        page.locator(f"[name='body-{number}-value']").locator("xpath=..").locator("[contenteditable=true]").click()
        page.keyboard.type(text)

    def add(kind: str) -> None:
        page.locator("#body-root, [data-streamfield-stream-container]").first.wait_for()
        page.locator("button.c-sf-add-button >> visible=true").last.click()
        page.locator(f"[role=option]:has-text('{kind}') >> visible=true").first.click()

    rich(0, "客户说听不清。")
    rich(1, "先停一停，再慢慢说。")
    hands.types("[name='body-2-value-say-0-value']", "我再慢慢说一遍。")
    hands.types("[name='body-2-value-avoid-0-value']", "您没认真听。")
    rich(3, "声音低一点，句子短一点。")
    hands.types("[name='body-4-value']", "听清比说快要紧。")
    rich(5, "明天对一位客户这样说。")
    page.click("#body-6-value-question-chooser button[data-chooser-action-choose] >> visible=true")
    page.click(f".modal a:has-text('{question.stem('zh-hans')}')")
    page.wait_for_selector(f"#body-6-value-question-chooser :text('{question.stem('zh-hans')}')")
    for number, kind in ((7, "正文"), (8, "正文")):
        add(kind)
        rich(number, "再说一遍。")
    add("要点")
    hands.types("[name='body-9-value']", "一句一句说。")
    hands.publishes()
    page.wait_for_url(f"**/cms/pages/{parent.pk}/")

    assert len(LessonPage.objects.get().body) == 10
    assert hands.actions <= 45
