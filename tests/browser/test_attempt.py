"""An attempt in a real browser: no network, two tabs, a second browser, an expired session, a wrong clock, a phone."""

import json
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone

from quizzes.attempts import give_minutes, start_attempt
from quizzes.bank.versions import publish_version
from quizzes.models import Answer, Attempt, KeptAnswer, Question, QuizSlot
from tests.browser.conftest import Walk
from tests.cast import bank, person
from tests.quizzes.factories import BOXES, bank_of, named, quiz_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, serialized_rollback=True)]


@pytest.fixture
def branches():
    return bank()


@pytest.fixture
def learner(branches):
    return person("100001", "欧阳文澜", branches["BJ01"], language="zh-hans")


@pytest.fixture
def attempt(ground, learner) -> Attempt:
    category = bank_of(4)
    typed = Question.objects.create(
        bank=category.bank,
        category=None,
        name="typed",
        type="shorttext",
        live=True,
        body={
            "type": "shorttext",
            "stem": {"zh-hans": "写一句话", "en": "Write"},
            "feedback": {},
            "answers": [{"id": "a", "text": {"zh-hans": "好"}, "fraction": "1", "feedback": {}}],
        },
    )
    publish_version(question=typed, now=timezone.now(), actor=None)
    quiz = quiz_of(category, 4, time_limit_minutes=30, shuffle_questions=False)
    QuizSlot.objects.create(quiz=quiz, question=typed, sort_order=1)
    return start_attempt(quiz=quiz, learner=learner, language="zh-hans", now=timezone.now(), seed=1)


@pytest.fixture
def sit(browser, live_server, attempt):
    """Signed in and on the paper; ``sit(slot)`` opens a fresh browser window of that person."""

    def open_paper(slot=1, width=1280, before=lambda page: None):
        page = browser.new_context(viewport={"width": width, "height": 800}).new_page()
        before(page)
        found = Walk(page, live_server.url)
        found.sign_in("100001", then=f"{attempt.get_absolute_url()}?slot={slot}")
        found.page.wait_for_selector("[data-question]")
        return found

    return open_paper


def choose(page, option: str) -> None:
    page.check(BOXES[option])


def wait_saved(page) -> None:
    page.wait_for_selector("[data-receipt][data-tone=saved]")


def following(page) -> None:
    page.click(".question__nav .button--primary")


def jump(page, slot: int) -> None:
    page.click(f"[data-map='{slot}']")
    page.wait_for_selector(f"[data-question][data-slot='{slot}']")


def stored(attempt) -> dict:
    return {answer.slot: answer.response for answer in Answer.objects.filter(attempt=attempt)}


def test_every_change_is_saved_in_place_and_the_back_button_works(sit, attempt):
    page = sit().page
    choose(page, "a")
    wait_saved(page)
    assert page.inner_text("[data-receipt]").startswith("✓ 已保存 ")
    following(page)
    page.wait_for_selector("[data-question][data-slot='2']")
    assert page.url.endswith("?slot=2")
    page.click("[data-flag]")
    page.go_back()
    page.wait_for_selector("[data-question][data-slot='1']")
    assert page.is_checked(BOXES["a"])
    jump(page, 5)
    page.fill("[name=response]", "好")
    wait_saved(page)
    page.reload()

    assert page.input_value("[name=response]") == "好"
    assert stored(attempt) == {1: {"chosen": "a"}, 2: None, 5: {"text": "好"}}
    assert Answer.objects.get(attempt=attempt, slot=2).flagged is True
    assert page.inner_text("[data-counts]") == "已答 2 · 未答 3 · 标记 1"


