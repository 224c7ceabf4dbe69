"""How quizzes stand for a person, for lists that lead to them: the same words as their start pages, none of which is opened."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from academy.models import User
from quizzes.attempts.starting import chance_refusals
from quizzes.grading.papers import ANSWERS
from quizzes.models import Attempt, Quiz
from quizzes.rules.chances import Chances, Sitting, chances_in_several, rules_in_several
from quizzes.rules.keys import held_questions
from quizzes.rules.looking import look_at
from quizzes.rules.review import finished_of_late
from quizzes.rules.topics import Topic, topics_of


@dataclass(frozen=True)
class QuizStand:
    """A quiz on one ground. ``open`` is the paper being written; ``refusal`` why none can be begun now, ``opens_at`` from
    when one can where time is all that is missing. ``failed`` is the last paper, where it is known not to be a pass, and
    ``read`` what to read again after it, where somebody asked for that, too."""

    quiz: Quiz
    passed: bool
    open: Attempt | None = None
    left: int | None = None
    opens_at: datetime | None = None
    refusal: str = ""
    failed: Attempt | None = None
    read: tuple[Topic, ...] = ()


def stands_in_several(*, learner: User, sittings: Sequence[Sitting], now: datetime) -> list[QuizStand]:
    """Of each quiz. As many queries as ``chances_in_several``."""
    rules = rules_in_several(quizzes=[one.quiz for one in sittings], learner=learner)
    found = chances_in_several(learner=learner, sittings=sittings, rules=rules)
    return [
        QuizStand(
            quiz=sitting.quiz,
            passed=chances.passed,
            open=next((attempt for attempt in sitting.attempts if attempt.is_open), None),
            left=chances.left,
            opens_at=_opens_at(chances, now),
            refusal=next(
                iter(chance_refusals(chances, rules=rules[sitting.quiz.pk], attempts=sitting.attempts, now=now)), ""
            ),
            failed=_failed(sitting.attempts),
        )
        for sitting, chances in zip(sittings, found, strict=True)
    ]


def _opens_at(chances: Chances, now: datetime) -> datetime | None:
    over = chances.left == 0 or (chances.until is not None and now > chances.until)
    waits = chances.next_at is not None and now < chances.next_at
    return chances.next_at if waits and not over else None


def _failed(attempts: Sequence[Attempt]) -> Attempt | None:
    last = max(
        (attempt for attempt in attempts if attempt.finished_at), key=lambda attempt: attempt.number, default=None
    )
    return last if last is not None and last.counts and last.passed is False else None


def to_read_again(stand: QuizStand, *, now: datetime) -> QuizStand:
    """The same with the topics and lessons of the failed paper, where its marks may be shown. Some ten queries."""
    paper = stand.failed
    if paper is None or stand.passed or not look_at(attempt=paper, now=now).shows.marks:
        return stand
    topics = topics_of(
        attempt=paper, answers=ANSWERS.rows(attempt=paper.pk), silent=held_questions(paper.learner, paper)
    )
    return replace(stand, read=tuple(topic for topic in topics if topic.read))


def moments_of_waits(person: User, now: datetime) -> list[datetime]:
    """When a wait for another attempt is over. One query, and three where a paper of late was not passed."""
    places = {(row.quiz, row.occasion) for row in finished_of_late(person, now) if row.passed is False}
    if not places:
        return []
    papers = Attempt.objects.filter(learner=person, quiz__in={quiz for quiz, _occasion in places}).defer("paper")
    attempts = list(papers.select_related("quiz"))
    sittings = [
        Sitting(mine[0].quiz, occasion, mine)
        for quiz, occasion in sorted(places)
        if (mine := [attempt for attempt in attempts if attempt.quiz_id == quiz and attempt.occasion == occasion])
    ]
    found = chances_in_several(learner=person, sittings=sittings)
    moments = [moment for chance in found for moment in (chance.next_at, chance.until) if moment is not None]
    return [moment for moment in moments if moment > now]
