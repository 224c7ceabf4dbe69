"""Saving answers and flags: idempotent, ordered by the tab's counter, nothing typed is lost."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from quizzes.models import Answer, Attempt, KeptAnswer
from quizzes.types import Response

# A submit or save may arrive this late because the network or the server was slow.
ONLINE_SLACK = timedelta(seconds=30)


@dataclass(frozen=True)
class Receipt:
    """What became of a saved answer: ``saved``, ``older``, ``late`` or ``closed``."""

    status: str
    slot: int
    sequence: int
    saved_at: datetime


# Inside one tab the tab's counter orders answers; between tabs the time of arrival does.
UPSERT = """
INSERT INTO quizzes_answer (attempt_id, slot, version_id, tab, sequence, saved_at, response, flagged)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (attempt_id, slot) DO UPDATE SET
    tab = excluded.tab, sequence = excluded.sequence, saved_at = excluded.saved_at, response = excluded.response
WHERE quizzes_answer.tab <> excluded.tab OR quizzes_answer.sequence < excluded.sequence
"""


def save_answer(*, attempt: Attempt, slot: int, response: Response, tab: str, sequence: int, now: datetime) -> Receipt:
    """Stores an answer by one conditional upsert. Too late or older ones are kept beside it, without marks."""
    place = place_of(attempt, slot)
    late = attempt.deadline is not None and now > attempt.deadline + ONLINE_SLACK
    if attempt.state != Attempt.State.IN_PROGRESS or late:
        _keep(attempt, slot, response, KeptAnswer.Why.LATE, tab, sequence, now)
        return Receipt("late" if late else "closed", slot, sequence, now)
    if not _upsert(attempt, place, response, tab, sequence, now):
        stored = Answer.objects.get(attempt=attempt, slot=slot)
        if stored.sequence == sequence and stored.tab == tab:
            return Receipt("saved", slot, sequence, stored.saved_at)
        _keep(attempt, slot, response, KeptAnswer.Why.OLDER, tab, sequence, now)
        return Receipt("older", slot, sequence, now)
    return Receipt("saved", slot, sequence, now)


def _upsert(
    attempt: Attempt, place: dict[str, Any], response: Response, tab: str, sequence: int, now: datetime
) -> bool:
    fields = {field.name: field for field in Answer._meta.concrete_fields}
    with connection.cursor() as cursor:
        cursor.execute(
            UPSERT,
            [
                attempt.pk,
                place["slot"],
                place["version"],
                tab,
                sequence,
                fields["saved_at"].get_db_prep_value(now, connection),
                None if response is None else fields["response"].get_db_prep_save(response, connection),
                False,
            ],
        )
        return cursor.rowcount > 0


def _keep(attempt, slot, response, why, tab, sequence, now) -> None:
    KeptAnswer.objects.create(
        attempt=attempt, slot=slot, response=response, why=why, tab=tab, sequence=sequence, received_at=now
    )


def set_flag(*, attempt: Attempt, slot: int, flagged: bool, now: datetime) -> None:
    """Marks a question to look at again; says nothing about its answer."""
    place = place_of(attempt, slot)
    if attempt.state != Attempt.State.IN_PROGRESS:
        return
    Answer.objects.bulk_create(
        [Answer(attempt=attempt, slot=slot, version_id=place["version"], flagged=flagged, saved_at=now)],
        update_conflicts=True,
        unique_fields=["attempt", "slot"],
        update_fields=["flagged"],
    )


def place_of(attempt: Attempt, slot: int) -> dict[str, Any]:
    """The paper's place. Raises ``LookupError`` for a slot that is not on it."""
    for place in attempt.paper:
        if place["slot"] == slot:
            return place
    raise LookupError(slot)
