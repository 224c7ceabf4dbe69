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

from academy.requests.prepared import PreparedQuery
from quizzes.models import Answer, Attempt, Exposure

NONE: frozenset[int] = frozenset()
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
SELECT %s, question_id, %s, {now}, {now}, {answered}, {key}, {key} FROM quizzes_questionversion
WHERE id IN ({versions}) GROUP BY question_id ORDER BY question_id
"""
# A question of which one version was answered, or has its key open, is one that was answered, or whose key is open.
WHERE_AMONG = "MAX(CASE WHEN id IN ({versions}) THEN {now} END)"
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
        cursor.execute(NOTE.format(rows=rows), [value, value, value, value, quiz, Attempt.State.FINISHED.value])


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
    value = _moment(now)
    at_answers, of_answers = _when(answered, shown, value)
    at_keys, of_keys = _when(keys, shown, value)
    ids = sorted(shown)
    now_, versions = MOMENT[connection.vendor], ", ".join(["%s"] * len(ids))
    rows = OF_VERSIONS.format(now=now_, answered=at_answers, key=at_keys, versions=versions)
    with connection.cursor() as cursor:
        cursor.execute(NOTE.format(rows=rows), [person, times, value, value, *of_answers, *of_keys, *of_keys, *ids])


def _when(among: Set[int], shown: Set[int], value: Any) -> tuple[str, list[Any]]:
    """The moment for the versions that are ``among`` the shown ones, nothing for the others: the words and their values."""
    moment = MOMENT[connection.vendor]
    if not among or among == shown:
        return moment, [value if among else None]
    ids = sorted(among)
    return WHERE_AMONG.format(versions=", ".join(["%s"] * len(ids)), now=moment), [*ids, value]


def _moment(now: datetime) -> Any:
    return Answer._meta.get_field("saved_at").get_db_prep_value(now, connection)
