"""What this floor keeps about a person: papers with answers and marks, exam days, decisions, practice."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from academy.calendar.clock import local_day
from academy.doors import BANK, PERSON, RecordColumn, RecordTable, person_records
from academy.models import User
from academy.person_record.columns import choice, column, plain
from academy.person_record.coverage import RECORDER, leave_out
from quizzes.attempts.saving import place_of
from quizzes.grading.frozen import parsed_answer
from quizzes.grading.marks import percent
from quizzes.models import (
    Answer,
    Attempt,
    Ban,
    Candidate,
    Exposure,
    IntegrityNote,
    KeptAnswer,
    Marking,
    OutageCredit,
    QuizOverride,
    SpecialResult,
)
from quizzes.record.observation_tables import observation_tables
from quizzes.record.practice_tables import practice_tables
from quizzes.record.silence import (
    OfExam,
    answer_column,
    answered,
    exam_answers_of,
    kept,
    unless,
)
from quizzes.rules.keys import review_refusals
from quizzes.rules.looking import shows_of_several
from quizzes.rules.review import Shows
from quizzes.types import question_type


@person_records.register
def quiz_tables(person: User) -> list[RecordTable]:
    of_exam = exam_answers_of(person)
    return [
        *(table for reader in (BANK, PERSON) for table in _papers(person, reader, of_exam)),
        *_exam_days(person, of_exam),
        *practice_tables(person),
        *observation_tables(person),
        _exposures(person),
        *_acts(person),
    ]


def _once_released(attempt_of: Callable[[Any], Attempt], value: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """What the person may not know before the result is released."""
    return lambda row: plain(value(row)) if attempt_of(row).is_released else None


def _result(
    key: str, label: Any, reader: str, attempt_of: Callable, value: Callable, words: Callable | None = None
) -> RecordColumn:
    if reader == BANK:
        return RecordColumn(key, label, lambda row: plain(value(row)), words)
    gated = _once_released(attempt_of, words) if words else None
    return RecordColumn(key, label, _once_released(attempt_of, value), gated)


def _papers(person: User, reader: str, of_exam: OfExam) -> list[RecordTable]:
    own = lambda row: row  # noqa: E731
    score = lambda row: None if row.mark is None else percent(row.mark, row.max_mark, row.pass_mark)  # noqa: E731
    passed = lambda row: "" if row.passed is None else _("Result: passed") if row.passed else _("Result: not passed")  # noqa: E731
    paper = (column("paper", _("Paper"), "attempt.uuid"), column("slot", _("Question")))
    return [
        RecordTable(
            "quizzes.attempts",
            _("Papers"),
            Attempt.objects.filter(learner=person).select_related("quiz"),
            (
                column("uuid", _("Paper")),
                column("quiz_code", pgettext_lazy("identifier", "Code"), "quiz.code"),
                column("quiz", _("Quiz or exam"), words=lambda row: row.quiz.local_title),
                column("number", _("Attempt")),
                choice("state", _("State")),
                column("started_at", _("Started")),
                column("finished_at", _("Handed in")),
                choice("closed_by", _("Ended by")),
                _result("score", _("Score of 100"), reader, own, score),
                _result("passed", _("Pass or fail"), reader, own, lambda row: row.passed, passed),
                column("pass_mark", _("Pass mark")),
                column("released_at", _("Released")),
                column("annulled_at", _("Mark taken away")),
                column("extra_minutes", _("Minutes given")),
            ),
            ("quizzes.Attempt.learner",),
            section="exams",
            order=10,
            reader=reader,
            link=_paper,
            day=_handed_in,
            shown=("quiz", "number", "state", "finished_at", "score", "passed", "annulled_at"),
            later=("annulled_at",),
        ),
        RecordTable(
            "quizzes.answers",
            _("Answers"),
            Answer.objects.filter(attempt__learner=person)
            .select_related("attempt__quiz", "version")
            .order_by("-attempt", "slot"),
            (
                *paper,
                column("type", _("Question type"), "version.type", words=_type),
                column("version", _("Version"), "version_id"),
                answer_column(answered, reader, of_exam, words=_said),
                column("saved_at", _("Saved at")),
                column("flagged", _("Marked by the learner")),
                column("seconds", _("Answering time (seconds)")),
                _mark_of_answer(person, reader, of_exam),
            ),
            ("quizzes.Answer.attempt",),
            reader=reader,
        ),
        RecordTable(
            "quizzes.markings",
            _("Marks given by people"),
            Marking.objects.filter(answer__attempt__learner=person)
            .select_related("answer__attempt", "marker")
            .order_by("-pk"),
            (
                column("paper", _("Paper"), "answer.attempt.uuid"),
                column("slot", _("Question"), "answer.slot"),
                _result(
                    "fraction", _("Share of the mark"), reader, lambda row: row.answer.attempt, lambda row: row.fraction
                ),
                _result(
                    "comment",
                    pgettext_lazy("assessor", "Comment"),
                    reader,
                    lambda row: row.answer.attempt,
                    lambda row: row.comment,
                ),
                column("marked_at", _("At")),
                *([column("marker", _("Marker"))] if reader == BANK else []),
            ),
            ("quizzes.Marking.answer",),
            reader=reader,
        ),
    ]


def _mark_of_answer(person: User, reader: str, of_exam: OfExam) -> RecordColumn:
    """What an answer earned tells whether it was right: the person's own copy says it where the review of the paper does,
    HR's not of an exam question."""
    if reader == BANK:
        return RecordColumn("mark", _("Mark"), unless(of_exam, lambda answer: answer.mark))
    now = timezone.now()
    shown: dict[int, Shows] = {}
    silent: dict[int, dict[int, str]] = {}

    def mark(answer: Answer) -> Any:
        if not shown:
            papers = Attempt.objects.counting().filter(learner=person).select_related("quiz")
            shown.update(shows_of_several(learner=person, attempts=list(papers.defer("paper")), now=now))
        shows = shown.get(answer.attempt_id, Shows())
        if not (shows.attempt and shows.marks):
            return None
        if answer.attempt_id not in silent:
            silent.clear()
            silent[answer.attempt_id] = review_refusals(person=person, attempt=answer.attempt)
        return None if answer.slot in silent[answer.attempt_id] else plain(answer.mark)

    return RecordColumn("mark", _("Mark"), mark)


