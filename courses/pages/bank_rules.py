"""Where lessons point at what the bank itself lays down (“按本行规定”, “by this bank's rules”): found in their published
words, in both languages."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from django.utils import timezone

from academy.house_rules.quoting import filled_text
from academy.house_rules.reading import values_of_bank
from courses.models import LessonPage, Passage

# A heading of this name stands above the house rules that a lesson quotes: those are data already.
HEADINGS = frozenset({"本行规定", "House rules"})
SENTENCE = re.compile(r"[^。！？\n]*[。！？]?[”」]?|\n")
SENTENCE_EN = re.compile(r".*?(?:[.!?][”’\"]?(?=\s|$)|$)")
POINTS_AT = {
    "zh-hans": re.compile(
        r"本行(?!规定页)[^，。；：、！？]{0,8}?(?:规定|流程|预案|办法|规程|制度|限额)(?!页)|照本行[^，。；]{0,8}说法"
    ),
    "en": re.compile(
        r"\b(?:this|the|our) bank['’]s (?:own )?(?:[a-z-]+ ){0,2}(?:rules?|procedures?|plan|policy|limits?|wording)\b",
        re.IGNORECASE,
    ),
}


@dataclass(frozen=True)
class BankRulePlace:
    """One sentence of a published lesson that points at the bank's own rule, and where on its page it stands."""

    page: LessonPage
    sentence: str
    anchor: str

    @property
    def url(self) -> str:
        address = self.page.url or ""
        return f"{address}#{self.anchor}" if self.anchor else address


def sentences_pointing(text: str, language: str) -> list[str]:
    """The sentences of a text that point at the bank's own rule, in their order. Pure."""
    pattern = POINTS_AT.get(language)
    if pattern is None:
        return []
    return [sentence for sentence in _sentences(text, language) if pattern.search(sentence)]


def _sentences(text: str, language: str) -> Iterator[str]:
    cut = SENTENCE_EN if language == "en" else SENTENCE
    for line in text.splitlines():
        if line.strip() not in HEADINGS:
            yield from (found for piece in cut.findall(line) if (found := piece.strip()))


def places_of_bank_rules(lessons: Collection[int] | None = None) -> list[BankRulePlace]:
    """In the order of the catalogue; of some lessons or of all. Two queries, one more
    where house rules are quoted and not kept."""
    passages = Passage.objects.filter(page__live=True, page__lesson__withdrawn_at=None, kind=Passage.Kind.TEXT)
    if lessons is not None:
        passages = passages.filter(page__lesson__in=lessons)
    rows = passages.exclude(anchor="").order_by("page__path", "sort_order").values_list("page", "anchor", "text")
    found = list(rows)
    pages = LessonPage.objects.select_related("locale", "lesson__course").defer("body")
    by_key = pages.in_bulk({page for page, _anchor, _text in found})
    values = values_of_bank(timezone.now()) if any("{{" in text for _page, _anchor, text in found) else {}
    return [
        BankRulePlace(by_key[page], sentence, anchor)
        for page, anchor, text in found
        for language in (by_key[page].locale.language_code,)
        for sentence in sentences_pointing(filled_text(text, values, language), language)
    ]
