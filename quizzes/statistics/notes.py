"""What to make of a question's figures, in plain words: codes first, words when somebody reads."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from math import floor
from types import MappingProxyType
from typing import Any

from django.utils.translation import gettext_lazy as _

from quizzes.statistics.distractors import OptionRow
from quizzes.statistics.figures import QuestionFigures, Undefined

# Below so many answers figures move with every further one.
ENOUGH_ANSWERS = 30
# Moodle's reading aid; facility and the guess score are fractions of 1, discrimination is per cent.
TOO_HARD, TOO_EASY = 0.05, 0.95
NEAR_GUESSING = 0.05
VERY_WEAK, WEAK, VERY_GOOD = 20, 30, 50
# One person is no sign of what the best choose.
FEWEST_OF_THE_BEST = 2


class NoteCode(StrEnum):
    """One sentence about a question."""

    RIGHT = "right"
    RIGHT_AND_GUESS = "right_and_guess"
    FEW_ANSWERS = "few_answers"
    LIKE_GUESSING = "like_guessing"
    TOO_EASY = "too_easy"
    TOO_HARD = "too_hard"
    ALL_THE_SAME = "all_the_same"
    NEGATIVE = "negative"
    VERY_WEAK = "very_weak"
    WEAK = "weak"
    ADEQUATE = "adequate"
    VERY_GOOD = "very_good"
    ATTRACTS_BEST = "attracts_best"
    NOBODY_CHOSE = "nobody_chose"
    TO_LOOK_AT = "to_look_at"
    SUGGEST_RETIRE = "suggest_retire"


@dataclass(frozen=True)
class Note:
    """A sentence by its code, with what stands in it."""

    code: NoteCode
    facts: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def text(self) -> str:
        """In the language of now."""
        return str(WORDS[self.code]) % self.facts

    def as_json(self) -> dict[str, Any]:
        return {"code": str(self.code), **self.facts, "text": self.text}


WORDS = {
    NoteCode.RIGHT: _("%(right)s%% right."),
    NoteCode.RIGHT_AND_GUESS: _("%(right)s%% right, guessing gives %(guess)s%%."),
    NoteCode.FEW_ANSWERS: _("Answers so far: %(count)s. Too few to judge; that takes 30."),
    NoteCode.LIKE_GUESSING: _("No better than by guessing: nobody seems to have known."),
    NoteCode.TOO_EASY: _("Nearly everybody gets it right: too easy to tell anybody apart."),
    NoteCode.TOO_HARD: _("Nearly nobody gets it right: too hard, or the key is wrong."),
    NoteCode.ALL_THE_SAME: _("Everybody has the same mark here: it tells nobody apart."),
    NoteCode.NEGATIVE: _("People who do well otherwise do badly here: check the key."),
    NoteCode.VERY_WEAK: _("It hardly tells those who know from those who do not."),
    NoteCode.WEAK: _("It tells those who know from those who do not, but weakly."),
    NoteCode.ADEQUATE: _("It tells those who know from those who do not."),
    NoteCode.VERY_GOOD: _("It clearly tells those who know from those who do not."),
    NoteCode.ATTRACTS_BEST: _("Option %(option)s attracts the best: check the key."),
    NoteCode.NOBODY_CHOSE: _("Nobody chose %(option)s."),
    NoteCode.TO_LOOK_AT: _("To look at."),
    NoteCode.SUGGEST_RETIRE: _("Suggestion: retire it."),
}
SUSPICIOUS = {NoteCode.NEGATIVE, NoteCode.ATTRACTS_BEST, NoteCode.LIKE_GUESSING, NoteCode.VERY_WEAK, NoteCode.TOO_HARD}
# What readers are told of few answers, too: those judge nothing.
SAID_OF_FEW = {NoteCode.RIGHT, NoteCode.RIGHT_AND_GUESS, NoteCode.FEW_ANSWERS}
USELESS = {NoteCode.ALL_THE_SAME, NoteCode.TOO_EASY}


def notes_of(figures: QuestionFigures, options: Sequence[OptionRow] = ()) -> list[Note]:
    """The sentences, what matters to whoever decides last. ``options`` as ``distractor_table`` gives them.

    None about a question that nobody had.
    """
    if figures.facility is None:
        return []
    notes = [_right(figures), *_facility(figures), *_discrimination(figures), *_options(options)]
    if figures.count < ENOUGH_ANSWERS:
        notes.append(Note(NoteCode.FEW_ANSWERS, {"count": figures.count}))
    return [*notes, *_verdict({note.code for note in notes}, figures.count)]


def _right(figures: QuestionFigures) -> Note:
    facts = {"right": whole_percent(figures.facility or 0)}
    if figures.random_guess_score:
        return Note(NoteCode.RIGHT_AND_GUESS, {**facts, "guess": whole_percent(figures.random_guess_score)})
    return Note(NoteCode.RIGHT, facts)


def whole_percent(share: float) -> int:
    """Half up; 0 and 100 only where it is exactly that."""
    rounded = floor(share * 100 + 0.5)
    return min(99, max(1, rounded)) if 0 < share < 1 else rounded


def _facility(figures: QuestionFigures) -> Iterable[Note]:
    facility, guess = figures.facility or 0, figures.random_guess_score
    if facility > TOO_EASY:
        yield Note(NoteCode.TOO_EASY)
    elif facility < TOO_HARD:
        yield Note(NoteCode.TOO_HARD)
    if guess and facility <= guess + NEAR_GUESSING:
        yield Note(NoteCode.LIKE_GUESSING)


def _discrimination(figures: QuestionFigures) -> Iterable[Note]:
    index = figures.discrimination_index
    if index is None:
        if figures.undefined.get("discrimination_index") is Undefined.ALL_THE_SAME:
            yield Note(NoteCode.ALL_THE_SAME)
    elif index < 0:
        yield Note(NoteCode.NEGATIVE)
    elif index < WEAK:
        yield Note(NoteCode.VERY_WEAK if index < VERY_WEAK else NoteCode.WEAK)
    else:
        yield Note(NoteCode.VERY_GOOD if index >= VERY_GOOD else NoteCode.ADEQUATE)


def _options(options: Sequence[OptionRow]) -> Iterable[Note]:
    best = max((row.upper for row in options if row.right), default=0)
    for row in options:
        if row.option and not row.right and row.upper > best and row.upper >= FEWEST_OF_THE_BEST:
            yield Note(NoteCode.ATTRACTS_BEST, {"option": row.option})
    for row in options:
        if row.option and not row.count:
            yield Note(NoteCode.NOBODY_CHOSE, {"option": row.option})


def _verdict(codes: set[NoteCode], count: int) -> Iterable[Note]:
    """What is suspicious is looked at, first of all its key; what measures nothing may go. None on few answers: those are
    a hint and ask nobody to act."""
    if count < ENOUGH_ANSWERS:
        return
    if codes & SUSPICIOUS and not (codes & USELESS and NoteCode.NEGATIVE not in codes):
        yield Note(NoteCode.TO_LOOK_AT)
    elif codes & USELESS and not codes & {NoteCode.ADEQUATE, NoteCode.VERY_GOOD}:
        yield Note(NoteCode.SUGGEST_RETIRE)
