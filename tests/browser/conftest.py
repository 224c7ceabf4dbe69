"""What every journey needs: a browser, a signed-in page, and axe's findings collected by place."""

import contextlib
import os
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Error, Page, sync_playwright

from tests import worlds

# The live server and the test share a thread with Playwright's loop; the database calls between are our own.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
# Chromium draws parts of its own frame as pages, half of what a window costs, and nobody sees them.
FRAME = "WebUIOmniboxPopup,WebUIOmniboxAimPopup"
# The last list counts, so what Playwright turns off stands here, too.
OFF = (
    "AimEnabled,AvoidCorsURLLoaderRestartOnRedirect,AvoidUnnecessaryBeforeUnloadCheckSync,DestroyProfileOnBrowserClose,"
    "HttpsFirstBalancedModeAutoEnable,HttpsUpgrades,LensOverlay,MediaRouter,NetworkTimeServiceQuerying,OptimizationHints,"
    "PaintHolding,PreconnectToSearch,ThirdPartyStoragePartitioning"
)
# Without the frame nobody says what the reader reads.
ARGUMENTS = [
    "--no-sandbox",
    "--accept-lang=en-US",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    f"--disable-features={OFF},{FRAME}",
]


# So long a journey waits for what the page should show: a busy machine is slow, and a wrong page stays wrong. In ms.
PATIENCE = 60_000


@pytest.fixture(scope="package")
def launched(chromium) -> Iterator[Browser]:
    """One Chromium for all journeys of a worker."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def browser(launched) -> Iterator[Browser]:
    """A browser without a window; the windows of a journey, and what they kept, are gone after it."""
    yield launched
    for context in launched.contexts:
        context.close()


def wait_until(page: Page, asked: str, argument: str = "") -> None:
    """Waits until a script of the page's, or its promise, answers with true.

    Playwright's own ``wait_for_function`` takes a promise for true, and where the first look finds nothing it evaluates
    a text, which the product's policy for scripts forbids.
    """
    for _ in range(PATIENCE // 50):
        # A page that goes elsewhere by itself cannot be asked meanwhile.
        with contextlib.suppress(Error):
            if page.evaluate(asked, argument):
                return
        page.wait_for_timeout(50)
    raise AssertionError(f"never so: {asked} {argument}")


# Days that break inside in a table's cell, buttons of a head with neither a word nor a sign, and at a desk search fields
# that cut what they ask for.
CUT = """() => {
  const found = [];
  for (const cell of document.querySelectorAll("main td, main time")) {
    const texts = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT);
    for (let text; (text = texts.nextNode()); ) {
      for (const day of text.data.matchAll(/[0-9]{4}-[0-9]{2}-[0-9]{2}/g)) {
        const range = document.createRange();
        range.setStart(text, day.index);
        range.setEnd(text, day.index + 10);
        const lines = [...range.getClientRects()].filter((box) => box.width).map((box) => Math.round(box.top));
        if (new Set(lines).size > 1) found.push(`the day breaks: ${text.data.trim()}`);
      }
    }
  }
  for (const button of document.querySelectorAll(".w-slim-header :is(a, button)")) {
    const sign = [...button.querySelectorAll("svg, img")].some((drawn) => drawn.getClientRects().length);
    if (button.checkVisibility() && !sign && !button.innerText.trim()) found.push(`nothing to see: ${button.ariaLabel}`);
  }
  const pen = document.createElement("canvas").getContext("2d");
  const asked = ".w-slim-header input[placeholder], input[type=search][placeholder]";
  for (const field of window.innerWidth < 1024 ? [] : document.querySelectorAll(asked)) {
    const style = getComputedStyle(field);
    pen.font = style.font;
    const room = field.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
    if (field.clientWidth && pen.measureText(field.placeholder).width > room + 1) found.push(field.placeholder);
  }
  return found;
}"""


class Walk:
    """A page of the browser, and what axe found on the way."""

    def __init__(self, page: Page, url: str) -> None:
        self.page, self.url, self.found = page, url, []
        page.context.set_default_timeout(PATIENCE)

    def sign_in(self, staff_number: str, then: str = "/") -> None:
        self.page.goto(f"{self.url}/accounts/login/?next={then}")
        self.page.fill("[name=login]", staff_number)
        self.page.fill("[name=password]", "a-long-password")
        with self.page.expect_navigation():
            self.page.click("main button[type=submit]")

    def check(self, where: str, context: str | None = None) -> None:
        """Runs axe on the page, or inside one part of it where the rest is Wagtail's own."""
        self.page.wait_for_selector(context or "main")
        for violation in Axe().run(self.page, context=context).response["violations"]:
            self.found.append(f"{where}: {violation['id']} {violation['nodes'][0]['html'][:160]}")
        self.found += [f"{where}: {said}" for said in self.page.evaluate(CUT)]


@pytest.fixture
def walk(browser, live_server):
    """``walk(width)`` opens a fresh page of that width."""

    def open_page(width: int = 360, height: int = 800) -> Walk:
        return Walk(browser.new_page(viewport={"width": width, "height": height}), live_server.url)

    return open_page


@pytest.fixture
def starter(transactional_db) -> None:
    """The starter curriculum, where the browser's requests find it."""
    worlds.stand_committed("starter")
