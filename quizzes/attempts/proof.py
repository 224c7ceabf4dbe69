"""What the journal proves of a paper that counts: whose it is, its times from the start on, and the mark that counts."""

from datetime import datetime
from typing import Any

from django.db.models.query import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from academy.journal import Entry, Fact, record_many, register_action, register_fact
from academy.journal.words import register_names, register_things
from quizzes.models import Attempt, Quiz

register_things("quizzes.attempt", lambda row: row.quiz.local_title, "quiz")
register_things("quizzes.examsession", lambda row: row.name)
register_names(
    {
        "quiz": pgettext_lazy("journal", "quiz"),
        "attempt": pgettext_lazy("journal", "paper"),
        "mark": pgettext_lazy("journal", "mark"),
        "of": pgettext_lazy("journal", "full mark"),
        "pass_mark": pgettext_lazy("journal", "pass mark"),
        "passed": pgettext_lazy("journal", "passed"),
        "answer_mark": pgettext_lazy("journal", "mark of the answer"),
        "line": pgettext_lazy("journal", "line"),
        "proposal": pgettext_lazy("journal", "proposal"),
        "session": pgettext_lazy("journal", "session"),
        "seat": pgettext_lazy("journal", "seat"),
        "score": pgettext_lazy("journal", "score"),
        "slot": pgettext_lazy("journal", "place on the paper"),
    }
)
RESULT = register_action("quizzes.result", _("Result"))
BEGUN = register_action("quizzes.begin", _("Paper begun"))


def record_begun(*, attempt: Attempt, now: datetime) -> None:
    """The entry of a paper's start with its times; practice proves nothing. In the transaction that made or opened it."""
    if result_fact(attempt) is None:
        return
    told = {"quiz": attempt.quiz.code, "number": attempt.number, "until": attempt.deadline}
    about = f"quizzes.attempt:{attempt.pk}"
    entry = Entry(BEGUN, about=about, person=attempt.learner_id, after=told, fact=attempt, as_written=True)
    record_many([entry], now=now, actor=None)


def record_result(*, attempt: Attempt, now: datetime) -> None:
    """The entry of a result of an exam or a course quiz; practice proves nothing. In the transaction that locked and wrote it."""
    if result_fact(attempt) is None:
        return
    told = {
        "quiz": attempt.quiz.code,
        "number": attempt.number,
        "mark": attempt.mark,
        "of": attempt.max_mark,
        "pass_mark": attempt.pass_mark,
        "passed": attempt.passed,
    }
    about = f"quizzes.attempt:{attempt.pk}"
    entry = Entry(RESULT, about=about, person=attempt.learner_id, after=told, fact=attempt, as_written=True)
    record_many([entry], now=now, actor=None)


def result_fact(attempt: Attempt | None) -> Attempt | None:
    """The paper where its result is a proven fact; for entries of acts that change one."""
    return None if attempt is None or attempt.quiz.kind == Quiz.Kind.PRACTICE else attempt


def _told(attempt: Attempt) -> dict[str, Any]:
    return {
        **_told_of_mark(attempt),
        "started_at": attempt.started_at,
        "deadline": attempt.deadline,
        "extra_minutes": attempt.extra_minutes,
    }


def _told_of_mark(attempt: Attempt) -> dict[str, Any]:
    """All that entries from before the times were proven speak of."""
    finished = attempt.state == Attempt.State.FINISHED
    return {
        "uuid": str(attempt.uuid),
        "quiz": attempt.quiz_id,
        "learner": attempt.learner_id,
        "occasion": attempt.occasion,
        "number": attempt.number,
        "finished": finished,
        "finished_at": attempt.finished_at if finished else None,
        "mark": attempt.mark,
        "max_mark": attempt.max_mark if finished else None,
        "pass_mark": attempt.pass_mark,
        "passed": attempt.passed,
        "annulled": attempt.annulled_at is not None,
    }


def _standing(attempts: QuerySet) -> QuerySet:
    return attempts.filter(state=Attempt.State.FINISHED).exclude(quiz__kind=Quiz.Kind.PRACTICE)


register_fact(
    Fact(
        Attempt,
        rows=lambda: Attempt.objects.defer("paper"),
        told=_told,
        since="finished_at",
        standing=_standing,
        told_before=(_told_of_mark,),
    )
)
