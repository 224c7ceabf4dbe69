"""What was answered in a quiz, counted by the database: alike answers of papers of the same mark are one row."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import batched
from typing import Any

from django.db.models import Count

from quizzes.models import Answer, QuestionVersion
from quizzes.statistics.characteristics import CharacteristicPoint, item_characteristic
from quizzes.statistics.distractors import ChoiceMade, OptionRow, distractor_table
from quizzes.types import question_type
from quizzes.types.choice import MultipleChoice, SingleChoice, TrueFalse

WITH_OPTIONS = (SingleChoice.code, MultipleChoice.code, TrueFalse.code)
ATTEMPTS_AT_ONCE = 5000


@dataclass(frozen=True)
class Made:
    """One kind of answer: what was chosen, the share it earned, and the share that the whole paper earned."""

    chosen: tuple[str, ...]
    share: Fraction
    whole: Fraction


# By version, how often each kind of answer was made.
Answers = Mapping[int, Counter[Made]]


def answers_made(attempts: Sequence[int]) -> Answers:
    """Of these attempts. A query for every five thousand; memory grows with the kinds of answers, not their number."""
    found: dict[int, Counter[Made]] = defaultdict(Counter)
    wholes: dict[tuple[Any, Any], Fraction] = {}
    for some in batched(attempts, ATTEMPTS_AT_ONCE):
        rows = (
            Answer.objects.filter(attempt__in=some)
            .order_by()
            .values_list("version", "version__type", "response", "fraction", "attempt__mark", "attempt__max_mark")
            .annotate(Count("pk"))
        )
        for version, kind, response, share, mark, most, count in rows.iterator():
            if (mark, most) not in wholes:
                wholes[mark, most] = Fraction(mark or 0) / Fraction(most) if most else Fraction(0)
            made = Made(_chosen(kind, response), Fraction(share or 0), wholes[mark, most])
            found[version][made] += count
    return found


def _chosen(kind: str, response: Any) -> tuple[str, ...]:
    chosen = response.get("chosen") if kind in WITH_OPTIONS and isinstance(response, dict) else None
    return tuple(chosen) if isinstance(chosen, list) else (chosen,) if isinstance(chosen, str) else ()


def option_rows(version: QuestionVersion, made: Counter[Made]) -> list[OptionRow]:
    """The distractor table of a version with options; empty for other types."""
    if version.type not in WITH_OPTIONS:
        return []
    choices = [ChoiceMade(choice.chosen, choice.whole, count) for choice, count in made.items()]
    return distractor_table(_options(version), choices)


def _options(version: QuestionVersion) -> Iterator[tuple[str, bool]]:
    if version.type == TrueFalse.code:
        yield from (("true", version.body["key"] is True), ("false", version.body["key"] is False))
        return
    for option in version.body["options"]:
        yield option["id"], Fraction(option["fraction"]) > 0


def characteristic(made: Counter[Made]) -> list[CharacteristicPoint]:
    """Against the share that whole papers earned."""
    return item_characteristic(
        [(choice.share, choice.whole) for choice in made], most=Fraction(1), counts=list(made.values())
    )


def option_text(version: QuestionVersion, option: str, language: str) -> str:
    """What the option says, with its letter as the author ordered them."""
    kind = question_type(version.type)
    if version.type == TrueFalse.code:
        return kind.response_summary(kind.parse(version.body), {"chosen": option}, language, {})
    ids = [option["id"] for option in version.body["options"]]
    text = kind.response_summary(
        kind.parse(version.body),
        {"chosen": [option] if version.type == MultipleChoice.code else option},
        language,
        {"options": ids},
    )
    return f"{letter_of(version, option)} · {text}"


def letter_of(version: QuestionVersion, option: str) -> str:
    """A, B, C … in the author's order."""
    if version.type not in WITH_OPTIONS or version.type == TrueFalse.code:
        return option
    ids = [option["id"] for option in version.body["options"]]
    return chr(ord("A") + ids.index(option)) if option in ids and ids.index(option) < 26 else option
