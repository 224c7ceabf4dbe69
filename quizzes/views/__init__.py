"""The learner's side of a quiz: start page, attempt, hand-in, result, report of a wrong question."""

from quizzes.views.attempt import attempt, paper, submit
from quizzes.views.files import question_file
from quizzes.views.notes import notes
from quizzes.views.quizzes import result, start, start_page
from quizzes.views.reports import report
from quizzes.views.saving import pulse, save

__all__ = [
    "attempt",
    "notes",
    "paper",
    "pulse",
    "question_file",
    "report",
    "result",
    "save",
    "start",
    "start_page",
    "submit",
]
