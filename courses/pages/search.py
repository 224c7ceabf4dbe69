"""Catalogue search that finds words inside a run of Chinese: folded text, every word contained.

A bank's catalogue holds hundreds of courses, not millions: one scan of their published words answers in a few
milliseconds on both databases, and needs no index that must be kept in step.
"""

import unicodedata
from collections.abc import Iterable

from courses.models import CoursePage

WORDS_AT_MOST = 8


def folded(text: str) -> str:
    """Full and half width alike, one case."""
    return unicodedata.normalize("NFKC", text).casefold()


def words_of(query: str) -> list[str]:
    """The words asked for; all of them must be found."""
    return folded(query)[:200].split()[:WORDS_AT_MOST]


def matching(pages: Iterable[CoursePage], query: str, lesson_titles: dict[int, list[str]]) -> list[CoursePage]:
    """Pages whose title, summary, outcomes or lessons contain every word; titles that do come first."""
    words = words_of(query)
    found = []
    for page in pages:
        title = folded(page.title)
        text = folded(" ".join([page.title, page.summary, page.outcomes, *lesson_titles.get(page.pk, [])]))
        if all(word in text for word in words):
            found.append((not all(word in title for word in words), page))
    return [page for _late, page in sorted(found, key=lambda pair: pair[0])]
