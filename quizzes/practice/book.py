"""错题本: what enters it, what leaves it. A question leaves once it came right on two different days."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import NamedTuple

from django.db import transaction
from django.db.models.query import QuerySet

from academy.calendar.clock import local_day
from academy.models import User
from academy.requests.given_rows import given_rows, rows_value
from academy.requests.kept.presence import none_of
from academy.requests.prepared import PreparedQuery
from academy.requests.written_together import write
from quizzes.grading.frozen import frozen_questions, questions_of
from quizzes.models import Attempt, QuestionVersion, Quiz, WrongQuestion
from quizzes.pools.uses import LEFT_OUT
from quizzes.practice.sources import practisable

RIGHT_DAYS = 2
LOCKED = PreparedQuery(
    lambda person, questions: WrongQuestion.objects.select_for_update().filter(person=person, question__in=questions)
)


@dataclass(frozen=True)
class Entry:
    """A question's place in a book; ``left_on`` is set once it has left."""

    entered_on: date
    right_days: int = 0
    last_right_on: date | None = None
    left_on: date | None = None
    times_wrong: int = 0


# The version last answered, whence it came, and the place itself.
type Place = tuple[int, str, Entry]


def after_answer(entry: Entry | None, *, right: bool, day: date) -> Entry | None:
    """The place after an answer, None while there is none. Pure.

    Wrong: it enters, or what it had gathered is lost. Right: a day is gathered once, and with the second it leaves.
    """
    if not right:
        times = (entry.times_wrong if entry else 0) + 1
        entered = day if entry is None or entry.left_on is not None else entry.entered_on
        return Entry(entered_on=entered, times_wrong=times)
    if entry is None or entry.left_on is not None or entry.last_right_on == day:
        return entry
    gathered = entry.right_days + 1
    return replace(entry, right_days=gathered, last_right_on=day, left_on=day if gathered >= RIGHT_DAYS else None)


class Answered(NamedTuple):
    """Which version of which question was answered, and whether right."""

    version: int
    question: int
    right: bool


def note_answer(*, person: User, version: QuestionVersion, right: bool, source: str, now: datetime) -> None:
    """Carries one answer into the person's book."""
    answered = Answered(version.pk, version.question_id, right)
    note_answers(person=person, answers=[answered], source=source, now=now)


# What fails here fails for the caller's whole act: no savepoint of its own.
@transaction.atomic(savepoint=False)
def note_answers(
    *, person: User, answers: Sequence[Answered], source: str, now: datetime, is_empty: bool = False
) -> int:
    """Carries answers into the person's book: two queries for a whole paper, one where the book is known to be empty.

    Returns how many places changed.
    """
    today, questions = local_day(now), {answer.question for answer in answers}
    standing = [] if is_empty else LOCKED.rows(person=person.pk, questions=questions)
    places: dict[int, Place] = {row.question_id: (row.version_id, row.source, _entry_of(row)) for row in standing}
    changed: dict[int, Place] = {}
    for answered in answers:
        place = places.get(answered.question)
        before = place[2] if place else None
        entry = after_answer(before, right=answered.right, day=today)
        if entry is None or entry == before:
            continue
        # One that came right stands in the book already.
        version, whence = (answered.version, source) if place is None or not answered.right else place[:2]
        changed[answered.question] = places[answered.question] = (version, whence, entry)
    _write(person.pk, changed)
    return len(changed)


COLUMNS = {
    "person_id": "bigint",
    "question_id": "bigint",
    "version_id": "bigint",
    "source": "text",
    "entered_on": "date",
    "times_wrong": "integer",
    "right_days": "integer",
    "last_right_on": "date",
    "left_on": "date",
}
NAMES = ", ".join(COLUMNS)
WRITE = f"""
INSERT INTO quizzes_wrongquestion ({NAMES}) SELECT {NAMES} FROM {{changed}} WHERE true
ON CONFLICT (person_id, question_id) DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in [*COLUMNS][2:])}
"""  # noqa: S608 - names of columns only


