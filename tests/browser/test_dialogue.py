"""A client dialogue in a real browser: played to its end, left and taken up again, looked at by axe."""

import pytest

from tests.cast import bank, person
from tests.quizzes.types.test_dialogue_pages import attempt_at, stored

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, serialized_rollback=True)]


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_dialogue_is_won_and_its_place_is_kept_when_left(walk, ground, language):
    learner = person("100001", "欧阳文澜", bank()["BJ01"], language=language)
    attempt = attempt_at(learner, "practice")
    walked = walk(width=360)
    page = walked.page
    walked.sign_in("100001", then=attempt.get_absolute_url())
    walked.check("first turn")

    _say(page, attempt, "t1", "a")
    page.wait_for_selector(".dialogue__facts")
    # What the client says now stands on the screen, with what the last words did above it.
    for part in (".dialogue__feedback", ".bubble--now"):
        box = page.locator(part).last.bounding_box()
        assert box["y"] >= 0 and box["y"] + box["height"] <= 800, part
    walked.check("second turn")
    # Left in the middle, and back.
    page.goto(walked.url + "/")
    page.goto(walked.url + attempt.get_absolute_url())
    assert page.locator(".dialogue__facts").count() == 1
    _say(page, attempt, "t2", "a")
    page.wait_for_selector(".dialogue__end")
    walked.check("end")

    # What is said in the talk keeps the paper's language; how it ended is told in the reader's.
    end = page.inner_text(".dialogue__end")
    assert {"zh-hans": "赢得", "en": "won over"}[language] in end and "她道了谢" in end
    assert stored(attempt)["path"] == ["a", "a"]
    assert walked.found == []


def _say(page, attempt, turn: str, choice: str) -> None:
    place = attempt.paper[0]["order"][turn].index(choice)
    page.check(f"[name=response-say][value='{place}']")
    page.click(".dialogue__say button")
