"""Notes what a result and a closing open to people: the acts in which a key comes to be seen, since looking writes nothing."""

from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from academy.turns import register_turns
from quizzes.models import Answer, Attempt, Quiz
from quizzes.models.matrix import TELLS_KEY, Matrix, ReviewColumn
from quizzes.pools.exposures import note_answered, note_closed_quiz, note_key
from quizzes.rules.looking import shows_of_several
from quizzes.rules.review import IMMEDIATELY

CLOSINGS = register_turns("keys that closings opened", label=_("Keys that a closing opens"), model=Quiz, tries=3)
# A daily pass that was missed is made up for.
BACK = timedelta(days=3)


def note_result(*, attempt: Attempt, now: datetime) -> None:
    """A result is out: what was answered, and every key that the reviews of the person's papers of this occasion open
    by it, now or when the first two minutes are over. Idempotent but for the moments.

    One statement where the matrix opens no key before the closing, otherwise four or five queries more.
    """
    papers = _opened(attempt, now) if opens_before_closing(attempt.quiz.review_matrix) else []
    answered = Answer.objects.filter(attempt=attempt).exclude(response=None).values_list("version", flat=True)
    note_answered(person=attempt.learner_id, versions=answered, now=now)
    if papers:
        versions = Answer.objects.filter(attempt__in=papers).values_list("version", flat=True)
        note_key(person=attempt.learner_id, versions=versions, now=now)


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
    papers = Attempt.objects.counting().filter(
        quiz=attempt.quiz_id, learner=attempt.learner_id, occasion=attempt.occasion
    )
    finished = list(papers.defer("paper"))
    for paper in finished:
        paper.quiz = attempt.quiz
    # At once where nothing opens later, since what opens at once mostly stays open.
    at_once = ReviewColumn.LATER.value not in _columns(attempt.quiz.review_matrix)
    moment = now if at_once else now + IMMEDIATELY
    shows = shows_of_several(learner=attempt.learner, attempts=finished, now=moment)
    return [pk for pk, shown in shows.items() if shown.attempt and any(getattr(shown, row) for row in TELLS_KEY)]
