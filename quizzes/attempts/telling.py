"""A passed level exam is told to the person: whoever waited for the result need not look for it every day."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from academy.notices.inbox import notify, register_notice
from quizzes.models import Attempt, Quiz

PASSED = register_notice(
    "quizzes.passed",
    title=_("Passed: %(quiz)s"),
    text=_("Your result is there. What follows from it you find on your home page."),
    icon="check",
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
