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
