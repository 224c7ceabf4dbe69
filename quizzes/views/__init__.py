"""The learner's side of a quiz: start page, attempt, hand-in, result, report of a wrong question."""

from quizzes.views.attempt import attempt, flag, submit
from quizzes.views.quizzes import result, start, start_page
from quizzes.views.reports import report
from quizzes.views.saving import save_answers

__all__ = ["attempt", "flag", "report", "result", "save_answers", "start", "start_page", "submit"]
