"""Rows that people name in Chinese and, if they like, in English."""

from typing import Any

from django.utils.translation import get_language


class SaidInTwoLanguages:
    """Fields beside which another stands for English: ``name`` and ``name_en``. Before ``models.Model``, as ``NamesItself``."""

    @property
    def names(self: Any) -> dict[str, str]:
        """The name in both languages, for facts that are put into words when they are read."""
        return {"zh-hans": self.name, "en": self.name_en or self.name}

    def words(self, field: str) -> str:
        """A field in the language of the page; in Chinese where nothing is written in English."""
        english: str = getattr(self, f"{field}_en") if get_language() == "en" else ""
        chinese: str = getattr(self, field)
        return english or chinese

    def language_beside(self, field: str) -> str:
        """The language in which a field is shown where that is not the page's; '' where it is, or nothing is written."""
        return "zh-Hans" if get_language() == "en" and getattr(self, field) and not getattr(self, f"{field}_en") else ""
