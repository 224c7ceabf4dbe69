"""A round in a real browser: from the notice to the letters, by HR at a desk and a client manager on a phone."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import time_machine

from certificates.models import Certification
from tests.certificates.rounds.world import World, at

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, serialized_rollback=True)]


@contextmanager
def on(number: int, walked, who, then: str) -> Iterator[None]:
    """A day of the plan, with somebody signed in anew."""
    with time_machine.travel(at(number)):
        walked.page.context.clear_cookies()
        walked.sign_in(who.staff_number, then=then)
        yield


def test_from_the_notice_to_the_letters(walk):
    world = World()
    one, two, _three = world.people
    desk, phone = walk(width=1280, height=1000), walk(width=360, height=800)
    for walked in (desk, phone):
        walked.page.set_default_timeout(20_000)
    page, own = f"/cms/rounds/{world.round.pk}/", f"/my/rounds/{world.round.pk}/"

    def step(deed: str) -> None:
        desk.page.click(f"main button[value={deed}]")
        desk.page.click("main button[name=sure]")
        desk.page.wait_for_selector(".messages, .w-message, [data-messages]", state="attached")

    with on(0, desk, world.hr, page):
        desk.check("draft", "main")
        step("announce")
    for number, person in ((1, one), (2, two)):
        with on(number, phone, person, own):
            phone.check("applying")
            phone.page.click("main button[value=apply]")
            phone.page.wait_for_selector("main button[value=withdraw]")
    with on(5, desk, world.hr, page):
        step("judge")
    world.learn(one)
    with on(17, desk, world.hr, page):
        step("list")
        desk.check("results", ".messages")
        desk.check("results", "main")
    with on(18, phone, two, own):
        phone.check("publicity")
        assert "10**01" in phone.page.inner_text("main")
    with on(25, desk, world.hr, page):
        desk.page.fill("#number", "人发〔2026〕12号")
        desk.page.fill("#why", "公示无异议")
        step("propose")
        with desk.page.expect_navigation():
            desk.page.click("main section a[href^='/cms/proposals/']")
        proposal = desk.page.url.removeprefix(desk.url)
    with on(25, desk, world.second, proposal):
        assert "人发〔2026〕12号" in desk.page.inner_text("main")
        desk.page.click("main button[value=approve]")
        desk.page.wait_for_load_state()
    assert world.tick(26).issued == 1
    with on(26, phone, one, own):
        phone.check("certified")
        phone.page.click(f"a[href='{own}letter/']")
        assert "人发〔2026〕12号" in phone.page.inner_text("main")
        phone.check("letter")
    with on(26, desk, world.hr, f"{page}letters/"):
        assert desk.page.locator("article.letter").count() == 2
    assert [row.person for row in Certification.objects.all()] == [one]
    assert desk.found + phone.found == []