def _write(person: int, places: Mapping[int, Place]) -> None:
    """One statement, whatever stood there; its words cost a quarter of those that a bulk write makes."""
    if not places:
        return
    values = rows_value(
        (
            *(person, question, version, source),
            *(entry.entered_on, entry.times_wrong, entry.right_days, entry.last_right_on, entry.left_on),
        )
        for question, (version, source, entry) in places.items()
    )
    write(WRITE.format(changed=given_rows("changed", **COLUMNS)), [values])


@transaction.atomic
def add_by_hand(*, person: User, version: QuestionVersion, now: datetime) -> WrongQuestion:
    """Puts a question into the book. Idempotent while it stands there."""
    row = WrongQuestion.objects.select_for_update().filter(person=person, question=version.question_id).first()
    if row is not None and row.left_on is None:
        return row
    row, _created = WrongQuestion.objects.update_or_create(
        person=person,
        question_id=version.question_id,
        defaults={
            "version": version,
            "source": WrongQuestion.Source.HAND,
            "entered_on": local_day(now),
            "right_days": 0,
            "last_right_on": None,
            "left_on": None,
        },
    )
    return row


def remove_by_hand(*, row: WrongQuestion, now: datetime) -> None:
    """Takes a question out; answered wrong again, it comes back. Idempotent."""
    remove_several_by_hand(person=row.person_id, rows=[row.pk], now=now)


def remove_several_by_hand(*, person: int, rows: Iterable[int], now: datetime) -> int:
    """The same for several of one's own: their lesson was read again. Returns how many stood there."""
    mine = WrongQuestion.objects.filter(person=person, pk__in=list(rows), left_on=None)
    return mine.update(left_on=local_day(now))


def entries(person: User | int) -> QuerySet[WrongQuestion]:
    """The person's book with what has left it, whatever of it may be practised now."""
    return (
        WrongQuestion.objects.filter(person=person, question__retired_at=None)
        .select_related("person", "question__bank", "question__category", "question__current_version", "version")
        .order_by("-entered_on", "-pk")
    )


OPEN = PreparedQuery(lambda person: entries(person).filter(left_on=None))


@dataclass(frozen=True)
class Book:
    """What stands in a book, newest first: what may be practised, and what only its lesson is named of."""

    rows: list[WrongQuestion]
    to_read_again: list[WrongQuestion]


def open_book(*, person: User, now: datetime) -> Book:
    """What stands in the person's book. A query, and those of ``practisable`` where there is something."""
    rows = [] if none_of(WrongQuestion, [person.pk]) else OPEN.rows(person=person.pk)
    may = practisable(person=person, questions={row.question_id for row in rows}, now=now)
    return Book([row for row in rows if row.question_id in may], [row for row in rows if row.question_id not in may])


def fill_from_attempt(*, attempt: Attempt, now: datetime) -> int:
    """What was wrong on a finished paper enters the learner's book. Returns how many places changed.

    All of it enters. Whether it may be practised, or only its lesson is named, is asked when the book is opened.
    """
    marked = [answer for answer in attempt.answers.all() if answer.fraction is not None]
    parsed = frozen_questions(answer.version_id for answer in marked)
    questions = questions_of(parsed)
    source = WrongQuestion.Source.EXAM if attempt.quiz.kind == Quiz.Kind.EXAM else WrongQuestion.Source.QUIZ
    answers = [
        Answered(answer.version_id, questions[answer.version_id], answer.fraction == 1)
        for answer in marked
        if parsed[answer.version_id].type not in LEFT_OUT
    ]
    if not answers:
        return 0
    is_empty = attempt.has_book is False
    return note_answers(person=attempt.learner, answers=answers, source=source, now=now, is_empty=is_empty)


def _entry_of(row: WrongQuestion) -> Entry:
    return Entry(row.entered_on, row.right_days, row.last_right_on, row.left_on, row.times_wrong)
