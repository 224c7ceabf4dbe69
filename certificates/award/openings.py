"""Exams that their requirements have opened are noted, so that they stay open in that cycle."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from academy.calendar.clock import local_day
from academy.models import User
from academy.requests.prepared import BoundQuery, PreparedQuery
from academy.requests.prepared_writes import PreparedInsert
from certificates.models import CertificationTrack, ExamOpening
from certificates.rules.judging import Judgement
from certificates.rules.openings import is_waited_for
from quizzes.models import Attempt, Quiz

NEW = PreparedInsert(ExamOpening)
OF_CODE = PreparedQuery(lambda code: CertificationTrack.objects.filter(code=code))


def keep_open(*, person: User, track: CertificationTrack, quiz: Quiz, cycle: int, on: date, now: datetime) -> None:
    """The exam stays open for the person in this cycle. Idempotent; one query."""
    NEW.write_once(ExamOpening(person=person, track=track, quiz=quiz, cycle=cycle, opened_on=on, recorded_at=now))


def asks_of_track(occasion: str) -> list[BoundQuery[Any] | None]:
    """What ``keep_open_as_sat`` asks of a paper of this occasion."""
    return [OF_CODE.bound(code=occasion.split(":")[1])] if occasion.startswith("track:") else []


def keep_open_as_sat(*, attempt: Attempt, now: datetime) -> None:
    """The exam of a paper that was sat for a level. Two queries, one where ``asks_of_track`` was asked."""
    _track, code, cycle = attempt.occasion.split(":")
    track = OF_CODE.first(code=code)
    if track is not None and attempt.started_at is not None:
        on = local_day(attempt.started_at)
        keep_open(person=attempt.learner, track=track, quiz=attempt.quiz, cycle=int(cycle), on=on, now=now)


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
