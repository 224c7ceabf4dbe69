"""What is kept of a person's practice: answers, days, what is due again, the wrong-answer book, reports."""

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from academy.doors import RecordColumn, RecordTable
from academy.models import User
from academy.person_record.columns import choice, column, plain
from quizzes.models import DialogueEnding, PracticeAnswer, PracticeCard, PracticeDay, QuestionReport, WrongQuestion
from quizzes.record.silence import answer_column, practised, untold_questions


def practice_tables(person: User) -> list[RecordTable]:
    untold = untold_questions(person)
    question = column("question", _("Question"), "question_id")

    def told(key: str, label: Any, value: Callable[[Any], Any]) -> RecordColumn:
        return RecordColumn(key, label, lambda row: None if untold(row.question_id) else plain(value(row)))

    return [
        RecordTable(
            "quizzes.practice_answers",
            _("Answers in practice"),
            PracticeAnswer.objects.filter(person=person).select_related("version").order_by("-pk"),
            (
                column("version", _("Version"), "version_id"),
                answer_column(practised),
                RecordColumn(
                    "outcome", _("Result"), lambda row: None if untold(row.version.question_id) else row.outcome
                ),
                column("answered_at", _("At")),
            ),
            ("quizzes.PracticeAnswer.person", "quizzes.PracticeAnswer.practice_day"),
        ),
        RecordTable(
            "quizzes.dialogue_endings",
            _("How dialogues in practice ended"),
            DialogueEnding.objects.filter(person=person).select_related("attempt__quiz", "version"),
            (
                column("quiz", _("Quiz or exam"), "attempt.quiz.code", words=lambda row: row.attempt.quiz.local_title),
                column("play", pgettext_lazy("dialogue", "Play")),
                RecordColumn(
                    "kind",
                    _("Result"),
                    lambda row: None if untold(row.version.question_id) else row.kind,
                    lambda row: None if untold(row.version.question_id) else row.get_kind_display(),
                ),
                column("ended_on", _("Day")),
            ),
            ("quizzes.DialogueEnding.person", "quizzes.DialogueEnding.attempt"),
        ),
        RecordTable(
            "quizzes.practice_days",
            _("Days of practice"),
            PracticeDay.objects.filter(person=person),
            (column("day", _("Day")), column("begun_at", _("Begun")), column("done_at", _("Done"))),
            ("quizzes.PracticeDay.person",),
        ),
        RecordTable(
            "quizzes.practice_cards",
            _("What is practised when"),
            PracticeCard.objects.filter(person=person),
            (
                question,
                told("due_on", pgettext_lazy("practice", "Due on"), lambda row: row.due_on),
                column("last_on", _("Last on")),
            ),
            ("quizzes.PracticeCard.person",),
        ),
        RecordTable(
            "quizzes.wrong_questions",
            _("Wrong-answer book"),
            WrongQuestion.objects.filter(person=person),
            (
                told("question", _("Question"), lambda row: row.question_id),
                choice("source", _("Source")),
                column("entered_on", _("Since")),
                column("times_wrong", _("Times wrong")),
                column("left_on", _("Left on")),
            ),
            ("quizzes.WrongQuestion.person",),
        ),
        RecordTable(
            "quizzes.question_reports",
            _("Questions reported"),
            QuestionReport.objects.filter(reporter=person),
            (
                column("version", _("Version"), "version_id"),
                column("text", _("What is wrong")),
                choice("state", _("State")),
                column("answer", _("Answer of the trainers")),
                column("created_at", _("At")),
            ),
            ("quizzes.QuestionReport.reporter", "quizzes.QuestionReport.attempt"),
        ),
    ]
