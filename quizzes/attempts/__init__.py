"""An attempt from start to result; a double submit is one result. Answers on the way are ``quizzes.attempts.saving``'s.

``starting``  may one start, why not, and the paper
``closing``   handing in, running out of time, minutes given, reopening
``ahead``     papers drawn ahead        ``overriding``  other rules for a person
``settling``  the mark of a paper, what a person still has to mark, and the release of results
"""

from quizzes.attempts.ahead import Drawn, begin_draw, draw_papers
from quizzes.attempts.closing import (
    advance_attempt,
    end_attempt,
    give_minutes,
    is_due,
    reopen_attempt,
    reopening_refusal,
    submit_attempt,
    submit_locked,
)
from quizzes.attempts.settling import finish_marking, release_results
from quizzes.attempts.starting import (
    NoGround,
    attempt_refusal,
    attempt_refusals,
    choose_ground,
    password_refusal,
    refusals_for,
    start_attempt,
)

__all__ = [
    "Drawn",
    "NoGround",
    "advance_attempt",
    "attempt_refusal",
    "attempt_refusals",
    "begin_draw",
    "choose_ground",
    "draw_papers",
    "end_attempt",
    "finish_marking",
    "give_minutes",
    "is_due",
    "password_refusal",
    "refusals_for",
    "release_results",
    "reopen_attempt",
    "reopening_refusal",
    "start_attempt",
    "submit_attempt",
    "submit_locked",
]
