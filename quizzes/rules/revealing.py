"""Notes what a result and a closing open to people: the acts in which a key comes to be seen, since looking writes nothing."""

from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from academy.calendar.turns import register_turns
from quizzes.models import Answer, Attempt, Quiz
from quizzes.models.matrix import TELLS_KEY, Matrix, ReviewColumn
from quizzes.pools.exposures import note_closed_quiz, note_result_of
from quizzes.rules.chances import rules_of_attempt
from quizzes.rules.looking import shows_among, siblings_of
from quizzes.rules.review import IMMEDIATELY

CLOSINGS = register_turns("keys that closings opened", label=_("Keys shown once a quiz closes"), model=Quiz, tries=3)
# A daily pass that was missed is made up for.
BACK = timedelta(days=3)


def note_result(*, attempt: Attempt, now: datetime) -> None:
    """A result is out: what was answered, and every key that the reviews of the person's papers of this occasion open
    by it, now or when the first two minutes are over. Idempotent but for the moments.

    One statement where the matrix opens no key before the closing, otherwise up to three queries more, and one for the
    answers where they are not at hand.
    """
    answers = list(attempt.answers.all())
    opened = set(_opened(attempt, now) if opens_before_closing(attempt.quiz.review_matrix) else ())
    keys = {answer.version_id for answer in answers} if attempt.pk in opened else set()
    if others := opened - {attempt.pk}:
        keys |= set(Answer.objects.filter(attempt__in=others).values_list("version", flat=True))
    answered = {answer.version_id for answer in answers if answer.response is not None}
    note_result_of(person=attempt.learner_id, answered=answered, keys=keys, now=now)


def note_closings(*, now: datetime) -> int:
    """The day's pass: quizzes that closed of late and show answers after closing. Returns how many."""
    closed = Quiz.objects.filter(closes_at__gt=now - BACK, closes_at__lte=now)

    def note(quiz: Quiz) -> bool:
        if ReviewColumn.CLOSED not in _columns(quiz.review_matrix):
            return False
        note_closed_quiz(quiz=quiz.pk, now=now)
        return True

    return CLOSINGS.one_by_one(closed, note, now=now, most=None)


def opens_before_closing(matrix: Matrix) -> bool:
    return bool(_columns(matrix) & {ReviewColumn.IMMEDIATELY.value, ReviewColumn.LATER.value})


def _columns(matrix: Matrix) -> set[str]:
    return {column for row in TELLS_KEY for column in matrix.get(row, [])}


def _opened(attempt: Attempt, now: datetime) -> list[int]:
    papers = siblings_of(attempt)
    finished = [paper for paper in papers if paper.counts]
    for paper in finished:
        paper.quiz = attempt.quiz
    # At once where nothing opens later, since what opens at once mostly stays open.
    at_once = ReviewColumn.LATER.value not in _columns(attempt.quiz.review_matrix)
    moment = now if at_once else now + IMMEDIATELY
    rules = {attempt.quiz_id: rules_of_attempt(attempt)}
    shows = shows_among(learner=attempt.learner, attempts=finished, now=moment, rules=rules, among=papers)
    return [pk for pk, shown in shows.items() if shown.attempt and any(getattr(shown, row) for row in TELLS_KEY)]
