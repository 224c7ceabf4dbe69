"""A new hire in a real browser: from sign-in through the last lesson and the quiz to a verified certificate."""

from datetime import timedelta

import pytest
from django.utils import timezone

from academy.calendar.clock import local_day
from certificates.award.openings import keep_open
from certificates.demo.certifications import DemoRequirement
from certificates.models import Certificate, CertificationTrack
from courses.demo.courses import learn, sit, sit_quiz
from courses.models import LessonPage
from courses.progress.learning import check_order
from quizzes.demo.answers import answers_for
from quizzes.models import Question, QuestionVersion
from tests.cast import bank, person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, serialized_rollback=True)]


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_from_sign_in_to_a_verified_certificate(starter, walk, language):
    learner = person("100001", "欧阳文澜", bank()["BJ01"], language=language)
    begun = timezone.now() - timedelta(days=5)
    track = CertificationTrack.objects.get(code="cm1")
    asked = DemoRequirement.of(track)
    last = next(course for course in asked.courses if course.code == "complaint-handling")
    for number, course in enumerate(one for one in asked.courses if one != last):
        learn(learner=learner, course=course, begun=begun + timedelta(hours=20 * number))
        sit_quiz(learner=learner, course=course, now=begun + timedelta(hours=20 * number + 19))
    # The exam was opened for the newcomer before it waited for the last course; once open it stays so.
    sat = begun + timedelta(days=3)
    keep_open(person=learner, track=track, quiz=asked.exam, cycle=1, on=local_day(sat), now=sat)
    sit(learner=learner, quiz=asked.exam, now=sat)
    learn(learner=learner, course=last, begun=begun + timedelta(days=4), lessons=5)
    hers = walk(360)
    page = hers.page
    page.goto(hers.url + "/accounts/login/?next=/")
    hers.check("sign-in")
    page.fill("[name=login]", "100001")
    page.fill("[name=password]", "a-long-password")
    with page.expect_navigation():
        page.click("main button[type=submit]")
    hers.check("home")
    with page.expect_navigation():
        page.click(".continue .button--primary")
    hers.check("lesson")
    lesson = LessonPage.objects.filter(lesson__course=last).order_by("path").last()
    version = Question.objects.get(pk=lesson.check_question_id).current_version
    right, _wrong = answers_for(version, check_order(version, learner.pk))
    page.click("#check button")
    page.wait_for_selector("#check-error:focus")
    hers.check("lesson without an answer")
    page.check(f"#check input[value='{right['response']}']")
    page.click("#check button")
    page.wait_for_selector("#check-result:focus")
    with page.expect_navigation():
        page.click(".lesson-nav .button--primary")
    hers.check("course")
    with page.expect_navigation():
        page.click("a[href='/quizzes/complaint-handling-quiz/']")
    page.click("main button.button--primary")
    page.wait_for_selector("[data-question]")
    attempt = learner.attempts.get(quiz__code="complaint-handling-quiz")
    for place in attempt.paper:
        page.wait_for_selector(f"[data-question][data-slot='{place['slot']}']")
        _answer(page, place)
        page.wait_for_selector(".receipt[data-tone=saved]")
        page.click(".question__nav .button--primary")
    page.wait_for_url("**/submit/")
    hers.check("hand in")
    page.click("main button.button--primary")
    page.wait_for_url("**/result/")
    hers.check("result")
    certificate = Certificate.objects.get(person=learner)
    page.goto(hers.url + "/my/certificates/")
    hers.check("certificates")
    with page.expect_download() as download:
        page.click("main .button--primary")
    assert download.value.path().read_bytes().startswith(b"%PDF-")
    page.goto(hers.url + f"/verify/{certificate.code}/")
    hers.check("verification")
    assert "欧阳**" in page.content()

    assert hers.found == []


def _answer(page, place) -> None:
    version = QuestionVersion.objects.get(pk=place["version"])
    right, _wrong = answers_for(version, place["order"])
    if version.type == "matching":
        for left, chosen in right.items():
            page.select_option(f"[name=response-{left}]", chosen)
    elif version.type in ("numeric", "shorttext"):
        page.fill("[name=response]", right["response"])
    else:
        values = right["response"] if isinstance(right["response"], list) else [right["response"]]
        for value in values:
            page.check(f"[name=response][value='{value}']")


def test_what_was_typed_at_a_lessons_question_survives_a_session_that_ended(starter, walk):
    """It comes back after signing in, to the same person only, and goes once the server has it."""
    branches = bank()
    person("100001", "欧阳文澜", branches["BJ01"])
    person("100002", "另一位", branches["BJ01"])
    lesson = next(page for page in LessonPage.objects.live() if page.check_question_id)
    place = lesson.url
    hers = walk()
    page = hers.page

    hers.sign_in("100001", place)
    page.wait_for_selector("#check")
    page.locator("#check input[type=radio], #check input[type=checkbox]").nth(1).check()
    chosen = page.locator("#check input:checked").first.get_attribute("value")
    page.context.clear_cookies(name="sessionid")
    page.click("#check button")
    page.wait_for_selector("[name=login]")
    page.fill("[name=login]", "100001")
    page.fill("[name=password]", "a-long-password")
    page.click("main button[type=submit]")
    page.wait_for_selector("#check input:checked")
    assert page.locator("#check input:checked").first.get_attribute("value") == chosen
    assert page.url.endswith(f"{place}#check")

    page.context.clear_cookies(name="sessionid")
    hers.sign_in("100002", place)
    page.wait_for_selector("#check")
    assert page.locator("#check input:checked").count() == 0
    assert page.evaluate("Object.keys(sessionStorage).filter(key => key.startsWith('academy.check.')).length") == 0