def _exposures(person: User) -> RecordTable:
    return RecordTable(
        "quizzes.exposures",
        _("Questions shown"),
        Exposure.objects.filter(person=person).order_by("question"),
        (
            column("question", _("Question"), "question_id"),
            column("times", _("Times shown")),
            column("first_at", _("First shown")),
            column("last_at", _("Last shown")),
            column("answered_at", _("Last answered")),
            column("key_first_at", _("Answer first shown")),
            column("key_last_at", _("Answer last shown")),
        ),
        ("quizzes.Exposure.person",),
    )


def _type(answer: Answer) -> Any:
    return question_type(answer.version.type).label


def _said(answer: Answer) -> str:
    kind = question_type(answer.version.type)
    language, order = get_language() or settings.LANGUAGE_CODE, place_of(answer.attempt, answer.slot)["order"]
    return kind.response_summary(parsed_answer(answer), answer.response, language, order)


def _paper(attempt: Attempt) -> str:
    return reverse("quiz_paper", args=[attempt.uuid]) if attempt.finished_at else ""


def _handed_in(attempt: Attempt) -> date | None:
    return local_day(attempt.finished_at) if attempt.finished_at else None


def _kept_answers(person: User, reader: str, of_exam: OfExam) -> RecordTable:
    return RecordTable(
        "quizzes.kept_answers",
        _("Answers kept without marks"),
        KeptAnswer.objects.filter(attempt__learner=person).select_related("attempt"),
        (
            column("paper", _("Paper"), "attempt.uuid"),
            column("slot", _("Question")),
            answer_column(kept, reader, of_exam),
            choice("why", _("Reason")),
            column("received_at", _("At")),
        ),
        ("quizzes.KeptAnswer.attempt",),
        reader=reader,
    )


