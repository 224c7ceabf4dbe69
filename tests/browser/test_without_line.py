"""The academy without a line, in a real browser: lessons, a paper, whose copies they are, and head office's switch."""

import pytest
from django.utils import timezone

from academy.models import HouseSwitch
from courses.models import LessonPage
from courses.progress.learning import enrol
from quizzes.attempts import start_attempt
from quizzes.models import Answer, Attempt, KeptAnswer
from tests.browser.conftest import Walk, wait_until
from tests.cast import bank, person
from tests.courses.factories import course_of
from tests.quizzes.factories import BOXES, bank_of, quiz_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, serialized_rollback=True)]
# What a browser holds: copies of pages, copies of what the server has, and what waits for it.
COPIES = """async () => {
  const found = [];
  for (const name of (await caches.keys()).filter((one) => one.startsWith("academy.kept.")))
    for (const request of await (await caches.open(name)).keys()) found.push(new URL(request.url).pathname);
  return found.concat(Object.keys(localStorage).filter((key) => key.startsWith("academy.kept."))).sort();
}"""
WORKS = "() => navigator.serviceWorker.ready.then(() => Boolean(navigator.serviceWorker.controller))"


@pytest.fixture
def branches():
    return bank()


@pytest.fixture
def learner(branches):
    return person("100001", "欧阳文澜", branches["BJ01"], language="zh-hans")


@pytest.fixture
def lesson(learner) -> LessonPage:
    course = course_of("kept", lessons=2)
    enrol(learner=learner, course=course, now=timezone.now())
    return LessonPage.objects.filter(lesson__course=course).order_by("path")[0]


@pytest.fixture
def attempt(ground, learner) -> Attempt:
    quiz = quiz_of(bank_of(3), 3, time_limit_minutes=30, shuffle_questions=False)
    return start_attempt(quiz=quiz, learner=learner, language="zh-hans", now=timezone.now(), seed=1)


@pytest.fixture
def signed_in(browser, live_server, learner):
    context = browser.new_context(viewport={"width": 360, "height": 800})
    found = Walk(context.new_page(), live_server.url)
    found.sign_in("100001")
    wait_until(found.page, WORKS)
    return found


def wait_nothing_kept(page) -> None:
    wait_until(page, f"async () => (await ({COPIES})()).length === 0")


def wait_kept(page, address: str) -> None:
    wait_until(page, f"async (address) => (await ({COPIES})()).includes(address)", address)


def test_a_lesson_that_was_opened_is_read_without_a_line_and_the_rest_says_what_is_the_matter(signed_in, lesson):
    page, url = signed_in.page, signed_in.url
    page.goto(url + lesson.url)
    wait_kept(page, lesson.url)
    page.goto(url)
    page.context.set_offline(True)
    page.wait_for_selector("[data-line-notice]:visible")
    assert "网络已断开" in page.inner_text("[data-line-notice]")
    signed_in.check("home when the line goes")

    page.goto(url + lesson.url)
    assert "正文" in page.inner_text("article")
    assert "本机于" in page.inner_text("[data-kept-line]") and "副本" in page.inner_text("[data-kept-line]")
    assert page.locator("form[action$='/done/']").count() == 0
    signed_in.check("a kept lesson")

    page.context.set_offline(False)
    page.wait_for_selector("[data-kept-back]:visible")
    assert "网络已恢复" in page.inner_text("[data-kept-line]") and "断开" not in page.inner_text("[data-kept-line]")
    page.context.set_offline(True)

    page.goto(f"{url}/")
    assert "首页显示的是实时情况" in page.inner_text("main")
    page.wait_for_selector(".kept-list a")
    signed_in.check("no line at home")
    page.click(".kept-list a")
    page.wait_for_selector("[data-kept-line]:visible")
    page.goto(f"{url}/zh-hans/catalogue/?q=x")
    assert "搜索需要联网" in page.inner_text("main")
    page.goto(f"{url}/my/profile/")
    assert "本页未在本机保存" in page.inner_text("main")
    page.context.set_offline(False)
    page.wait_for_selector("form [name=text_size]", state="attached")
    assert signed_in.found == []


def test_a_paper_is_loaded_again_without_a_line_and_what_is_typed_is_sent_later(signed_in, attempt):
    page, url, address = signed_in.page, signed_in.url, attempt.get_absolute_url()
    page.goto(f"{url}{address}?slot=1")
    wait_kept(page, f"{address}paper/")
    page.check(BOXES["a"])
    page.wait_for_selector("[data-receipt][data-tone=saved]")
    page.context.set_offline(True)
    page.goto(f"{url}{address}?slot=2")

    page.wait_for_selector("[data-question][data-slot='2']")
    assert page.is_visible("[data-kept-line]")
    page.check(BOXES["b"])
    page.wait_for_selector("[data-notice][data-tone=offline]")
    assert "剩余" in page.inner_text("[data-countdown]")
    signed_in.check("a kept paper")
    page.reload()
    page.wait_for_selector("[data-question][data-slot='2']")
    assert page.is_checked(BOXES["b"])
    page.click(".question__nav .button:first-child")
    page.wait_for_selector("[data-question][data-slot='1']")
    assert page.is_checked(BOXES["a"])
    assert "已保存" in page.inner_text("[data-receipt]")

    page.goto(f"{url}{address}submit/")
    assert "计时继续" in page.inner_text("main")
    page.wait_for_selector("[data-unsent]:visible")
    assert page.inner_text("[data-unsent]").startswith("本机暂存了本卷 1 题的答案")
    signed_in.check("no line for a page of a paper")

    # The page is gone with what waits; any page of the person sends it.
    page.goto(f"{url}/")
    page.context.set_offline(False)
    page.wait_for_selector("[data-line-notice]:visible:has-text('已上传')")
    assert {answer.slot: answer.response for answer in Answer.objects.filter(attempt=attempt)} == {
        1: {"chosen": "a"},
        2: {"chosen": "b"},
    }
    assert KeptAnswer.objects.count() == 0

    page.goto(f"{url}{address}submit/")
    page.click("[data-hand-in] button")
    page.wait_for_selector("[data-forget]")
    wait_nothing_kept(page)
    assert signed_in.found == []


