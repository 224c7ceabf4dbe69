"""Data of the measuring floor."""

from quizzes.models.attempts import Answer, Attempt, KeptAnswer
from quizzes.models.bank import Difficulty, Question, QuestionBank, QuestionCategory, QuestionVersion
from quizzes.models.incidents import Incident, IntegrityNote, OutageCredit, Presence
from quizzes.models.practice import PracticeAnswer, PracticeCard, PracticeDay, WrongQuestion
from quizzes.models.quiz import Quiz, QuizSlot
from quizzes.models.reports import QuestionReport
from quizzes.models.rulings import Ban, SpecialResult
from quizzes.models.sessions import Candidate, ExamSession, HallAct

__all__ = [
    "Answer",
    "Attempt",
    "Ban",
    "Candidate",
    "Difficulty",
    "ExamSession",
    "HallAct",
    "Incident",
    "IntegrityNote",
    "KeptAnswer",
    "OutageCredit",
    "Presence",
    "PracticeAnswer",
    "PracticeCard",
    "PracticeDay",
    "Question",
    "QuestionBank",
    "QuestionCategory",
    "QuestionReport",
    "QuestionVersion",
    "Quiz",
    "QuizSlot",
    "SpecialResult",
    "WrongQuestion",
]