def _exam_days(person: User, of_exam: OfExam) -> list[RecordTable]:
    reason = column("reason", _("Reason"))
    return [
        *(_kept_answers(person, reader, of_exam) for reader in (BANK, PERSON)),
        RecordTable(
            "quizzes.exam_seats",
            _("Exam sessions"),
            Candidate.objects.filter(person=person).select_related("session__quiz").order_by("-session__starts_at"),
            (
                column("exam", _("Exam"), "session.quiz"),
                column("session", _("Session"), "session.local_name"),
                column("room", _("Room"), "session.room"),
                column("starts_at", _("Starts"), "session.starts_at"),
                column("seat", _("Seat")),
                column("added_at", _("Entered at")),
            ),
            ("quizzes.Candidate.person", "quizzes.Candidate.attempt"),
            section="exams",
            order=30,
            shown=("exam", "session", "starts_at", "seat"),
        ),
        RecordTable(
            "quizzes.special_results",
            _("Special results"),
            SpecialResult.objects.filter(person=person).select_related("quiz"),
            (
                choice("kind", _("Result")),
                column("quiz", _("Exam")),
                reason,
                column("recorded_at", _("Recorded at")),
                column("withdrawn_at", _("Taken back at")),
            ),
            ("quizzes.SpecialResult.person", "quizzes.SpecialResult.candidate", "quizzes.SpecialResult.attempt"),
        ),
        RecordTable(
            "quizzes.bans",
            _("Bans"),
            Ban.objects.filter(person=person),
            (
                column("effective_from", pgettext_lazy("moment", "From")),
                column("effective_until", pgettext_lazy("moment", "Until")),
                choice("line", _("Line")),
                reason,
                column("recorded_at", _("Recorded at")),
                column("withdrawn_at", _("Taken back at")),
            ),
            ("quizzes.Ban.person", "quizzes.Ban.proposal"),
        ),
        RecordTable(
            "quizzes.arrangements",
            _("Special arrangements"),
            (QuizOverride.objects.filter(person=person) | QuizOverride.objects.filter(people=person))
            .select_related("quiz")
            .distinct(),
            (
                column("quiz", _("Quiz or exam")),
                column("name", _("For whom or why")),
                column("opens_at", _("Opens")),
                column("closes_at", _("Closes")),
                column("time_limit_minutes", _("Minutes")),
                column("time_factor", _("Times the limit")),
                column("attempts_allowed", _("Attempts")),
                column("created_at", _("Recorded at")),
            ),
            ("quizzes.QuizOverride.person", "quizzes.QuizOverride.people"),
        ),
        RecordTable(
            "quizzes.integrity_notes",
            _("Noticed during the exam"),
            IntegrityNote.objects.filter(attempt__learner=person).select_related("attempt").order_by("-at"),
            (
                column("paper", _("Paper"), "attempt.uuid"),
                choice("kind", _("Kind")),
                column("at", _("At")),
                column("detail", _("Details")),
            ),
            ("quizzes.IntegrityNote.attempt",),
        ),
        RecordTable(
            "quizzes.outage_credits",
            _("Minutes given back after outages"),
            OutageCredit.objects.filter(attempt__learner=person).select_related("attempt"),
            (
                column("paper", _("Paper"), "attempt.uuid"),
                column("lost_from", pgettext_lazy("moment", "From")),
                column("lost_until", pgettext_lazy("moment", "Until")),
                column("minutes", _("Minutes")),
                column("given_at", _("At")),
            ),
            ("quizzes.OutageCredit.attempt",),
        ),
    ]


def _acts(person: User) -> list[RecordTable]:
    return [
        RecordTable(
            "quizzes.marked",
            _("Answers that the person marked"),
            Marking.objects.filter(marker=person).order_by("-pk"),
            (column("marked_at", _("At")), column("answer", _("Answer"), "answer_id"), column("number", _("Marking"))),
            ("quizzes.Marking.marker",),
        )
    ]


leave_out(
    RECORDER,
    "quizzes.QuestionVersion.created_by",
    "quizzes.Candidate.added_by",
    "quizzes.HallAct.actor",
    "quizzes.Incident.recorded_by",
    "quizzes.OutageCredit.given_by",
    "quizzes.DrawRun.asked_by",
    "quizzes.QuestionImport.asked_by",
    "quizzes.RegradeRun.asked_by",
    "quizzes.RepairRequest.asked_by",
    "quizzes.RepairRequest.settled_by",
    "quizzes.KeptQuestion.kept_by",
    "quizzes.QuestionReport.answered_by",
    "quizzes.SpecialResult.recorded_by",
    "quizzes.Ban.recorded_by",
    "quizzes.ExamSession.invigilators",
)
leave_out(
    "Which answer a marker has open just now; it goes when the mark is given.",
    "quizzes.MarkingLease.marker",
    "quizzes.MarkingLease.answer",
)
leave_out(
    "Where a paper was last open, as digests that name nobody; what followed is told in quizzes.integrity_notes.",
    "quizzes.Presence.attempt",
)
leave_out("What was done in the hall stands in the journal of each candidate.", "quizzes.HallAct.candidates")
leave_out("Lock of an editor's draft.", "quizzes.Question.locked_by", "quizzes.Quiz.locked_by")
