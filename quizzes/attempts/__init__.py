"""An attempt from start to result; a double submit is one result. Answers on the way are ``quizzes.attempts.saving``'s.

``starting``  may one start, why not, and the paper
``closing``   handing in, running out of time, minutes given, reopening
``ahead``     papers drawn ahead        ``looking``  what the owner may see
``marking``   what a person still has to mark, and the release of results
"""

from quizzes.attempts.ahead import Drawn, begin_draw, draw_papers
from quizzes.attempts.closing import advance_attempt, end_attempt, give_minutes, is_due, reopen_attempt, submit_attempt
from quizzes.attempts.settling import finish_marking, release_results
from quizzes.attempts.starting import (
    Chances,
    NoGround,
    Sitting,
    attempt_refusal,
    attempt_refusals,
    chances,
    chances_in_several,
    choose_ground,
    password_refusal,
    refusals_for,
    rules_for,
    start_attempt,
)
from quizzes.rules.looking import Look, look_at, shows_of_several

__all__ = [
    "Chances",
    "Drawn",
    "Look",
    "NoGround",
    "Sitting",
    "advance_attempt",
    "attempt_refusal",
    "attempt_refusals",
    "begin_draw",
    "chances",
    "chances_in_several",
    "choose_ground",
    "draw_papers",
    "end_attempt",
    "finish_marking",
    "give_minutes",
    "is_due",
    "look_at",
    "password_refusal",
    "refusals_for",
    "release_results",
    "reopen_attempt",
    "rules_for",
    "shows_of_several",
    "start_attempt",
    "submit_attempt",
]
