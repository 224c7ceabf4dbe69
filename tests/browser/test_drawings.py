"""The words of the drawings as a browser sets them: none leaves its picture or its box, none lies upon another."""

import pytest

from courses.drawings.pictures import explaining, picture
from courses.starter.loading import LANGUAGES

pytestmark = pytest.mark.browser
# A line of text is higher than its ink: what is taken off above and below, in units of the drawing.
FAULTS = """() => [...document.querySelectorAll("svg")].flatMap((svg) => {
  const inked = (element) => {
    const { x, y, width, height } = element.getBBox();
    return { left: x, right: x + width, top: y + 2.5, bottom: y + height - 3 };
  };
  const boxes = [...svg.querySelectorAll("rect")].map((rect) => rect.getBBox());
  const words = [...svg.querySelectorAll("text")].map((text) => ({ text: text.textContent, ...inked(text) }));
  return words.flatMap((word, place) => {
    const middle = (word.left + word.right) / 2;
    const beside = words.slice(place + 1).filter((other) =>
      word.left < other.right && other.left < word.right && word.top < other.bottom && other.top < word.bottom);
    const holding = boxes.filter((box) =>
      box.x <= middle && middle <= box.x + box.width && box.y <= word.top && word.bottom <= box.y + box.height);
    return [
      word.left < 0 || word.right > 320 || word.top < 0 || word.bottom > svg.viewBox.baseVal.height ? "leaves" : "",
      holding.some((box) => word.left < box.x || word.right > box.x + box.width) ? "out of its box" : "",
      ...beside.map((other) => `upon ${other.text}`),
    ].filter(Boolean).map((fault) => `${svg.parentElement.id}: ${word.text}: ${fault}`);
  });
})"""


def faults_of(browser, drawings: dict[str, str]) -> list[str]:
    page = browser.new_context().new_page()
    figures = "".join(f'<figure id="{name}" style="width: 320px">{drawn}</figure>' for name, drawn in drawings.items())
    page.set_content(f'<meta charset="utf-8"><body style="font-family: sans-serif">{figures}')
    return page.evaluate(FAULTS)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_word_of_a_drawing_runs_out_or_lies_upon_another(browser, language):
    assert faults_of(browser, {name: picture(name=name, language=language) for name in explaining()}) == []


def test_words_that_do_not_fit_are_found(browser):
    drawn = """<svg viewBox="0 0 320 40" font-size="12"><rect x="40" y="0" width="60" height="40"/>
        <text x="70" y="20" text-anchor="middle">too long for its box</text>
        <text x="70" y="24" text-anchor="middle">upon</text><text x="300" y="20">outside</text></svg>"""

    assert {fault.rsplit(": ", 1)[1] for fault in faults_of(browser, {"a": drawn})} == {
        "out of its box",
        "leaves",
        "upon upon",
    }
