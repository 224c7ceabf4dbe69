"""A passed level exam is told to the person, whoever waited for the result need not look for it every day; and one that
was not passed at the last attempt, with who can grant another."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from academy.bilingual import in_every_language
from academy.notices.inbox import notify, register_notice
from quizzes.attempts.stands import is_used_up
from quizzes.models import Attempt, Quiz
from quizzes.rules.chances import used_up_words
from quizzes.rules.looking import look_at, siblings_of

PASSED = register_notice(
    "quizzes.passed",
    title=_("Passed: %(quiz)s"),
    text=_("Your result is there. You will find what follows from it on your home page."),
    icon="check",
    required=True,
)
USED_UP = register_notice(
    "quizzes.attempts_used",
    title=_("Not passed, and no attempt is left: %(quiz)s"),
    text=_("%(words)s"),
    icon="warning",
    required=True,
)


def tell_passed(*, attempt: Attempt, now: datetime) -> None:
    """Once an attempt; a course's quiz is told with its course, and practice not at all."""
    quiz = attempt.quiz
    if attempt.passed and quiz.kind == Quiz.Kind.EXAM:
        notify(
            person=attempt.learner,
            kind=PASSED,
            event=f"passed:{attempt.uuid}",
            now=now,
            facts={"quiz": quiz.titles or quiz.code},
            path=attempt.get_absolute_url(),
        )


def tell_used_up(*, attempt: Attempt, now: datetime) -> None:
    """Once an attempt: what was the last one of a level exam, and nothing came of it."""
    quiz = attempt.quiz
    if quiz.kind != Quiz.Kind.EXAM or attempt.passed is not False:
        return
    if is_used_up(look_at(attempt=attempt, now=now).chances, siblings_of(attempt), now):
        notify(
            person=attempt.learner,
            kind=USED_UP,
            event=f"used-up:{attempt.uuid}",
            now=now,
            facts={"quiz": quiz.titles or quiz.code, "words": in_every_language(lambda: used_up_words(quiz))},
            path=attempt.get_absolute_url(),
        )
