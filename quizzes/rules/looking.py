"""What the owner of a paper may see of it at a moment."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from academy.calendar.clock import local_day
from academy.models import User
from academy.requests.prepared import BoundQuery, PreparedQuery
from quizzes.entry import Hall, hall_for
from quizzes.models import Attempt, Quiz
from quizzes.rules.chances import (
    Chances,
    Sitting,
    asks_of_rules,
    chances,
    chances_in_several,
    rules_in_several,
    rules_of_attempt,
)
from quizzes.rules.effective import Rules
from quizzes.rules.review import Shows, review_shows


@dataclass(frozen=True)
class Look:
    """By which rules, what chances are left, which rows of the review are open, and what exam day had to say of one that is
    not passed."""

    rules: Rules
    chances: Chances
    shows: Shows
    hall: Hall


SIBLINGS = PreparedQuery(
    lambda quiz, learner, occasion: Attempt.objects.of(quiz, learner).filter(occasion=occasion).defer("paper")
)


def asks_of_look(attempt: Attempt) -> list[BoundQuery[Any] | None]:
    """What ``look_at`` asks of a paper, beside what exam day has to say; nothing of what its marks say is not there."""
    quiz, learner = attempt.quiz, attempt.learner_id
    siblings = SIBLINGS.bound(quiz=quiz.pk, learner=learner, occasion=attempt.occasion)
    return [
        *([] if attempt.has_others is False else [siblings]),
        *([] if attempt.is_arranged is False else asks_of_rules(quiz, learner)),
    ]


def siblings_of(attempt: Attempt) -> list[Attempt]:
    """The person's attempts of the same occasion, this one among them. One query, none where it is known to be alone."""
    if attempt.has_others is False:
        return [attempt]
    return SIBLINGS.rows(quiz=attempt.quiz_id, learner=attempt.learner_id, occasion=attempt.occasion)


def look_at(*, attempt: Attempt, now: datetime) -> Look:
    """Two queries at most, four more for an exam that is not passed: of a passed one exam day changes nothing. The attempt
    comes with its quiz and its learner's id."""
    quiz = attempt.quiz
    rules, siblings, hall = rules_of_attempt(attempt), siblings_of(attempt), Hall()
    stand = chances(quiz=quiz, rules=rules, attempts=siblings, occasion=attempt.occasion, hall=hall)
    if quiz.kind == Quiz.Kind.EXAM and not stand.passed:
        hall = hall_for(quiz, attempt.learner, local_day(now))
        stand = chances(quiz=quiz, rules=rules, attempts=siblings, occasion=attempt.occasion, hall=hall)
    over = stand.passed or stand.left == 0
    shows = review_shows(quiz=quiz, attempt=attempt, closes_at=rules.closes_at, over=over, now=now)
    return Look(rules, stand, shows, hall)


PAPERS = PreparedQuery(
    lambda learner, quizzes: Attempt.objects.filter(learner=learner, quiz__in=quizzes).defer("paper")
)


def shows_of_several(*, learner: User, attempts: Sequence[Attempt], now: datetime) -> dict[int, Shows]:
    """Which rows of the review are open, by attempt: what ``look_at`` says of each. Two queries, one more where an
    exam is among them, however many papers. The attempts come with their quiz."""
    quizzes = {attempt.quiz_id: attempt.quiz for attempt in attempts}
    rules = rules_in_several(quizzes=quizzes.values(), learner=learner)
    return shows_among(
        learner=learner,
        attempts=attempts,
        now=now,
        rules=rules,
        among=PAPERS.rows(learner=learner.pk, quizzes=list(quizzes)),
    )


def shows_among(
    *, learner: User, attempts: Sequence[Attempt], now: datetime, rules: dict[int, Rules], among: Iterable[Attempt]
) -> dict[int, Shows]:
    """The same where the rules and all attempts of the occasions are at hand. No query, one where an exam is among them."""
    papers: dict[tuple[int, str], list[Attempt]] = {}
    for paper in among:
        papers.setdefault((paper.quiz_id, paper.occasion), []).append(paper)
    sittings = {
        (attempt.quiz_id, attempt.occasion): Sitting(
            attempt.quiz, attempt.occasion, papers[attempt.quiz_id, attempt.occasion]
        )
        for attempt in attempts
    }
    stands = dict(
        zip(sittings, chances_in_several(learner=learner, sittings=list(sittings.values()), rules=rules), strict=True)
    )
    found = {}
    for attempt in attempts:
        stand = stands[attempt.quiz_id, attempt.occasion]
        found[attempt.pk] = review_shows(
            quiz=attempt.quiz,
            attempt=attempt,
            closes_at=rules[attempt.quiz_id].closes_at,
            over=stand.passed or stand.left == 0,
            now=now,
        )
    return found
