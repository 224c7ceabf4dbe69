"""Words that a page copied for translation still has from the other language: told before and after they are published."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.html import strip_tags
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from academy.bilingual import listed
from courses.models import CoursePage, LessonPage

CHINESE = re.compile("[\u3400-\u9fff]")
FIELDS = ("title", "summary", "outcomes", "basis")
# What stands in a block beside its words.
NO_WORDS = ("id", "type", "name")


@dataclass(frozen=True)
class Untranslated:
    page: Any
    fields: tuple[str, ...]

    @property
    def text(self) -> str:
        said = _("“%(page)s” (%(language)s) still holds the words of the other language: %(fields)s.")
        language = self.page.locale.get_display_name()
        return said % {"page": self.page.title, "language": language, "fields": listed(self.fields)}


def untranslated(pages: Iterable[Any]) -> list[Untranslated]:
    """Of pages as they would be published those whose words are not in their language, with the fields as the form names
    them. What the page of the other language says otherwise was written so."""
    found = [Untranslated(page, tuple(_foreign(page))) for page in pages if isinstance(page, CoursePage | LessonPage)]
    return [one for one in found if one.fields]


def _foreign(page: Any) -> Iterator[str]:
    twins = [twin.get_latest_revision_as_object() for twin in page.get_translations()]
    chinese = page.locale.language_code.startswith("zh")
    for name in FIELDS:
        words = getattr(page, name, "")
        if _is_foreign(words, chinese) and any(getattr(twin, name, "") == words for twin in twins):
            yield str(page._meta.get_field(name).verbose_name)
    if isinstance(page, LessonPage):
        theirs = {words for twin in twins for words in _words_in(twin.body.raw_data)}
        if any(words in theirs and _is_foreign(words, chinese) for words in _words_in(page.body.raw_data)):
            yield pgettext("lesson", "Content")


def _is_foreign(words: str, chinese: bool) -> bool:
    return any(map(str.isalpha, words)) and bool(CHINESE.search(words)) != chinese


def _words_in(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield strip_tags(value)
    elif isinstance(value, Mapping):
        for name, part in value.items():
            if name not in NO_WORDS:
                yield from _words_in(part)
    elif not isinstance(value, int | float | bool | None):
        for part in value:
            yield from _words_in(part)
