"""When what answers say of a question suggests to retire it: rules over several sets of answers, pure.

A set is a version of the question in one quiz, of thirty answers or more; fewer say nothing here.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext_lazy as _

from quizzes.statistics.notes import ENOUGH_ANSWERS, NEAR_GUESSING

# A fraction of 1: what more than so many get right tells nobody apart.
KNOWN_BY_ALL = 0.97
# So many sets, or versions, are no accident.
TWICE = 2


class RetireCode(StrEnum):
    """Why a question may go."""

    NEGATIVE = "negative_twice"
    TOO_EASY = "too_easy_twice"
    GUESSED = "guessed_twice"
    WORN_OUT = "worn_out"


WORDS = {
    RetireCode.NEGATIVE: _(
        "In %(sets)s sets of answers people who do well otherwise do badly here, in the newest version too "
        "(%(count)s answers)."
    ),
    RetireCode.TOO_EASY: _("Over two versions more than 97%% got it right: it tells nobody apart (%(count)s answers)."),
    RetireCode.GUESSED: _("Over two versions no more got it right than would by guessing (%(count)s answers)."),
    RetireCode.WORN_OUT: _(
        "%(count)s of the %(takers)s people who may sit an exam with it next have seen its answer: more than a fifth."
    ),
}


@dataclass(frozen=True)
class RetireReason:
    """A rule that holds. ``count`` is on how much it rests: answers, or people."""

    code: RetireCode
    count: int
    facts: Mapping[str, Any]

    @property
    def text(self) -> str:
        """In the language of now."""
        return str(WORDS[self.code]) % {"count": self.count, **self.facts}


@dataclass(frozen=True)
class AnswerSet:
    """A version, by its number, in one quiz. Facility and the guess score are fractions of 1, discrimination is per cent."""

    version: int
    count: int
    facility: float | None
    guess: float | None
    discrimination: float | None

    @property
    def is_negative(self) -> bool:
        return self.discrimination is not None and self.discrimination < 0

    @property
    def is_too_easy(self) -> bool:
        return self.facility is not None and self.facility > KNOWN_BY_ALL

    @property
    def is_guessed(self) -> bool:
        return bool(self.guess) and self.facility is not None and self.facility <= (self.guess or 0) + NEAR_GUESSING


def reasons_of_answers(sets: Iterable[AnswerSet]) -> list[RetireReason]:
    """The rules that hold for one question, judged by its two newest versions that have answers enough."""
    by_version: dict[int, list[AnswerSet]] = defaultdict(list)
    for figures in sets:
        if figures.count >= ENOUGH_ANSWERS:
            by_version[figures.version].append(figures)
    newest = [by_version[number] for number in sorted(by_version, reverse=True)[:TWICE]]
    return list(_reasons(newest))


def _reasons(newest: Sequence[Sequence[AnswerSet]]) -> Iterator[RetireReason]:
    every = [figure for some in newest for figure in some]
    negative = [figure for figure in every if figure.is_negative]
    # A version whose key was put right since speaks for itself.
    if len(negative) >= TWICE and any(figure.is_negative for figure in newest[0]):
        yield RetireReason(RetireCode.NEGATIVE, _answers(negative), {"sets": len(negative)})
    if len(newest) < TWICE:
        return
    if all(figure.is_too_easy for figure in every):
        yield RetireReason(RetireCode.TOO_EASY, _answers(every), {})
    if all(figure.is_guessed for figure in every):
        yield RetireReason(RetireCode.GUESSED, _answers(every), {})


def _answers(sets: Iterable[AnswerSet]) -> int:
    return sum(figures.count for figures in sets)


def is_new_evidence(reasons: Sequence[RetireReason], known: Mapping[str, int]) -> bool:
    """Whether there is a reason that was not ``known`` by its code, or one that rests on thirty more than it did then."""
    return any(
        str(reason.code) not in known or reason.count >= known[reason.code] + ENOUGH_ANSWERS for reason in reasons
    )
