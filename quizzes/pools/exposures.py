"""Notes who was shown which question, when, and with its key: one statement each time, never on a GET.

Shown: when a paper is begun (also one drawn ahead), when the day's five are drawn, when a check or the book is answered.
With the key: in the act that opens it to the person, since looking writes nothing. That is the follow-up of a result,
for every paper that its review opens then or two minutes later; the closing of a quiz that shows answers after it; a
checked answer. Whether somebody looked is not known, and a worn-out question is better found too early.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import connection

from quizzes.models import Answer, Attempt, Exposure

MOMENT = {"postgresql": "CAST(%s AS timestamptz)", "sqlite": "%s"}
NOTE = """
INSERT INTO quizzes_exposure (person_id, question_id, times, first_at, last_at, answered_at, key_first_at, key_last_at)
{rows}
ON CONFLICT (person_id, question_id) DO UPDATE SET
    times = quizzes_exposure.times + excluded.times,
    last_at = excluded.last_at,
    answered_at = COALESCE(excluded.answered_at, quizzes_exposure.answered_at),
    key_first_at = COALESCE(quizzes_exposure.key_first_at, excluded.key_first_at),
    key_last_at = COALESCE(excluded.key_last_at, quizzes_exposure.key_last_at)
"""
# Ordered, so that two statements about one person wait for each other and never in a ring.
OF_VERSIONS = """
SELECT {person}, question_id, {times}, {now}, {now}, {answered}, {key}, {key} FROM quizzes_questionversion
WHERE id IN ({versions}) GROUP BY question_id ORDER BY question_id
"""
OF_QUIZ = """
SELECT paper.learner_id, version.question_id, 0, {now}, {now}, {nothing}, {now}, {now}
FROM quizzes_answer AS answer
JOIN quizzes_attempt AS paper ON paper.id = answer.attempt_id
JOIN quizzes_questionversion AS version ON version.id = answer.version_id
WHERE paper.quiz_id = %s AND paper.state = %s AND paper.released_at IS NOT NULL AND paper.annulled_at IS NULL
GROUP BY paper.learner_id, version.question_id ORDER BY paper.learner_id, version.question_id
"""


def note_shown(
    *, person: int, versions: Iterable[int], now: datetime, answered: bool = False, key: bool = False
) -> None:
    """These versions were shown to the person, once more. One statement."""
    _note(person, versions, now, times=1, answered=answered, key=key)


def note_answered(*, person: int, versions: Iterable[int], now: datetime, key: bool = False) -> None:
    """These versions, shown before, were answered; with ``key`` their key is open to the person too. One statement."""
    _note(person, versions, now, times=0, answered=True, key=key)


def note_key(*, person: int, versions: Iterable[int], now: datetime) -> None:
    """The key of these versions, shown before, is open to the person from now on. One statement."""
    _note(person, versions, now, times=0, answered=False, key=True)


def note_closed_quiz(*, quiz: int, now: datetime) -> None:
    """A quiz that shows right answers after its closing has closed: for all its papers at once. One statement."""
    moment = MOMENT[connection.vendor]
    value = _moment(now)
    rows = OF_QUIZ.format(now=moment, nothing="NULL" if connection.vendor == "sqlite" else "CAST(NULL AS timestamptz)")
    with connection.cursor() as cursor:
        cursor.execute(NOTE.format(rows=rows), [value, value, value, value, quiz, Attempt.State.FINISHED.value])


def exposures_in(*, people: Iterable[int], categories: Iterable[int]) -> Mapping[int, Mapping[int, int]]:
    """Person -> question -> rank of what each has seen of these categories: 1 shown, 2 with its key. One query."""
    found: dict[int, dict[int, int]] = {}
    rows = Exposure.objects.filter(person__in=list(people), question__category__in=list(categories))
    for person, question, key in rows.values_list("person", "question", "key_first_at"):
        found.setdefault(person, {})[question] = 1 if key is None else 2
    return found


def _note(person: int, versions: Iterable[int], now: datetime, *, times: int, answered: bool, key: bool) -> None:
    ids = sorted(set(versions))
    if not ids:
        return
    moment = MOMENT[connection.vendor]
    rows = OF_VERSIONS.format(
        person="%s", times="%s", now=moment, answered=moment, key=moment, versions=", ".join(["%s"] * len(ids))
    )
    value = _moment(now)
    seen = value if key else None
    values: list[Any] = [person, times, value, value, value if answered else None, seen, seen, *ids]
    with connection.cursor() as cursor:
        cursor.execute(NOTE.format(rows=rows), values)


def _moment(now: datetime) -> Any:
    return Answer._meta.get_field("saved_at").get_db_prep_value(now, connection)
