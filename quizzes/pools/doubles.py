"""Questions that say nearly the same, in any bank."""

from collections.abc import Iterable

from academy.bilingual import folded
from quizzes.models import Question
from quizzes.types.rich import plain

# Two questions are near doubles whose stems share so much of their runs of three letters.
NEAR = 0.6
RUN = 3
MOST = 10


def near_doubles(question: Question, among: Iterable[tuple[int, dict[str, str] | None]]) -> list[tuple[int, float]]:
    """(question, likeness from 0 to 1), the most alike first, of (question, its stem). In whichever language is nearer."""
    mine = {language: runs(plain(text)) for language, text in (question.body.get("stem") or {}).items()}
    found = []
    for pk, stem in among:
        if pk != question.pk and isinstance(stem, dict):
            likeness = max((_likeness(mine.get(one, set()), plain(text)) for one, text in stem.items()), default=0.0)
            if likeness >= NEAR:
                found.append((pk, likeness))
    return sorted(found, key=lambda pair: (-pair[1], pair[0]))[:MOST]


def runs(text: str) -> set[str]:
    """The runs of three letters of a text, without spaces."""
    flat = "".join(folded(text).split())
    return {flat[start : start + RUN] for start in range(max(1, len(flat) - RUN + 1))} if flat else set()


def _likeness(mine: set[str], text: str) -> float:
    # What is much shorter shares too little, whatever it says.
    if not mine or len(text) < NEAR * len(mine):
        return 0.0
    theirs = runs(text)
    return len(mine & theirs) / len(mine | theirs) if theirs else 0.0
