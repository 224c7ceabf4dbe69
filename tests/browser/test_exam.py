"""An exam in a real browser: one way with several questions a page, and what the invigilator sees of it and says to it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from academy.models import Role
from quizzes.attempts import start_attempt
from quizzes.bank.versions import publish_version
from quizzes.hall.seating import add_candidates
from quizzes.hall.sessions import arrange_session
from quizzes.models import Answer, Attempt, ExamSession, Question, QuizSlot
from tests.cast import bank, person
from tests.quizzes.factories import BOXES, bank_of, quiz_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, serialized_rollback=True)]
STEPS = ["问好", "倾听", "建议"]


def question_of(category, kind: str, **body) -> Question:
    made = Question.objects.create(
        bank=category.bank,
        category=None,
        name=kind,
        type=kind,
        live=True,
        body={"type": kind, "stem": {"zh-hans": kind}, "feedback": {}, **body},
    )
    publish_version(question=made, now=timezone.now(), actor=None)
    return made


@pytest.fixture
def session() -> ExamSession:
    """Three pages one way: two choices; an order and an essay; one more choice."""
    branches = bank()
    hr = person("300001", "苏映雪", branches["BJ"], roles=[Role.HR])
    watch = person("510001", "沈观澜", branches["BJ"], roles=[Role.INVIGILATOR], language="zh-hans")
    learner = person("100001", "欧阳文澜", branches["BJ01"], language="zh-hans")
    category = bank_of(3)
    exam = quiz_of(
        category,
        2,
        code="exam",
        kind="exam",
        time_limit_minutes=60,
        questions_per_page=2,
        navigation="one_way",
        shuffle_questions=False,
    )
    items = [{"id": one, "text": {"zh-hans": text}} for one, text in zip("abc", STEPS, strict=True)]
    for order, question in enumerate(
        [question_of(category, "ordering", items=items), question_of(category, "essay")], 1
    ):
        QuizSlot.objects.create(quiz=exam, question=question, sort_order=order)
    QuizSlot.objects.create(quiz=exam, category=category, count=1, sort_order=3)
    now = timezone.now()
    made = ExamSession(
        quiz=exam,
        branch=branches["BJ"],
        name="上午第一场",
        room="三楼机房",
        late_minutes=30,
        seats=30,
        starts_at=now - timedelta(minutes=5),
        ends_at=now + timedelta(hours=2),
    )
    arrange_session(session=made, invigilators=[watch], actor=hr, now=now)
    add_candidates(session=made, text="100001", actor=hr, now=now)
    start_attempt(quiz=exam, learner=learner, language="zh-hans", now=now, seed=1)
    return made


def form(page, slot: int):
    return page.locator(f"[data-question][data-slot='{slot}']")


def wait_saved(page, slot: int) -> None:
    form(page, slot).locator("[data-receipt][data-tone=saved]").wait_for()


def stored() -> dict:
    return {answer.slot: answer.response for answer in Answer.objects.all()}


def test_each_question_of_a_page_is_saved_by_itself_and_a_page_left_never_comes_back(session, walk):
    attempt = Attempt.objects.get()
    sat = walk(360)
    page = sat.page
    sat.sign_in("100001", then=attempt.get_absolute_url())
    form(page, 1).locator(BOXES["a"]).check()
    wait_saved(page, 1)
    assert stored() == {1: {"chosen": "a"}}
    assert form(page, 2).locator("[data-receipt]").inner_text() == ""
    form(page, 2).locator(BOXES["b"]).check()
    wait_saved(page, 2)
    assert page.locator("text=上一题").count() == 0

    page.click(".question__nav .button--primary")
    first = form(page, 3).locator(".ordering__item").first
    moved = first.locator(".ordering__text").inner_text()
    first.locator("[value$=':down']").click()
    wait_saved(page, 3)
    form(page, 4).locator("textarea").fill("先问好，再听完。")
    wait_saved(page, 4)
    assert form(page, 3).locator(".ordering__text").nth(1).inner_text() == moved
    sat.check("an order and an essay")
    page.click("[data-question][data-slot='3'] .report-link")
    page.wait_for_selector("[name=text]")
    sat.check("the report of a question")
    page.go_back()
    form(page, 3).wait_for()
    order = stored()[3]["order"]
    assert STEPS["abc".index(order[1])] == moved

    # Neither by the address, nor by the browser's own way back, nor by the map.
    for way in (lambda: page.goto(f"{sat.url}{attempt.get_absolute_url()}?slot=1"), page.go_back, page.reload):
        way()
        form(page, 3).wait_for()
        assert form(page, 1).count() == 0
    assert page.locator("[data-map='1']").is_disabled()
    assert form(page, 4).locator("textarea").input_value() == "先问好，再听完。"
    assert stored() == {1: {"chosen": "a"}, 2: {"chosen": "b"}, 3: {"order": order}, 4: {"text": "先问好，再听完。"}}
    assert sat.found == []


LEAVES = """() => {
  window.dispatchEvent(new Event('blur'));
  const real = performance.now.bind(performance);
  performance.now = () => real() + 5000;
  window.dispatchEvent(new Event('focus'));
}"""
PASTES = """() => {
  const held = new DataTransfer();
  held.setData('text', '一段贴入的文字');
  document.dispatchEvent(new ClipboardEvent('paste', { clipboardData: held, bubbles: true }));
}"""


def test_the_console_tells_what_was_noticed_and_the_paper_hears_what_the_invigilator_says(session, walk, browser):
    attempt = Attempt.objects.get()
    sat, hall = walk(360), walk(1280)
    page, board = sat.page, hall.page
    sat.sign_in("100001", then=attempt.get_absolute_url())
    form(page, 1).wait_for()
    for script in (LEAVES, PASTES):
        with page.expect_response("**/notes/"):
            page.evaluate(script)
    elsewhere = browser.new_context().new_page()
    elsewhere.goto(f"{sat.url}/accounts/login/?next={attempt.get_absolute_url()}")
    elsewhere.fill("[name=login]", "100001")
    elsewhere.fill("[name=password]", "a-long-password")
    with elsewhere.expect_response("**/notes/"):
        elsewhere.click("main button[type=submit]")

    hall.sign_in("510001", then=f"/hall/{session.uuid}/")
    facts = board.inner_text(".console__facts")
    assert all(f"{fact} × 1" in facts for fact in ("切屏", "粘贴文字", "两处同时打开"))
    board.check("[name=whom][value=writing]")
    board.fill("#reason", "请核对座位号")
    board.click("button[value=message]")
    board.wait_for_selector("text=已发消息：欧阳文澜")
    hall.check("the console with notes and a message")

    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.wait_for_selector("[data-message]:not([hidden]) :text('请核对座位号')")
    page.wait_for_selector("[data-said]:has-text('请核对座位号')", state="attached")
    sat.check("a message")
    page.click("[data-message-read]")
    with page.expect_response("**/pulse/**"):
        page.reload()
    assert page.locator("[data-message]").is_hidden()
    assert sat.found == [] and hall.found == []