def test_a_page_of_a_paper_says_by_itself_that_the_line_is_back(signed_in, attempt):
    page, url, address = signed_in.page, signed_in.url, attempt.get_absolute_url()
    page.goto(f"{url}{address}?slot=1")
    wait_kept(page, f"{address}paper/")
    page.context.set_offline(True)
    page.reload()
    page.wait_for_selector("[data-kept-line]:visible")
    page.check(BOXES["a"])
    page.wait_for_selector("[data-notice][data-tone=offline]")
    # What waits on the device is answered for whoever answered it.
    assert page.inner_text(".question__sheet [data-count]") == "1/3"
    page.evaluate("() => window.scrollTo(0, document.body.scrollHeight)")
    page.click(".question__nav .question__sheet")
    page.click("[data-sheet] [value=submit]")
    page.wait_for_selector("[data-notice][data-tone=unsent]")
    assert not page.is_visible("[data-sheet]")
    assert page.evaluate("() => document.querySelector('[data-notice]').getBoundingClientRect().top >= 0")

    page.context.set_offline(False)
    page.wait_for_selector("[data-notice][data-tone=back]")
    assert "网络已恢复" in page.inner_text("[data-notice]") and not page.is_visible("[data-kept-line]")
    page.wait_for_selector("[data-notice]", state="hidden")
    # A copy of a paper on which nothing waits has nothing to send: it says so just the same.
    page.context.set_offline(True)
    page.reload()
    page.wait_for_selector("[data-kept-line]:visible")
    page.context.set_offline(False)
    page.wait_for_selector("[data-kept-line]", state="hidden")


def test_time_that_ends_without_a_line_says_so_and_hands_in_when_it_is_back(signed_in, attempt):
    page, url = signed_in.page, signed_in.url
    page.goto(url + attempt.get_absolute_url())
    wait_kept(page, f"{attempt.get_absolute_url()}paper/")
    page.context.set_offline(True)
    page.check(BOXES["a"])
    page.evaluate(
        """() => {
          const key = Object.keys(localStorage).find((one) => one.startsWith("academy.kept."));
          const held = JSON.parse(localStorage.getItem(key));
          localStorage.setItem(key, JSON.stringify({ ...held, end: Date.now() + 1000 }));
        }"""
    )
    page.reload()
    page.wait_for_selector("[data-notice]:has-text('网络恢复后自动上传并交卷')")
    assert page.is_disabled(BOXES["a"])


def test_signing_out_and_another_persons_sign_in_leave_nothing(signed_in, lesson, attempt, branches):
    page, url = signed_in.page, signed_in.url
    person("100002", "司徒明", branches["BJ01"], language="zh-hans")
    page.goto(url + lesson.url)
    wait_kept(page, lesson.url)
    page.goto(url + attempt.get_absolute_url())
    wait_kept(page, f"{attempt.get_absolute_url()}paper/")
    wait_kept(page, f"academy.kept.{attempt.learner_id}.{attempt.uuid}")
    page.goto(f"{url}/accounts/logout/")
    with page.expect_navigation():
        page.click("[data-sign-out] button")
    wait_nothing_kept(page)

    signed_in.sign_in("100001", then=lesson.url)
    wait_kept(page, lesson.url)
    page.context.clear_cookies()
    page.goto(f"{url}/accounts/login/")
    page.context.set_offline(True)
    page.goto(url + lesson.url)
    assert page.is_visible("[data-wanted=other]") and page.locator("article, .kept-list a").count() == 0
    # The page comes back by itself with the line; a journey that goes elsewhere meanwhile would be called off.
    with page.expect_navigation():
        page.context.set_offline(False)
    signed_in.sign_in("100002")
    page.context.set_offline(True)
    page.goto(url + lesson.url)
    assert "本页未在本机保存" in page.inner_text("main")
    wait_nothing_kept(page)


def test_switched_off_by_head_office_the_worker_goes_with_everything_that_it_kept(signed_in, lesson):
    page, url = signed_in.page, signed_in.url
    page.goto(url + lesson.url)
    wait_kept(page, lesson.url)
    HouseSwitch.objects.create(code=HouseSwitch.KEEP_ON_DEVICES, on=False)
    page.goto(url)
    wait_until(
        page, "async () => !(await caches.keys()).length && !(await navigator.serviceWorker.getRegistrations()).length"
    )
