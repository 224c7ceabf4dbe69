"""A server that lost its database is to an open paper what a lost line is: answers wait on the device, receipts come later."""

import pytest

from quizzes.models import KeptAnswer
from tests.browser.test_attempt import (  # noqa: F401
    attempt,
    branches,
    choose,
    following,
    learner,
    sit,
    stored,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, serialized_rollback=True)]


def test_a_paper_outlives_a_server_without_its_database(sit, attempt):  # noqa: F811
    page = sit().page
    page.wait_for_selector("[data-whole]")
    asked = []

    def away(route) -> None:
        asked.append(route.request.url)
        route.fulfill(status=503, headers={"Retry-After": "1", "Content-Type": "text/html"}, body="<h1>503</h1>")

    page.route("**/quizzes/attempts/**", away)
    for option in ("a", "b", "a"):
        choose(page, option)
        following(page)
    page.wait_for_selector("[data-notice][data-tone=busy]")
    page.click("[data-map-card] .button--wide")
    page.wait_for_selector("[data-notice][data-tone=unsent]")
    assert "3" in page.inner_text("[data-notice]")
    assert asked and stored(attempt) == {}

    page.unroute("**/quizzes/attempts/**")
    page.wait_for_selector("[data-notice]", state="hidden")

    assert stored(attempt) == {1: {"chosen": "a"}, 2: {"chosen": "b"}, 3: {"chosen": "a"}}
    assert KeptAnswer.objects.count() == 0