def test_no_network_in_mid_exam_loses_nothing(sit, attempt):
    page = sit().page
    page.wait_for_selector("[data-whole]")
    page.context.set_offline(True)
    for option in ("a", "b", "a"):
        choose(page, option)
        following(page)
    page.wait_for_selector("[data-notice][data-tone=offline]")
    assert "网络已断开，答案暂存本机" in page.inner_text("[data-notice]")
    page.click("[data-map-card] .button--wide")
    page.wait_for_selector("[data-notice][data-tone=unsent]")
    assert "3" in page.inner_text("[data-notice]")
    assert stored(attempt) == {}
    page.context.set_offline(False)
    page.wait_for_selector("[data-notice]", state="hidden")

    assert stored(attempt) == {1: {"chosen": "a"}, 2: {"chosen": "b"}, 3: {"chosen": "a"}}
    assert KeptAnswer.objects.count() == 0


def test_queue_survives_the_closing_of_the_tab(sit, attempt):
    first = sit()
    first.page.route("**/answers/", lambda route: route.abort())
    choose(first.page, "b")
    first.page.wait_for_selector("[data-notice][data-tone=offline]")
    context = first.page.context
    first.page.close()
    second = context.new_page()
    second.goto(first.url + attempt.get_absolute_url() + "?slot=1")
    wait_saved(second)

    assert second.is_checked(BOXES["b"])
    assert stored(attempt) == {1: {"chosen": "b"}}


def test_of_two_tabs_the_newer_answer_counts_and_the_older_is_told(sit, attempt):
    one = sit()
    other = one.page.context.new_page()
    other.goto(one.url + attempt.get_absolute_url() + "?slot=1")
    choose(one.page, "a")
    wait_saved(one.page)
    choose(other, "b")
    wait_saved(other)
    one.page.wait_for_selector("[data-notice][data-tone=older]")
    one.page.wait_for_selector(BOXES["b"] + ":checked")

    assert "已在其他页面作答，以最新一次保存为准" in one.page.inner_text("[data-notice]")
    assert stored(attempt) == {1: {"chosen": "b"}}


def test_second_browser_resumes_and_is_not_overtaken_by_the_first_ones_queue(sit, browser, attempt):
    desk = sit()
    choose(desk.page, "a")
    wait_saved(desk.page)
    desk.page.wait_for_selector("[data-whole]")
    desk.page.context.set_offline(True)
    following(desk.page)
    choose(desk.page, "a")
    desk.page.wait_for_selector("[data-notice][data-tone=offline]")
    phone = sit(slot=2, width=360)
    phone.page.check(BOXES["b"])
    wait_saved(phone.page)
    phone.page.goto(desk.url + attempt.get_absolute_url() + "?slot=1")
    assert phone.page.is_checked(BOXES["a"])
    desk.page.context.set_offline(False)
    desk.page.wait_for_selector("[data-notice][data-tone=older]")

    assert stored(attempt)[2] == {"chosen": "b"}
    assert KeptAnswer.objects.get().response == {"chosen": "a"}


def test_session_that_expires_is_signed_in_again_and_nothing_is_lost(sit, attempt):
    found = sit()
    page = found.page
    Session.objects.all().delete()
    choose(page, "b")
    page.wait_for_selector("[data-notice][data-tone=signin]")
    page.click("[data-notice-link]")
    page.fill("[name=login]", "100001")
    page.fill("[name=password]", "a-long-password")
    page.click("main button[type=submit]")
    page.wait_for_selector("[data-question]")
    wait_saved(page)

    assert page.is_checked(BOXES["b"])
    assert stored(attempt) == {1: {"chosen": "b"}}


def test_page_left_open_goes_on_after_a_sign_in_in_another_tab(sit, attempt):
    found = sit()
    Session.objects.all().delete()
    found.page.context.clear_cookies()
    choose(found.page, "a")
    found.page.wait_for_selector("[data-notice][data-tone=signin]")
    other = found.page.context.new_page()
    other.goto(found.url + "/accounts/login/")
    other.fill("[name=login]", "100001")
    other.fill("[name=password]", "a-long-password")
    other.click("main button[type=submit]")
    other.wait_for_url(found.url + "/")
    found.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    wait_saved(found.page)

    assert stored(attempt) == {1: {"chosen": "a"}}


