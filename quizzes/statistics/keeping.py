"""Statistics kept: reckoned by a worker soon after results came in, each night what is left, and when somebody asks; shown
with their day."""

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Max, Sum
from django.db.models.query import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from academy.calendar.turns import register_turns
from academy.jobs.carrying import JobKind, Work, ask, register_job
from academy.models import Job, User
from quizzes.models import Attempt, QuestionVersion, Quiz, QuizStatistics, VersionStatistics
from quizzes.statistics.answers import counted_attempts, quiz_marks
from quizzes.statistics.choices import Made, answers_made, characteristic, letter_of, option_rows, option_text
from quizzes.statistics.fairness import paper_spread
from quizzes.statistics.figures import QuestionFigures, as_json, question_figures, quiz_figures
from quizzes.statistics.notes import ENOUGH_ANSWERS, SAID_OF_FEW, Note, NoteCode, notes_of
from quizzes.statistics.times import TimeSpent, seconds_spent, time_spent
from quizzes.types.choice import TrueFalse

EVERY_MINUTES = 10
RECKONING = register_turns("statistics of quizzes", label=_("Statistics of quizzes"), model=Quiz)
# Its own: what a worker could be asked for is not reckoned yet, and says nothing of the turns of the night.
ASKING = register_turns("statistics of new results", label=_("Statistics of new results"), model=Quiz)


def reckon(*, quiz: Quiz, now: datetime) -> QuizStatistics:
    """Reads the results of the quiz and keeps what they say. Idempotent."""
    results = results_of(quiz.pk).get(quiz.pk, "")
    marks = quiz_marks(quiz)
    attempts = list(counted_attempts(quiz))
    made, seconds = answers_made(attempts), seconds_spent(attempts)
    figures = question_figures(marks.by_version)
    rows = [
        _row(quiz, version, figure, made.get(version.pk, Counter()), time_spent(seconds.get(version.pk, {})), now)
        for version, figure in zip(marks.versions, figures, strict=True)
    ]
    spread = paper_spread(marks.by_version)
    with transaction.atomic():
        VersionStatistics.objects.filter(quiz=quiz).delete()
        VersionStatistics.objects.bulk_create(rows, batch_size=200)
        kept, _created = QuizStatistics.objects.update_or_create(
            quiz=quiz,
            defaults={
                "figures": as_json(quiz_figures(marks.places)),
                "spread": asdict(spread) if spread is not None else {},
                "results": results,
                "reckoned_at": now,
            },
        )
    return kept


def _row(
    quiz: Quiz,
    version: QuestionVersion,
    figures: QuestionFigures,
    made: Counter[Made],
    spent: TimeSpent | None,
    now: datetime,
) -> VersionStatistics:
    options = option_rows(version, made)
    notes = notes_of(figures, options)
    codes = {note.code for note in notes}
    return VersionStatistics(
        quiz=quiz,
        version=version,
        count=figures.count,
        figures=as_json(figures),
        options=[asdict(row) for row in options],
        characteristic=[asdict(point) for point in characteristic(made)] if made else [],
        times=asdict(spent) if spent is not None else {},
        notes=[{"code": str(note.code), "facts": _told(version, note)} for note in notes],
        to_look_at=NoteCode.TO_LOOK_AT in codes,
        suggest_retire=NoteCode.SUGGEST_RETIRE in codes,
        reckoned_at=now,
    )


def _told(version: QuestionVersion, note: Note) -> dict[str, Any]:
    """Options are known by their letters to who reads the words."""
    facts = dict(note.facts)
    return facts | ({"option": letter_of(version, facts["option"])} if "option" in facts else {})


def results_of(*quizzes: int) -> Mapping[int, str]:
    """What tells whether a quiz has other results than before: how many count, when the last came, what they add up to.
    Of all quizzes where none is named. One query."""
    counting = Attempt.objects.counting()
    counting = counting.filter(quiz__in=quizzes) if quizzes else counting
    rows = counting.order_by().values_list("quiz").annotate(Count("pk"), Max("finished_at"), Sum("mark"))
    return {quiz: f"{count} {last:%Y%m%d%H%M%S} {total}" for quiz, count, last, total in rows}


def reckon_changed(*, now: datetime, today: date) -> int:
    """The night's pass: every quiz whose results are others than those that its figures were reckoned from."""
    return RECKONING.one_by_one(changed_quizzes(), lambda quiz: bool(reckon(quiz=quiz, now=now)), now=now, most=None)


def changed_quizzes() -> QuerySet[Quiz]:
    """Quizzes whose results are others than those that their figures were reckoned from. Three queries."""
    kept, there = dict(QuizStatistics.objects.values_list("quiz", "results")), results_of()
    changed = [quiz for quiz in {*kept, *there} if kept.get(quiz, "") != there.get(quiz, "")]
    return Quiz.objects.filter(pk__in=changed).order_by("pk")


def ask_for_new_results(*, now: datetime) -> int:
    """The pass of the minute: every ten minutes a worker reckons what has new results, however many there were."""
    if now.minute % EVERY_MINUTES:
        return 0
    return ASKING.one_by_one(changed_quizzes(), lambda quiz: bool(_ask_once(quiz, now)), now=now, most=None)


def _ask_once(quiz: Quiz, now: datetime) -> Job:
    """The same results are asked for once: where their reckoning was given up the night has its turns."""
    results = results_of(quiz.pk).get(quiz.pk, "")
    once = f"statistics {quiz.pk} {hashlib.sha256(results.encode()).hexdigest()[:16]}"
    return _ask(quiz, None, now, once)


def ask_to_reckon(*, quiz: Quiz, actor: User | None, now: datetime) -> Job:
    """A worker reckons now. Asked twice within a minute it is one job."""
    return _ask(quiz, actor, now, f"statistics {quiz.pk} {now:%Y%m%d%H%M}")


def _ask(quiz: Quiz, actor: User | None, now: datetime, once: str) -> Job:
    return ask(kind=STATISTICS, asked_by=actor, now=now, name=quiz.code, details={"quiz": quiz.pk}, once=once)


def _carry_out(work: Work) -> dict[str, Any]:
    kept = reckon(quiz=Quiz.objects.get(pk=work.job.details["quiz"]), now=timezone.now())
    return {"attempts": kept.figures.get("count", 0)}


def _page(job: Job) -> str:
    return reverse("quiz_statistics", args=[job.details["quiz"]])


STATISTICS = register_job(
    JobKind("quizzes.statistics", label=_("Statistics of a quiz"), carry_out=_carry_out, page=_page)
)


def notes_in(kept: VersionStatistics, *, with_options: bool) -> list[str]:
    """The sentences in the language of now; those that name an option tell of the key, and are ``with_options`` only."""
    told = [note for note in kept.notes if with_options or "option" not in note["facts"]]
    if kept.count < ENOUGH_ANSWERS:
        told = [note for note in told if note["code"] in SAID_OF_FEW]
    return [Note(NoteCode(note["code"]), _in_words(kept.version, note["facts"])).text for note in told]


def _in_words(version: QuestionVersion, facts: Mapping[str, Any]) -> Mapping[str, Any]:
    """Right and wrong have no letter: they are named as the reader names them."""
    if version.type != TrueFalse.code or "option" not in facts:
        return facts
    return {**facts, "option": option_text(version, facts["option"], get_language() or settings.LANGUAGE_CODE)}
