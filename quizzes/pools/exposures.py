"""Notes who was shown which question, when, and with its key: one statement each time, never on a GET.

Shown: when a paper is begun (also one drawn ahead), when the day's five are drawn, when a check or the book is answered.
With the key: in the act that opens it to the person, since looking writes nothing. That is the follow-up of a result,
for every paper that its review opens then or two minutes later; the closing of a quiz that shows answers after it; a
checked answer. Whether somebody looked is not known, and a worn-out question is better found too early.
"""

from collections.abc import Iterable, Mapping, Set
from datetime import datetime
from typing import Any

from django.db import connection

from academy.requests.given_rows import given_rows, rows_value
from academy.requests.prepared import PreparedQuery
from academy.requests.written_together import write
from quizzes.models import Answer, Attempt, Exposure

NONE: frozenset[int] = frozenset()
MOMENT = {"postgresql": "CAST(%s AS timestamptz)", "sqlite": "%s"}
NOTE = """
INSERT INTO quizzes_exposure (person_id, question_id, times, first_at, last_at, answered_at, key_first_at, key_last_at)
{rows}
ON CONFLICT (person_id, question_id) DO UPDATE SET
    times = quizzes_exposure.times + excluded.times,
    last_at = CASE WHEN {again} THEN excluded.last_at ELSE quizzes_exposure.last_at END,
    answered_at = CASE WHEN {again} OR quizzes_exposure.answered_at IS NULL
        OR quizzes_exposure.answered_at < quizzes_exposure.last_at
        THEN COALESCE(excluded.answered_at, quizzes_exposure.answered_at) ELSE quizzes_exposure.answered_at END,
    key_first_at = COALESCE(quizzes_exposure.key_first_at, excluded.key_first_at),
    key_last_at = CASE WHEN {again} OR quizzes_exposure.key_last_at IS NULL
        OR quizzes_exposure.key_last_at < quizzes_exposure.last_at
        THEN COALESCE(excluded.key_last_at, quizzes_exposure.key_last_at) ELSE quizzes_exposure.key_last_at END
"""
# A result that is told once more, after a repair, shows nothing again.
AGAIN = "excluded.times > 0"
# Ordered, so that two statements about one person wait for each other and never in a ring. A question of which one
# version was answered, or has its key open, is one that was answered, or whose key is open.
OF_VERSIONS = """
SELECT {person}, version.question_id, {times}, {now}, {now}, {answered}, {key}, {key}
FROM {shown} JOIN quizzes_questionversion AS version ON version.id = shown.version
WHERE true GROUP BY version.question_id ORDER BY version.question_id
"""
WHERE_MARKED = "MAX(CASE WHEN shown.{mark} = 1 THEN {now} END)"
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
    shown = set(versions)
    _note(person, now, times=1, shown=shown, answered=shown if answered else NONE, keys=shown if key else NONE)


def note_answered(*, person: int, versions: Iterable[int], now: datetime, key: bool = False) -> None:
    """These versions, shown before, were answered; with ``key`` their key is open to the person too. One statement."""
    answered = set(versions)
    _note(person, now, times=0, shown=answered, answered=answered, keys=answered if key else NONE)


def note_result_of(*, person: int, answered: Set[int], keys: Set[int], now: datetime) -> None:
    """Of versions shown before these were answered, and the key of those is open to the person from now on. One statement."""
    _note(person, now, times=0, shown=answered | keys, answered=answered, keys=keys)


def note_closed_quiz(*, quiz: int, now: datetime) -> None:
    """A quiz that shows right answers after its closing has closed: for all its papers at once. One statement."""
    moment = MOMENT[connection.vendor]
    value = _moment(now)
    rows = OF_QUIZ.format(now=moment, nothing="NULL" if connection.vendor == "sqlite" else "CAST(NULL AS timestamptz)")
    with connection.cursor() as cursor:
        cursor.execute(
            NOTE.format(rows=rows, again=AGAIN), [value, value, value, value, quiz, Attempt.State.FINISHED.value]
        )


SEEN = PreparedQuery(
    lambda people, categories: (
        Exposure.objects.filter(person__in=people, question__category__in=categories)
        .order_by("person", "question")
        .values_list("person", "question", "key_first_at")
    )
)


def exposures_in(*, people: Iterable[int], categories: Iterable[int]) -> Mapping[int, Mapping[int, int]]:
    """Person -> question -> rank of what each has seen of these categories: 1 shown, 2 with its key. One query."""
    found: dict[int, dict[int, int]] = {}
    for person, question, key in SEEN.rows(people=list(people), categories=list(categories)):
        found.setdefault(person, {})[question] = 1 if key is None else 2
    return found


def _note(person: int, now: datetime, *, times: int, shown: Set[int], answered: Set[int], keys: Set[int]) -> None:
    if not shown:
        return
    moment, value = MOMENT[connection.vendor], _moment(now)
    words = OF_VERSIONS.format(
        person="CAST(%s AS bigint)",
        times="CAST(%s AS integer)",
        now=moment,
        answered=WHERE_MARKED.format(mark="answered", now=moment),
        key=WHERE_MARKED.format(mark="key", now=moment),
        shown=given_rows("shown", version="bigint", answered="integer", key="integer"),
    )
    rows = rows_value([[version, int(version in answered), int(version in keys)] for version in sorted(shown)])
    write(NOTE.format(rows=words, again=AGAIN), [person, times, *[value] * 5, rows])


def _moment(now: datetime) -> Any:
    return Answer._meta.get_field("saved_at").get_db_prep_value(now, connection)
