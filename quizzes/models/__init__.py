"""Data of the measuring floor."""

from quizzes.models.attempts import Answer, Attempt, KeptAnswer
from quizzes.models.bank import Difficulty, Question, QuestionBank, QuestionCategory, QuestionVersion
from quizzes.models.quiz import Quiz, QuizSlot

__all__ = [
    "Answer",
    "Attempt",
    "Difficulty",
    "KeptAnswer",
    "Question",
    "QuestionBank",
    "QuestionCategory",
    "QuestionVersion",
    "Quiz",
    "QuizSlot",
]
