"""The answers of a paper when it is closed: marked in one statement, and handed on to whoever is told of the result."""

from collections.abc import Sequence
from typing import Any

from django.db import connection

from quizzes.models import Answer, Attempt

# Places left empty get their row here; of those that were written only the marks change.
MARKS = """
INSERT INTO quizzes_answer (attempt_id, slot, version_id, tab, sequence, saved_at, flagged, fraction, mark)
VALUES {rows}
ON CONFLICT (attempt_id, slot) DO UPDATE SET fraction = excluded.fraction, mark = excluded.mark
"""
ROW = "(%s, %s, %s, '', 0, %s, false, %s, %s)"


def write_marks(answers: Sequence[Answer]) -> None:
    """Writes the share and the mark of each answer of a paper. One statement."""
    moment = Answer._meta.get_field("saved_at")
    values: list[Any] = []
    for answer in answers:
        saved_at = moment.get_db_prep_value(answer.saved_at, connection)
        values += [answer.attempt_id, answer.slot, answer.version_id, saved_at, answer.fraction, answer.mark]
    if values:
        with connection.cursor() as cursor:
            cursor.execute(MARKS.format(rows=", ".join([ROW] * len(answers))), values)


def hand_on_answers(attempt: Attempt, answers: Sequence[Answer]) -> None:
    """Whoever is told of the result reads the answers as they were just written: ``attempt.answers.all()`` asks nothing.

    As ``prefetch_related`` leaves them; a filtered question still goes to the database.
    """
    # What Django's own prefetching sets; the stubs do not know of it.
    rows: Any = attempt.answers.all()
    rows._result_cache, rows._prefetch_done = list(answers), True  # noqa: SLF001
    vars(attempt).setdefault("_prefetched_objects_cache", {})["answers"] = rows
