"""Data of the measuring floor."""

from quizzes.models.attempts import Answer, Attempt, KeptAnswer
from quizzes.models.bank import Difficulty, Question, QuestionBank, QuestionCategory, QuestionVersion
from quizzes.models.quiz import Quiz, QuizSlot
from quizzes.models.reports import QuestionReport

__all__ = [
    "Answer",
    "Attempt",
    "Difficulty",
    "KeptAnswer",
    "Question",
    "QuestionBank",
    "QuestionCategory",
    "QuestionReport",
    "QuestionVersion",
    "Quiz",
    "QuizSlot",
]
