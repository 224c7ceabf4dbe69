"""What a learner sees of a paper, as the quiz's matrix allows it, and when."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from django.utils.translation import get_language

from academy.bilingual import pick
from academy.calendar.clock import local_day
from academy.models import User
from academy.requests.kept.answers import shared
from academy.requests.kept.unchanging import Unchanging
from academy.requests.prepared import BoundQuery, PreparedQuery
from quizzes.grading.frozen import found_once, said_of
from quizzes.grading.papers import questions_on
from quizzes.models import OPEN_STATES, Answer, Attempt, Marking, Quiz, QuizFeedback, QuizOverride
from quizzes.models.matrix import FIXED, TELLS_KEY, ReviewColumn, ReviewRow
from quizzes.pools.uses import LEFT_OUT
from quizzes.rules.case_words import mark_cases
from quizzes.types import ParsedQuestion, Response, question_type
from quizzes.types.base import grade_of
from quizzes.types.rich import shown_in

# How long after handing in it is "immediately after" (Moodle, ``mod_quiz_display_options``).
IMMEDIATELY = timedelta(seconds=120)
# How far back a paper may lie whose wait is not over yet.
LONGEST_WAIT = timedelta(days=62)


@dataclass(frozen=True)
class Shows:
    """Which rows of the matrix are open, and in which column; ``waits`` when rows that tell the key wait."""

    attempt: bool = False
    correct: bool = False
    marks: bool = False
    specific: bool = False
    general: bool = False
    right_answer: bool = False
    overall: bool = False
    column: str = ""
    waits: bool = False


# The paper and one's own answer, and nothing that judges it.
SILENT = Shows(attempt=True)


def review_column(*, attempt: Attempt, closes_at: datetime | None, now: datetime) -> str:
    """The column a moment falls into. After closing wins over the first two minutes."""
    if attempt.state in OPEN_STATES or attempt.finished_at is None:
        return ReviewColumn.DURING.value
    if closes_at is not None and now >= closes_at:
        return ReviewColumn.CLOSED.value
    if now - attempt.finished_at < IMMEDIATELY:
        return ReviewColumn.IMMEDIATELY.value
    return ReviewColumn.LATER.value


def review_shows(*, quiz: Quiz, attempt: Attempt, closes_at: datetime | None, over: bool, now: datetime) -> Shows:
    """``over``: passed, or no attempt left. While a result is marked or withheld nothing of it is shown.

    A paper that never counted (not handed in) shows its answers where the matrix opens the attempt, and no key.
    """
    column = review_column(attempt=attempt, closes_at=closes_at, now=now)
    during = column == ReviewColumn.DURING
    if not during and not attempt.is_released:
        return Shows(column=column)
    open_rows = {
        row.value: FIXED.get((row.value, column), column in quiz.review_matrix.get(row.value, [])) for row in ReviewRow
    }
    waits = (
        quiz.answers_wait
        and quiz.kind != Quiz.Kind.PRACTICE
        and column in (ReviewColumn.IMMEDIATELY, ReviewColumn.LATER)
        and not over
        and any(open_rows[row] for row in TELLS_KEY)
    )
    if waits:
        open_rows |= dict.fromkeys(TELLS_KEY, False)
    return Shows(**open_rows, column=column, waits=waits)


def moments_of_reviews(person: User, now: datetime) -> list[datetime]:
    """When a paper of the person goes into another column by time alone: its quiz closes, its first minutes are over."""
    ends = [row.finished_at for row in finished_of_late(person, now)]
    found = [ended + IMMEDIATELY for ended in ends if ended > now - IMMEDIATELY]
    return found + shared("closings", lambda: _closings(now))


class FinishedPaper(NamedTuple):
    """When a paper of a person ended, and what became of it."""

    finished_at: datetime
    passed: bool | None
    quiz: int
    occasion: str


LATELY = PreparedQuery(
    lambda learner, since: (
        Attempt.objects.filter(learner=learner, finished_at__date__gte=since)
        .order_by()
        .values_list("finished_at", "passed", "quiz", "occasion")
    )
)


def asks_of_late_papers(person: int, now: datetime) -> list[BoundQuery[Any] | None]:
    """What ``finished_of_late`` asks."""
    return [LATELY.bound(learner=person, since=local_day(now - LONGEST_WAIT))]


def finished_of_late(person: User, now: datetime) -> list[FinishedPaper]:
    """The person's papers of the last two months, as far as a wait may reach back. One query."""
    rows = LATELY.rows(learner=person.pk, since=local_day(now - LONGEST_WAIT))
    return [FinishedPaper(ended, passed, quiz, occasion) for ended, passed, quiz, occasion in rows if ended is not None]


def _closings(now: datetime) -> list[datetime]:
    """All that are to come before an answer of today is void anyway, since what is shared outlives the first of them."""
    soon = {"closes_at__gt": now, "closes_at__lte": now + timedelta(days=1)}
    closings = [
        model._default_manager.filter(**soon).values_list("closes_at", flat=True) for model in (Quiz, QuizOverride)
    ]
    return sorted({moment for some in closings for moment in some if moment is not None})


