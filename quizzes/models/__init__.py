"""Data of the measuring floor."""

from quizzes.models.attempts import OPEN_STATES, OVER_STATES, Answer, Attempt, KeptAnswer
from quizzes.models.bank import Difficulty, Question, QuestionBank, QuestionCategory, QuestionVersion
from quizzes.models.calibrating import Calibration, CalibrationSheet
from quizzes.models.draws import DrawRun
from quizzes.models.endings import DialogueEnding
from quizzes.models.exposure import Exposure
from quizzes.models.files import FileUse, QuestionFile
from quizzes.models.imports import QuestionImport
from quizzes.models.incidents import Incident, IntegrityNote, OutageCredit, Presence
from quizzes.models.marking import Marking, MarkingLease, RegradeRun, RepairRequest
from quizzes.models.observing import Observation, ObservedPractice, ScoreSheet
from quizzes.models.overrides import QuizOverride
from quizzes.models.practice import PracticeAnswer, PracticeCard, PracticeDay, WrongQuestion
from quizzes.models.quiz import Quiz
from quizzes.models.reports import QuestionReport
from quizzes.models.rubric import Rubric
from quizzes.models.rulings import Ban, SpecialResult
from quizzes.models.sessions import Candidate, ExamSession, HallAct
from quizzes.models.slots import QuizFeedback, QuizSlot
from quizzes.models.statistics import KeptQuestion, QuizStatistics, RetireReasons, VersionStatistics

__all__ = [
    "OPEN_STATES",
    "OVER_STATES",
    "Answer",
    "Attempt",
    "Ban",
    "Calibration",
    "CalibrationSheet",
    "Candidate",
    "DialogueEnding",
    "Difficulty",
    "DrawRun",
    "ExamSession",
    "Exposure",
    "FileUse",
    "HallAct",
    "Incident",
    "IntegrityNote",
    "KeptAnswer",
    "KeptQuestion",
    "Marking",
    "MarkingLease",
    "Observation",
    "ObservedPractice",
    "OutageCredit",
    "PracticeAnswer",
    "PracticeCard",
    "PracticeDay",
    "Presence",
    "Question",
    "QuestionBank",
    "QuestionCategory",
    "QuestionFile",
    "QuestionImport",
    "QuestionReport",
    "QuestionVersion",
    "Quiz",
    "QuizFeedback",
    "QuizOverride",
    "QuizSlot",
    "QuizStatistics",
    "RegradeRun",
    "RepairRequest",
    "RetireReasons",
    "Rubric",
    "ScoreSheet",
    "SpecialResult",
    "VersionStatistics",
    "WrongQuestion",
]