def test_another_person_on_the_same_computer_neither_sends_nor_sees_the_queue(sit, branches, attempt):
    found = sit()
    page = found.page
    Session.objects.all().delete()
    choose(page, "b")
    page.wait_for_selector("[data-notice][data-tone=signin]")
    person("100099", "林一舟", branches["BJ01"], language="zh-hans")
    other = page.context.new_page()
    other.goto(found.url + "/accounts/login/")
    other.fill("[name=login]", "100099")
    other.fill("[name=password]", "a-long-password")
    other.click("main button[type=submit]")
    other.wait_for_url(found.url + "/")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.wait_for_selector("[data-notice][data-tone=stranger]")
    queued = page.evaluate("Object.keys(localStorage).filter(key => key.startsWith('academy.answers.'))")

    assert stored(attempt) == {}
    assert len(queued) == 1
    assert other.goto(found.url + attempt.get_absolute_url()).status == 404


def test_store_that_is_full_is_said_and_the_answer_still_goes(sit, attempt):
    page = sit().page
    page.evaluate(
        "() => { Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError'); }; }"
    )
    choose(page, "a")
    page.wait_for_selector("[data-notice][data-tone=full]")
    wait_saved(page)

    assert stored(attempt) == {1: {"chosen": "a"}}


CLOCK = """() => {
  const real = Date.now.bind(Date);
  const shift = SHIFT;
  const Real = Date;
  Date = class extends Real { constructor(...a) { a.length ? super(...a) : super(real() + shift); } static now() { return real() + shift; } };
}"""


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_clock_wrong_by_an_hour_changes_nothing(sit, attempt, hours):
    script = f"({CLOCK.replace('SHIFT', str(hours * 3_600_000))})()"
    page = sit(before=lambda page: page.add_init_script(script)).page
    shown = page.inner_text("[data-countdown]")
    choose(page, "a")
    wait_saved(page)
    with page.expect_response("**/answers/"):
        choose(page, "b")

    assert shown.startswith(("剩余 29 分", "剩余 30 分"))
    assert stored(attempt) == {1: {"chosen": "b"}}


SPEECH = """() => {
  window.speech = [];
  document.querySelectorAll('[data-spoken], [data-spoken-now]').forEach(place => new MutationObserver(() => window.speech.push(place.textContent)).observe(place, { childList: true, characterData: true, subtree: true }));
}"""


def test_countdown_speaks_each_minute_then_each_ten_seconds_then_each_second(sit, attempt):
    Attempt.objects.filter(pk=attempt.pk).update(deadline=timezone.now() + timedelta(minutes=8))
    page = sit(before=lambda page: page.clock.install()).page
    page.route(
        "**/pulse/", lambda route: None
    )  # Eight minutes pass in a moment: the server's own count would set them back.
    # From here on only the test moves the time; a busy machine may need a while to say so.
    page.clock.pause_at(page.evaluate("Date.now()") / 1000 + 60)
    page.evaluate(SPEECH)
    shown = page.evaluate("document.querySelector('[data-countdown]').textContent")
    minutes, seconds = (int(part) for part in shown.split() if part.isdigit())
    left = range(minutes if seconds else minutes - 1, 1, -1)
    page.clock.run_for((minutes * 60 + seconds - 2) * 1000)
    for _ in range(20):  # Up to the last second spoken and no further: at 0 the page hands in and leaves.
        if page.evaluate("window.speech.at(-1)").startswith("1 "):
            break
        page.clock.run_for(100)
    said = page.evaluate("window.speech")

    assert len(left) > 1
    minutes = [one for one in said if "分钟" in one]
    seconds = [int(one.split()[0]) for one in said if "分钟" not in one]
    assert minutes == [f"剩余 {minute} 分钟" for minute in left]
    assert seconds == [60, 50, 40, 30, 20, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1]


def test_time_given_by_the_invigilator_appears_without_a_reload(sit, attempt):
    page = sit().page
    give_minutes(attempt=attempt, minutes=20, now=timezone.now())
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.wait_for_selector("[data-notice][data-tone=until]")

    assert page.inner_text("[data-countdown]").startswith(("剩余 49 分", "剩余 50 分"))


