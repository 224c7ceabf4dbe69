"""Exams that their requirements have opened are noted, so that they stay open in that cycle."""

from collections.abc import Iterable
from datetime import date, datetime

from django.db import connection

from academy.calendar.clock import local_day
from academy.models import User
from academy.requests.prepared_writes import PreparedInsert
from academy.requests.written_together import write
from certificates.models import CertificationTrack, ExamOpening
from certificates.rules.judging import Judgement
from certificates.rules.openings import is_waited_for
from quizzes.models import Attempt, Quiz

NEW = PreparedInsert(ExamOpening)
# By the code of the track, so that a start asks nothing more. PostgreSQL has to be told the types of what is chosen.
AS_BEGUN = """
INSERT INTO certificates_examopening (person_id, track_id, quiz_id, cycle, opened_on, recorded_at)
SELECT CAST(%s AS bigint), id, CAST(%s AS bigint), CAST(%s AS integer), {day}, {moment}
FROM certificates_certificationtrack WHERE code = %s ON CONFLICT DO NOTHING
"""
DATED = {
    "postgresql": AS_BEGUN.format(day="CAST(%s AS date)", moment="CAST(%s AS timestamptz)"),
    "sqlite": AS_BEGUN.format(day="%s", moment="%s"),
}


def keep_open(*, person: User, track: CertificationTrack, quiz: Quiz, cycle: int, on: date, now: datetime) -> None:
    """The exam stays open for the person in this cycle. Idempotent; one query."""
    NEW.write_once(ExamOpening(person=person, track=track, quiz=quiz, cycle=cycle, opened_on=on, recorded_at=now))


def keep_open_as_begun(*, attempt: Attempt, now: datetime) -> None:
    """The exam of a paper that is begun for a level stays open in that cycle. Idempotent; one statement, which may wait."""
    _track, code, cycle = attempt.occasion.split(":")
    day = connection.ops.adapt_datefield_value(local_day(now))
    moment = connection.ops.adapt_datetimefield_value(now)
    write(DATED[connection.vendor], [attempt.learner_id, attempt.quiz_id, int(cycle), day, moment, code])


def note_openings(
    *,
    people: Iterable[User],
    tracks: Iterable[CertificationTrack],
    judged: dict[tuple[int, int], Judgement],
    now: datetime,
) -> int:
    """Writes down which exams are open since now. Returns how many; one query where there are some. Idempotent."""
    tracks, today = list(tracks), local_day(now)
    rows = [
        ExamOpening(
            person=person,
            track=track,
            quiz_id=quiz,
            cycle=judged[person.pk, track.pk].cycle,
            opened_on=today,
            recorded_at=now,
        )
        for person in people
        for track in tracks
        for quiz in _opened_anew(judged[person.pk, track.pk])
    ]
    ExamOpening.objects.bulk_create(rows, batch_size=500, ignore_conflicts=True)
    return len(rows)


def _opened_anew(judgement: Judgement) -> list[int]:
    """The exams that opened and are not noted yet. What waits for nothing is open at any time and needs no note."""
    if judgement.standing is None:
        return []
    lines = judgement.standing.lines
    found = [
        line.asked
        for line in lines
        if line.opened and line.opened_on is None and any(is_waited_for(other.asked, line.asked) for other in lines)
    ]
    return sorted({asked.exam for asked in found if asked.exam is not None})
