"""Questions that say nearly the same: of any bank, and of a file beside a bank.

Two texts are near doubles that share so much of their runs of three signs, or, where they are too short for that, differ
by one sign alone. Spaces, punctuation, width and case say nothing; a number that is another one makes another question.
"""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable
from math import ceil

from quizzes.models import Question
from quizzes.types.rich import plain

# How much two texts share of their runs to be near.
NEAR = 0.6
RUN = 3
MOST = 10
# One sign more or less is looked for in texts of so many signs; a shorter one is another question by it, in a longer one
# the runs tell.
SHORTEST, LONGEST = 6, 24
# A run that stands in more texts than that is not looked up; so many texts at most are compared with one.
COMMON, LOOKED_AT = 100, 30
SILENT = re.compile(r"[\s()\[\]{}《》〈〉【】“”‘’\"'、。;:?!_…·]|(?<!\d)[.,]|[.,](?!\d)")
NUMBER = re.compile(r"\d+(?:[.,]\d+)*")


def near_doubles(question: Question, among: Iterable[tuple[int, dict[str, str] | None]]) -> list[tuple[int, float]]:
    """(question, likeness from 0 to 1), the most alike first, of (question, its stem). In whichever language is nearer."""
    mine = {language: said_in(plain(text)) for language, text in (question.body.get("stem") or {}).items()}
    found = []
    for pk, stem in among:
        if pk != question.pk and isinstance(stem, dict):
            pairs = [(mine[language], said_in(plain(text))) for language, text in stem.items() if mine.get(language)]
            likeness = max((likeness_of(left, other) for left, other in pairs), default=0.0)
            if likeness >= NEAR:
                found.append((pk, likeness))
    return sorted(found, key=lambda pair: (-pair[1], pair[0]))[:MOST]


def said_in(text: str) -> str:
    """What of a text is compared."""
    return SILENT.sub("", unicodedata.normalize("NFKC", text).casefold())


def likeness_of(one: str, other: str) -> float:
    """From 0 to 1, of two texts as ``said_in`` gives them."""
    shorter, longer = sorted((len(one), len(other)))
    # What is much shorter shares too little, whatever it says.
    if not shorter or shorter < NEAR * longer or NUMBER.findall(one) != NUMBER.findall(other):
        return 0.0
    mine, theirs = runs(one), runs(other)
    shared = len(mine & theirs) / len(mine | theirs)
    if shared < NEAR and _differ_by_one(one, other):
        return 1 - 1 / longer
    return shared


def runs(said: str) -> set[str]:
    """The runs of three signs of a text."""
    return {said[start : start + RUN] for start in range(max(1, len(said) - RUN + 1))} if said else set()


def _differ_by_one(one: str, other: str) -> bool:
    """Whether one sign more, less or other makes the one of the other."""
    if not SHORTEST <= min(len(one), len(other)) <= LONGEST or abs(len(one) - len(other)) > 1:
        return False
    place = next((at for at, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), len(one))
    return one[place + (len(one) >= len(other)) :] == other[place + (len(other) >= len(one)) :]


class NearTexts:
    """Texts among which near ones are found without a look at each.

    Near texts share some of their rarest runs; short ones share a text of theirs from which one sign was taken. What stands in
    very many texts tells none of them. ``texts`` are all that will come, so that what is rare is known.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        self._often: Counter[str] = Counter()
        for text in texts:
            self._often.update(runs(said_in(text)))
        self._said: list[str] = []
        self._keys: dict[str, list[int]] = defaultdict(list)

    def add(self, text: str) -> None:
        """Texts are known by their number, in order from 0."""
        said = said_in(text)
        for key in self._keys_of(said):
            if len(self._keys[key]) <= COMMON:
                self._keys[key].append(len(self._said))
        self._said.append(said)

    def near(self, text: str) -> list[int]:
        """The numbers of up to ``MOST`` near ones, in their order."""
        said = said_in(text)
        hits: Counter[int] = Counter()
        for key in self._keys_of(said):
            places = self._keys.get(key, ())
            if len(places) <= COMMON:
                hits.update(places)
        looked_at = sorted(number for number, _shared in hits.most_common(LOOKED_AT))
        return [number for number in looked_at if likeness_of(said, self._said[number]) >= NEAR][:MOST]

    def _keys_of(self, said: str) -> Iterable[str]:
        rarest = sorted(runs(said), key=lambda run: (self._often[run], run))
        yield from rarest[: len(rarest) - ceil(NEAR * len(rarest)) + 1]
        if SHORTEST <= len(said) <= LONGEST + 1:
            # Marked, so that a text is not taken for a run.
            yield f" {said}"
            yield from {f" {said[:place]}{said[place + 1 :]}" for place in range(len(said))}