def test_time_that_runs_out_sends_what_is_typed_and_hands_in(sit, attempt):
    Attempt.objects.filter(pk=attempt.pk).update(deadline=timezone.now() + timedelta(seconds=6))
    page = sit(slot=5).page
    page.fill("[name=response]", "好")
    page.wait_for_url("**/result/", timeout=15_000)

    assert Answer.objects.get(attempt=attempt, slot=5).response == {"text": "好"}
    assert Attempt.objects.get(pk=attempt.pk).state == "finished"


def test_double_click_hands_in_once_and_unsent_answers_are_never_left_behind(sit, attempt):
    page = sit().page
    page.click("[data-map-card] .button--wide")
    page.wait_for_url("**/submit/")
    key = f"academy.answers.{attempt.learner_id}.{attempt.uuid}.3.77"
    page.evaluate(
        "([key, entry]) => localStorage.setItem(key, entry)",
        [
            key,
            json.dumps(
                {"slot": 3, "sequence": 77, "tab": "t", "raw": {"response": named(attempt.paper[2], "a")}, "base": ""}
            ),
        ],
    )
    page.route("**/answers/", lambda route: route.abort())
    page.click("[data-hand-in] button")
    page.wait_for_selector("[data-notice][data-tone=unsent]")
    assert Attempt.objects.get(pk=attempt.pk).state == "in_progress"
    page.unroute("**/answers/")
    page.dblclick("[data-hand-in] button")
    page.wait_for_url("**/result/")

    assert Attempt.objects.get(pk=attempt.pk).state == "finished"
    assert Answer.objects.get(attempt=attempt, slot=3).response == {"chosen": "a"}


def test_phone_has_a_bar_with_a_sheet_and_works_from_the_keyboard(sit, attempt):
    found = sit(width=360)
    page = found.page
    found.check("question")
    bar = page.locator(".question__nav")
    assert page.evaluate("getComputedStyle(document.querySelector('.question__nav')).position") == "fixed"
    assert bar.inner_text().split() == ["题卡", "0/5", "下一题"]
    page.focus("[name=response]")
    page.keyboard.press("Space")
    wait_saved(page)
    page.focus("[data-sheet-open]")
    page.keyboard.press("Enter")
    page.wait_for_selector("dialog[open] [data-map='3']")
    found.check("sheet")
    assert page.locator("dialog .button--primary").count() == 0
    page.keyboard.press("Escape")
    page.wait_for_selector("dialog:not([open])", state="attached")
    assert page.evaluate("document.activeElement.hasAttribute('data-sheet-open')")
    page.click("[data-sheet-open]")
    page.click("dialog [data-map='5']")
    page.wait_for_selector("[data-question][data-slot='5']")
    assert bar.inner_text().split() == ["上一题", "题卡", "1/5", "交卷"]
    found.check("last question")
    page.click(".question__nav .button--primary")
    page.wait_for_url("**/submit/")
    found.check("hand in")

    assert found.found == []


def test_without_a_script_the_same_buttons_post(browser, live_server, learner, attempt):
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(f"{live_server.url}/accounts/login/?next={attempt.get_absolute_url()}")
    page.fill("[name=login]", "100001")
    page.fill("[name=password]", "a-long-password")
    page.click("main button[type=submit]")
    choose(page, "a")
    page.click("[data-map='5']")
    page.fill("[name=response]", "好")
    page.press("[name=response]", "Enter")
    assert page.input_value("[name=response]") == "好"
    page.click("[data-flag]")
    page.click("[data-map-card] .button--wide")
    page.click("[data-hand-in] button")
    page.wait_for_url("**/result/")

    assert stored(attempt)[1] == {"chosen": "a"}
    assert stored(attempt)[5] == {"text": "好"}
    assert Answer.objects.get(attempt=attempt, slot=5).flagged is True
