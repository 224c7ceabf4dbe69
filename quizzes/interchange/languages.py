"""In which language the questions of a file are asked, by their letters."""

import re
from collections.abc import Iterable

from quizzes.interchange.base import ImportedQuestion

HAN = re.compile(r"[\u3400-\u9fff]")
LATIN = re.compile(r"[A-Za-z]+")
# An English text names a Chinese word, a Chinese one an English name; a figure says nothing.
FEW = 0.2


def other_language(questions: Iterable[ImportedQuestion], language: str) -> str:
    """The code of the other language, where more of the questions are asked in it than in ``language``; else ''."""
    other = {"zh-hans": "en", "en": "zh-hans"}.get(language, "")
    seen = [_seen(str((question.body.get("stem") or {}).get(language) or "")) for question in questions]
    return other if other and seen.count(other) > seen.count(language) else ""


def _seen(text: str) -> str:
    """A sign of Chinese weighs as much as a word of English."""
    text = re.sub(r"<[^>]*>", " ", text)
    signs, words = len(HAN.findall(text)), len(LATIN.findall(text))
    if signs + words < 2:
        return ""
    return "en" if signs < FEW * (signs + words) else "zh-hans"
