"""What the owner of a paper may see of it at a moment."""

from dataclasses import dataclass
from datetime import datetime

from academy.clock import local_day
from quizzes.attempts.starting import Chances, chances, rules_for
from quizzes.hall.sessions import hall_for
from quizzes.models import Attempt
from quizzes.review import Shows, review_shows
from quizzes.rules import Rules


@dataclass(frozen=True)
class Look:
    """By which rules, what chances are left, and which rows of the review are open."""

    rules: Rules
    chances: Chances
    shows: Shows


def look_at(*, attempt: Attempt, now: datetime) -> Look:
    """Two queries, four more for an exam. The attempt comes with its quiz and its learner's id."""
    quiz = attempt.quiz
    siblings = list(Attempt.objects.of(quiz, attempt.learner_id).filter(occasion=attempt.occasion).defer("paper"))
    rules = rules_for(quiz=quiz, learner=attempt.learner_id)
    hall = hall_for(quiz, attempt.learner, local_day(now))
    stand = chances(quiz=quiz, rules=rules, attempts=siblings, occasion=attempt.occasion, hall=hall)
    over = stand.passed or stand.left == 0
    return Look(rules, stand, review_shows(quiz=quiz, attempt=attempt, closes_at=rules.closes_at, over=over, now=now))
