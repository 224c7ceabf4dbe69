"""The review matrix: which column a moment falls into, and what a learner sees of a paper."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from quizzes.attempts import release_results, start_attempt, submit_attempt
from quizzes.attempts.following_up import follow_up
from quizzes.models import Attempt, Quiz
from quizzes.models.matrix import ReviewPreset, ReviewRow, preset_matrix, preset_of
from quizzes.rules.looking import look_at
from quizzes.rules.review import review_column, review_shows
from tests.cast import bank, person
from tests.quizzes.attempts.test_attempts import answer, start
from tests.quizzes.factories import bank_of, quiz_of

DONE = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def finished(state=Attempt.State.FINISHED) -> Attempt:
    return Attempt(state=state, finished_at=None if state == "in_progress" else DONE, released_at=DONE)


@pytest.mark.parametrize(
    ("state", "after", "closes", "column"),
    [
        ("in_progress", 0, None, "during"),
        ("in_progress", 999, 10, "during"),
        ("finished", 0, None, "immediately"),
        ("finished", 119, None, "immediately"),
        ("finished", 120, None, "later"),
        ("finished", 119, 200, "immediately"),
        # after closing wins, even within the two minutes
        ("finished", 100, 60, "closed"),
        ("finished", 60, 60, "closed"),
        ("finished", 999, 60, "closed"),
    ],
)
def test_column(state, after, closes, column):
    closes_at = DONE + closes * SECOND if closes is not None else None

    assert review_column(attempt=finished(state), closes_at=closes_at, now=DONE + after * SECOND) == column


def rows(quiz: Quiz, *, over: bool, after: int = 0, closes: int | None = None) -> set[str]:
    shows = review_shows(
        quiz=quiz,
        attempt=finished(),
        closes_at=DONE + closes * SECOND if closes else None,
        over=over,
        now=DONE + after * SECOND,
    )
    return {row.value for row in ReviewRow if getattr(shows, row.value)}


def test_what_tells_the_key_waits_until_it_is_over():
    quiz = Quiz(review_matrix=preset_matrix("answers"))

    assert rows(quiz, over=False) == {"attempt", "correct", "marks", "overall"}
    assert rows(quiz, over=True) == set(ReviewRow.values)
    assert "right_answer" in rows(quiz, over=False, closes=1, after=5)


def test_presets_show_what_they_say():
    after_close = Quiz(review_matrix=preset_matrix("after_close"))

    assert rows(Quiz(review_matrix=preset_matrix("result")), over=True) == {"marks", "overall"}
    assert rows(after_close, over=True) == {"marks", "overall"}
    assert rows(after_close, over=False, closes=1, after=5) == set(ReviewRow.values)
    assert rows(Quiz(kind="practice", review_matrix=preset_matrix("practice")), over=False) == set(ReviewRow.values)
    assert [preset_of(preset_matrix(one)) for one in ReviewPreset] == list(ReviewPreset.values)


@pytest.mark.django_db
@pytest.mark.database
class TestWithheld:
    @pytest.fixture
    def learner(self):
        return person("100001", "欧阳文澜", bank()["BJ01"])

    def test_nobody_sees_a_mark_and_nothing_follows_until_the_release(self, ground, learner, client):
        quiz = quiz_of(bank_of(1), 1, withhold_results=True, attempts_allowed=2, wait_minutes=0)
        attempt = start(quiz, learner)
        answer(attempt, 1)
        closed = submit_attempt(attempt=attempt, now=timezone.now())
        client.force_login(learner)

        before = client.get(f"/quizzes/attempts/{attempt.uuid}/result/").content.decode()
        listed = client.get("/quizzes/quiz/").content.decode()
        followed = follow_up(attempt=closed, now=timezone.now())
        count = release_results(quiz=quiz, actor=None, reason="成绩复核完毕", now=timezone.now())
        after = client.get(f"/quizzes/attempts/{attempt.uuid}/result/").content.decode()

        assert "成绩待发布" in before
        assert "100" not in before.split("<main")[1].split("</main")[0].replace("100001", "")
        assert "成绩待发布" in listed
        assert "成绩尚未发布" in listed
        assert (followed, count) == (False, 1)
        assert follow_up(attempt=Attempt.objects.get(pk=attempt.pk), now=timezone.now()) is True
        assert "合格" in after

    def test_the_right_answer_opens_with_the_last_attempt(self, ground, learner):
        quiz = quiz_of(bank_of(1), 1, attempts_allowed=2, wait_minutes=0)
        now = timezone.now()
        first = submit_attempt(attempt=start(quiz, learner, now=now), now=now)
        shut = look_at(attempt=first, now=now).shows
        submit_attempt(attempt=start_attempt(quiz=quiz, learner=learner, language="en", now=now), now=now)

        assert (shut.right_answer, shut.waits, shut.correct) == (False, True, True)
        assert look_at(attempt=first, now=now).shows.right_answer is True
