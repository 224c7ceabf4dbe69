"""Texts in two languages, one of which may be absent."""

from collections.abc import Mapping


def pick(text: Mapping[str, str] | None, language: str) -> str:
    """The text in ``language``, else in the other, else ''."""
    if not text:
        return ""
    return text.get(language) or next((value for value in text.values() if value), "")
