"""Saving answers and flags: idempotent, ordered by the browser's counter, nothing typed is lost."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from academy.requests.given_rows import given_rows, rows_value
from academy.requests.statements import run_statement
from quizzes.models import Answer, Attempt, KeptAnswer
from quizzes.types import Response

# A submit or save may arrive this late because the network or the server was slow.
ONLINE_SLACK = timedelta(seconds=30)
# What went by between two savings counts for at most so many seconds: more is a pause, not a question.
LONGEST_PAUSE = 600
MOST_SECONDS = 32000
# Beside the stored answer; more from one slot is a script, not a person.
KEPT_A_SLOT = 20


@dataclass(frozen=True, eq=False)
class Typed:
    """One answer as it arrived. ``tab`` names the browser that typed it and ``sequence`` is that browser's counter.

    ``waited`` says that it lay in the browser's queue, and ``base`` is the stamp of the stored answer that its
    writer had seen (see ``stamp_of``): who was offline while the same person answered elsewhere is overtaken.
    """

    slot: int
    response: Response
    tab: str
    sequence: int
    waited: bool = False
    base: str = ""


@dataclass(frozen=True)
class Receipt:
    """What became of a saved answer: ``saved``, ``older``, ``late`` or ``closed``."""

    status: str
    slot: int
    sequence: int
    saved_at: datetime


def stamp_of(answer: Answer | None) -> str:
    """Which saving of a slot is stored; empty where nothing is."""
    return f"{answer.tab}:{answer.sequence}" if answer and answer.tab else ""


def save_answer(*, attempt: Attempt, slot: int, response: Response, tab: str, sequence: int, now: datetime) -> Receipt:
    """Saves one answer. Raises ``LookupError`` for a slot that is not on the paper."""
    return save_answers(attempt=attempt, typed=[Typed(slot, response, tab, sequence)], now=now)[0]


def save_answers(*, attempt: Attempt, typed: Sequence[Typed], now: datetime) -> list[Receipt]:
    """Stores answers by one conditional upsert; a receipt for each, in their order.

    Inside one browser its counter orders answers; between browsers the time of arrival does. What is too late or
    older is kept beside the stored answer, without marks. Raises ``LookupError`` as ``save_answer`` does.
    """
    places = {answer.slot: place_of(attempt, answer.slot) for answer in typed}
    if attempt.state != Attempt.State.IN_PROGRESS:
        return _keep_all(attempt, typed, "closed", now)
    if attempt.deadline is not None and now > attempt.deadline + ONLINE_SLACK:
        return _keep_all(attempt, typed, "late", now)
    overtaken = _overtaken(attempt, [answer for answer in typed if answer.waited])
    receipts: dict[Typed, Receipt] = {}
    for batch in _batches([answer for answer in typed if answer.slot not in overtaken or not answer.waited]):
        written = _upsert(attempt, places, batch, now)
        receipts |= {
            answer: Receipt("saved", answer.slot, answer.sequence, now) for answer in batch if answer.slot in written
        }
    receipts |= _not_written(attempt, [answer for answer in typed if answer not in receipts], now)
    return [receipts[answer] for answer in typed]


def keep_from_outside(*, attempt: Attempt, typed: Typed, now: datetime) -> None:
    """Keeps what was posted from outside the exam network, without marks. A script keeps its own and sends it later."""
    place_of(attempt, typed.slot)
    _keep(attempt, typed, KeptAnswer.Why.OUTSIDE, now)


def set_flags(*, attempt: Attempt, flags: Mapping[int, bool], now: datetime) -> None:
    """Marks questions to look at again; says nothing about their answers."""
    rows = [
        Answer(attempt=attempt, slot=slot, version_id=place_of(attempt, slot)["version"], flagged=flagged, saved_at=now)
        for slot, flagged in flags.items()
    ]
    if attempt.state == Attempt.State.IN_PROGRESS and rows:
        Answer.objects.bulk_create(
            rows, update_conflicts=True, unique_fields=["attempt", "slot"], update_fields=["flagged"]
        )


def turn_page(*, attempt: Attempt, page: int) -> bool:
    """One way: leaves the page being written for the next. True when this call turned it."""
    here = Attempt.objects.filter(pk=attempt.pk, state=Attempt.State.IN_PROGRESS, reached_page=page - 1)
    turned = here.update(reached_page=page) == 1
    if turned:
        attempt.reached_page = page
    return turned


def place_of(attempt: Attempt, slot: int) -> dict[str, Any]:
    """The paper's place. Raises ``LookupError`` for a slot that is not on it."""
    for place in attempt.paper:
        if place["slot"] == slot:
            return place
    raise LookupError(slot)


# The attempt's row is read again inside the statement: on PostgreSQL its lock waits for a hand-in that is under
# way and sees that the attempt is closed, so that no answer is receipted as saved behind the marking's back.
# ``spent`` is what went by since the last saving, or the start, in seconds; answers that came together share it.
UPSERT = """
WITH paper AS (
    SELECT id, {moment} AS moment, started_at, (
        SELECT MAX(saved_at) FROM quizzes_answer WHERE attempt_id = quizzes_attempt.id AND tab <> ''
    ) AS saved_at
    FROM quizzes_attempt WHERE id = %s AND state = %s{lock}
)
INSERT INTO quizzes_answer (attempt_id, slot, version_id, tab, sequence, saved_at, response, flagged, seconds)
SELECT paper.id, typed.slot, typed.version, typed.tab, typed.sequence, paper.moment, {response}, false, {spent}
FROM paper, {typed}
WHERE true
ON CONFLICT (attempt_id, slot) DO UPDATE SET
    tab = excluded.tab, sequence = excluded.sequence, saved_at = excluded.saved_at, response = excluded.response,
    seconds = {least}(quizzes_answer.seconds + excluded.seconds, {most})
WHERE quizzes_answer.checked_at IS NULL
    AND (quizzes_answer.tab <> excluded.tab OR quizzes_answer.sequence < excluded.sequence)
RETURNING slot
"""