FEEDBACK = PreparedQuery(lambda quiz: QuizFeedback.objects.filter(quiz=quiz))


def overall_feedback(*, quiz: Quiz, score: Decimal, language: str) -> str:
    """The words of the highest line that the score reached, or ''."""
    reached = [row for row in FEEDBACK.rows(quiz=quiz.pk) if row.from_score <= score]
    if not reached:
        return ""
    best = max(reached, key=lambda row: row.from_score)
    return pick({"zh-hans": best.text, "en": best.text_en}, language)


def review_lines(
    *, attempt: Attempt, answers: Iterable[Answer], shows: Shows, refused: Mapping[int, str]
) -> list[dict[str, Any]]:
    """One entry a slot, in the language of the attempt; empty where the paper itself is not shown.

    ``refused`` says by slot why neither verdict nor key is shown, though the matrix would (``keys.review_refusals``).
    """
    if not shows.attempt:
        return []
    matrix = shows
    questions = questions_on(attempt)
    given = {answer.slot: answer for answer in answers}
    by_person = any(question_type(question.type).marked_by_person for question in questions.values())
    comments = comments_of(attempt) if by_person and shows.specific else {}
    lines = []
    for place in attempt.paper:
        question = questions[place["version"]]
        kind = question_type(question.type)
        answer = given.get(place["slot"])
        response = answer.response if answer else None
        shows = SILENT if place["slot"] in refused else matrix
        by_hand = answer.fraction if kind.marked_by_person and answer is not None and response is not None else None
        said = () if shows is SILENT else tuple(comments.get(place["slot"], ()))
        # The same for everybody who answered the same in the same drawn order and is shown as much of it.
        words = said, said_of(place["version"], attempt.house_rules)
        if (
            attempt.quiz.kind == Quiz.Kind.PRACTICE
            and kind.by_steps
            and kind.ending(question, response, attempt.language) is None
        ):
            # A talk that was not held gives its best way away to nobody: it is read after one that was.
            shows = replace(shows, right_answer=False, general=False)
        body = _body(place, question, response, attempt.language, shows, by_hand, words, refused.get(place["slot"], ""))
        lines.append(
            {
                **body,
                "body": body,
                "slot": place["slot"],
                "mark": (answer.mark if answer else 0) if shows.marks else None,
                "max_mark": place["mark"],
                "may_keep": shows.right_answer
                and question.type not in LEFT_OUT
                and attempt.quiz.kind != Quiz.Kind.EXAM,
            }
        )
    mark_cases(lines, attempt.paper, attempt, questions)
    return lines


def _body(
    place: Mapping[str, Any],
    question: ParsedQuestion,
    response: Response,
    language: str,
    shows: Shows,
    by_hand: Decimal | None,
    words: tuple[tuple[str, ...], tuple[Any, ...]],
    silent: str,
) -> Unchanging:
    """What is read of one answer, and ``end``, how a talk ended. ``by_hand`` is the share that a person gave; ``words`` are
    the markers' and those of the house rules that it quotes."""
    kind, order, (comments, rules) = question_type(question.type), place["order"], words
    told = (shows.correct, shows.right_answer, shows.specific, shows.general)
    key = (get_language(), language, repr(order), repr(response), *told, by_hand, comments, rules, silent)

    def find() -> Unchanging:
        grade = kind.grade(question, response) if by_hand is None else grade_of(by_hand)
        options = kind.review(question, order, response, language) if shows.right_answer else []
        # What is said of an option stands under it, where the options are shown.
        placed = shows.specific and not kind.review_template and any(option.get("feedback") for option in options)
        return Unchanging(
            (place["version"], *key),
            {
                "stem": kind.formatted_stem(question, language),
                "words": kind.shown_stem(question, language),
                "template": kind.review_template,
                "state": grade.state if shows.correct else "",
                "said": kind.response_summary(question, response, language, order),
                "options": options,
                "placed": placed,
                "right": kind.right_answer(question, language, order) if shows.right_answer else "",
                "way": kind.best_way(question, language) if shows.right_answer else [],
                "by_steps": kind.by_steps,
                "feedback": [shown_in(text, language) for text in grade.feedback]
                if shows.specific and not placed
                else [],
                "explanation": shown_in(question.feedback, language) if shows.general else "",
                "comments": comments,
                "silent": silent,
                "end": kind.ending(question, response, language) if shows.correct else None,
            },
        )

    return found_once(place["version"], key, find)


def comments_of(attempt: Attempt) -> dict[int, list[str]]:
    """The markers' words to the learner, by slot."""
    found: dict[int, list[str]] = {}
    rows: Iterable[tuple[int, str]] = (
        Marking.objects.filter(answer__attempt=attempt)
        .exclude(comment="")
        .order_by("number")
        .values_list("answer__slot", "comment")
    )
    for slot, comment in rows:
        found.setdefault(slot, []).append(comment)
    return found
