"""The answers of a paper when it is closed: marked in one statement, and handed on to whoever is told of the result."""

from collections.abc import Sequence
from typing import Any

from django.db import connection

from academy.requests.given_rows import given_rows, rows_value
from academy.requests.written_together import write
from quizzes.models import Answer, Attempt

# Places left empty get their row here; of those that were written only the marks change.
MARKS = """
INSERT INTO quizzes_answer (attempt_id, slot, version_id, tab, sequence, saved_at, flagged, fraction, mark)
SELECT attempt, slot, version, '', 0, saved_at, false, fraction, mark FROM {marked} WHERE true
ON CONFLICT (attempt_id, slot) DO UPDATE SET fraction = excluded.fraction, mark = excluded.mark
"""
COLUMNS = {
    "attempt": "bigint",
    "slot": "integer",
    "version": "bigint",
    "saved_at": "timestamptz",
    "fraction": "numeric",
    "mark": "numeric",
}


def write_marks(answers: Sequence[Answer]) -> None:
    """Writes the share and the mark of each answer of a paper. One statement."""
    adapted = connection.ops.adapt_datetimefield_value
    rows = [
        (
            answer.attempt_id,
            answer.slot,
            answer.version_id,
            adapted(answer.saved_at),
            answer.fraction,
            answer.mark,
        )
        for answer in answers
    ]
    if rows:
        write(MARKS.format(marked=given_rows("marked", **COLUMNS)), [rows_value(rows)])


def hand_on_answers(attempt: Attempt, answers: Sequence[Answer]) -> None:
    """Whoever is told of the result reads the answers as they were just written: ``attempt.answers.all()`` asks nothing.

    As ``prefetch_related`` leaves them; a filtered question still goes to the database.
    """
    # What Django's own prefetching sets; the stubs do not know of it.
    rows: Any = attempt.answers.all()
    rows._result_cache, rows._prefetch_done = list(answers), True  # noqa: SLF001
    vars(attempt).setdefault("_prefetched_objects_cache", {})["answers"] = rows