# Between the bounds of nothing and the longest pause, of a start that nobody knows nothing.
SPENT_POSTGRES = """CAST(GREATEST(0, LEAST(
    EXTRACT(EPOCH FROM paper.moment - COALESCE(paper.saved_at, paper.started_at)) / CAST(%s AS integer),
    CAST(%s AS integer)
)) AS integer)"""
SPENT_SQLITE = """COALESCE(CAST(MAX(0, MIN(
    (julianday(paper.moment) - julianday(COALESCE(paper.saved_at, paper.started_at))) * 86400 / %s, %s
)) + 0.5 AS integer), 0)"""


def _upsert(attempt: Attempt, places: Mapping[int, dict[str, Any]], batch: Iterable[Typed], now: datetime) -> set[int]:
    """Writes one answer a slot; returns the slots whose answer was written."""
    rows = [
        (answer.slot, places[answer.slot]["version"], answer.tab, answer.sequence, _json(answer.response))
        for answer in batch
    ]
    if not rows:
        return set()
    moment = Answer._meta.get_field("saved_at").get_db_prep_value(now, connection)
    on_postgres = connection.vendor == "postgresql"
    words = UPSERT.format(
        lock=" FOR SHARE" if on_postgres else "",
        moment="CAST(%s AS timestamptz)" if on_postgres else "%s",
        response="CAST(typed.response AS jsonb)" if on_postgres else "typed.response",
        typed=given_rows("typed", slot="integer", version="bigint", tab="text", sequence="bigint", response="text"),
        spent=SPENT_POSTGRES if on_postgres else SPENT_SQLITE,
        least="LEAST" if on_postgres else "MIN",
        most=MOST_SECONDS,
    )
    ran = run_statement(
        words, [moment, attempt.pk, Attempt.State.IN_PROGRESS.value, len(rows), LONGEST_PAUSE, rows_value(rows)]
    )
    return {slot for (slot,) in ran.rows}


def _json(response: Response) -> str | None:
    return None if response is None else json.dumps(response)


def _batches(typed: Sequence[Typed]) -> list[list[Typed]]:
    """One statement writes a slot once; what names a slot twice goes in two, in order."""
    batches: list[list[Typed]] = []
    for answer in typed:
        for batch in batches:
            if all(other.slot != answer.slot for other in batch):
                batch.append(answer)
                break
        else:
            batches.append([answer])
    return batches


def _overtaken(attempt: Attempt, waited: Sequence[Typed]) -> set[int]:
    """Slots answered elsewhere, unseen by the writer, while these answers lay in a queue."""
    if not waited:
        return set()
    stored = {answer.slot: answer for answer in attempt.answers.filter(slot__in={answer.slot for answer in waited})}
    return {
        one.slot
        for one in waited
        if (answer := stored.get(one.slot)) and answer.tab and answer.tab != one.tab and stamp_of(answer) != one.base
    }


def _not_written(attempt: Attempt, left: Sequence[Typed], now: datetime) -> dict[Typed, Receipt]:
    """Why answers were not written: they were saved before, they are older, or the paper was handed in meanwhile."""
    if not left:
        return {}
    state = Attempt.objects.values_list("state", flat=True).get(pk=attempt.pk)
    stored = {answer.slot: answer for answer in attempt.answers.filter(slot__in={answer.slot for answer in left})}
    found = {}
    for one in left:
        answer = stored.get(one.slot)
        same = answer is not None and (answer.tab, answer.sequence) == (one.tab, one.sequence)
        if answer is not None and same and answer.response == one.response:
            found[one] = Receipt("saved", one.slot, one.sequence, answer.saved_at)
        else:
            closed = state != Attempt.State.IN_PROGRESS
            _keep(attempt, one, KeptAnswer.Why.LATE if closed else KeptAnswer.Why.OLDER, now)
            found[one] = Receipt("closed" if closed else "older", one.slot, one.sequence, now)
    return found


def _keep_all(attempt: Attempt, typed: Sequence[Typed], status: str, now: datetime) -> list[Receipt]:
    for answer in typed:
        _keep(attempt, answer, KeptAnswer.Why.LATE, now)
    return [Receipt(status, answer.slot, answer.sequence, now) for answer in typed]


def _keep(attempt: Attempt, typed: Typed, why: str, now: datetime) -> None:
    """Once for each saving, however often the browser repeats it."""
    kept = KeptAnswer.objects.filter(attempt=attempt, slot=typed.slot)
    if kept.filter(tab=typed.tab, sequence=typed.sequence).exists() or kept.count() >= KEPT_A_SLOT:
        return
    KeptAnswer.objects.create(
        attempt=attempt,
        slot=typed.slot,
        response=typed.response,
        why=why,
        tab=typed.tab,
        sequence=typed.sequence,
        received_at=now,
    )
