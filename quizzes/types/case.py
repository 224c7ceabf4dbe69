"""A case: a document that two to six questions of the bank share. It is read above each of them and earns no mark itself.

Its text is Markdown: paragraphs, headings, lists, tables, emphasis. No HTML passes, and no address outside is loaded.
"""

import re
from functools import lru_cache
from typing import Any

import nh3
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _
from markdown_it import MarkdownIt

from academy.bilingual import pick
from quizzes.types.base import Body, Order, ParsedQuestion, ReadOnly, Response
from quizzes.types.checking import check_text
from quizzes.types.rich import is_rich, plain_in, shown

FEWEST, MOST = 2, 6
# Types that are no question of a case: they are not answered on the paper.
UNFIT_FOR_CASES = frozenset({"case", "dialogue", "information"})
TITLE_LIMIT = 120
SAFE_TAGS = {
    *("p", "br", "strong", "em", "code", "pre", "blockquote", "hr", "ul", "ol", "li"),
    *("h3", "h4", "h5", "table", "thead", "tbody", "tr", "th", "td", "sup", "sub"),
}
HEADING = re.compile(r"<(/?)h([1-6])>")
# The only tags that a writer may type: Markdown has no sign for powers and indices.
RAISED = re.compile(r"&lt;(/?)(sup|sub)&gt;", re.IGNORECASE)


class Case(ReadOnly):
    """The stem of its questions. Which they are is told by the bank, and frozen with each version."""

    code = "case"
    icon = "folder-open-inverse"
    label = _("Case")
    help_text = _("A document with a table or a story, which two to six questions share. It is drawn as one.")
    keys = frozenset({"title"})
    stem_limit = 12_000

    def check(self, body: Body, problems: list[tuple[str, Any]]) -> None:
        check_text(body.get("title"), "title", TITLE_LIMIT, problems, formatted=False)

    def present(
        self,
        question: ParsedQuestion,
        order: Order,
        language: str,
        response: Response = None,
        *,
        practice: bool = False,
    ) -> dict[str, Any]:
        return {
            "type": self.code,
            "title": pick(question.body.get("title") or {}, language),
            "html": rendered(stem) if not is_rich(stem := pick(question.stem, language)) else shown(stem, language),
        }

    def shown_stem(self, question: ParsedQuestion, language: str) -> str:
        return pick(question.body.get("title") or {}, language) or plain_in(question.stem, language)

    def formatted_stem(self, question: ParsedQuestion, language: str) -> str:
        return self.shown_stem(question, language)


def presented_case(body: Body, language: str) -> dict[str, Any]:
    """Title and text of a frozen case."""
    kind = Case()
    return kind.present(kind.parse(body), {}, language)


@lru_cache(maxsize=512)
def rendered(text: str) -> SafeString:
    """Markdown as a page may hold it: headings from the third rank, tables that a phone can push sideways."""
    html = MarkdownIt("commonmark", {"html": False}).enable("table").render(text)
    html = RAISED.sub(lambda found: f"<{found[1]}{found[2].lower()}>", html)
    html = HEADING.sub(lambda found: f"<{found[1]}h{min(5, int(found[2]) + 2)}>", html)
    clean = nh3.clean(html, tags=SAFE_TAGS, attributes={})
    wide = clean.replace("<table>", '<div class="case__table" tabindex="0"><table>').replace(
        "</table>", "</table></div>"
    )
    return mark_safe(wide)  # noqa: S308  # nosec B308 B703 - cleaned just above
