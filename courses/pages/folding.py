"""Texts as the search compares them: full and half width alike, one case; and a word as it is looked for. Pure."""

import re
from dataclasses import dataclass

from academy.bilingual import fold, folded

WORDS_AT_MOST = 8
# Chinese has no spaces: a run longer than this may be two words written together.
WHOLE = 2
GRAM = 2
# So much of a run must be found where the run itself is not: 理财亏损 is also 理财 … 亏损 and 理财 … 亏了. A character
# counts whole as one of a pair, half where it stands alone beside some pair.
ENOUGH = 0.6
ALONE = 0.5
HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+")


def places_of(text: str) -> list[int]:
    """For each character of the folded text the place of the one in the text that it came from."""
    return [place for place, character in enumerate(text) for _one in fold(character)]


@dataclass(frozen=True)
class Word:
    """One word of a question, and for a long run of Chinese the pairs of characters it is made of."""

    text: str
    grams: tuple[str, ...] = ()

    @property
    def looked_for(self) -> tuple[str, ...]:
        return self.grams or (self.text,)

    def share_in(self, found: set[str]) -> float:
        """How much of the word the pieces found make up, 0 to 1."""
        if self.text in found:
            return 1
        paired = {character for gram in self.grams if gram in found for character in gram}
        if not paired:
            return 0
        worth = [1 if character in paired else ALONE if character in found else 0 for character in self.text]
        return sum(worth) / len(self.text)

    def pieces_in(self, text: str) -> set[str]:
        """What of the word stands in a folded text: itself, its pairs, its characters."""
        return {piece for piece in (self.text, *self.grams, *(self.text if self.grams else ())) if piece in text}

    def is_in(self, found: set[str]) -> bool:
        return self.share_in(found) >= ENOUGH


def words_of(query: str) -> list[Word]:
    """The words asked for; all of them must be found."""
    return [_word(text) for text in folded(query[:200]).split()[:WORDS_AT_MOST]]


def _word(text: str) -> Word:
    if len(text) > WHOLE and HAN.fullmatch(text):
        pairs = (text[place : place + GRAM] for place in range(len(text) - GRAM + 1))
        return Word(text, tuple(dict.fromkeys(pairs)))
    return Word(text)


@dataclass(frozen=True)
class Piece:
    """A part of an excerpt; ``hit`` where it is what was looked for."""

    text: str
    hit: bool = False


def excerpt(text: str, words: list[Word], around: int = 40) -> list[Piece]:
    """The text around its first hit, hits marked; the text itself is never changed."""
    plain, places = folded(text), places_of(text)
    marked = [False] * len(text)
    for word in words:
        for wanted in (word.text,) if word.text in plain else word.looked_for:
            start = plain.find(wanted)
            while start >= 0:
                for place in places[start : start + len(wanted)]:
                    marked[place] = True
                start = plain.find(wanted, start + 1)
    first = marked.index(True) if True in marked else 0
    low, high = max(0, first - around), min(len(text), first + 2 * around)
    # No word of a language with spaces is cut.
    while 0 < low < first and _in_word(text, low):
        low += 1
    while first < high < len(text) and _in_word(text, high):
        high -= 1
    pieces = [Piece("…")] if low else []
    start = low
    for place in range(low, high + 1):
        if place == high or marked[place] != marked[start]:
            if place > start:
                pieces.append(Piece(text[start:place], marked[start]))
            start = place
    return [*pieces, Piece("…")] if high < len(text) else pieces


def _in_word(text: str, place: int) -> bool:
    """Whether the letters before and at the place belong to one word that spaces would part."""
    return all(character.isalnum() and not HAN.match(character) for character in text[place - 1 : place + 1])
