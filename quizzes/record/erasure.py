"""What an erasure does on this floor: papers and marks stay for the statistics, what was typed and said goes."""

from functools import partial

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from academy.doors import ErasureStep, person_erasures
from academy.models import User
from academy.person_record.coverage import keep_text
from academy.person_record.erasing import by_hand, emptied, goes, hidden, stays
from academy.person_record.naming import NOBODY, Marks
from quizzes.models import (
    Answer,
    Attempt,
    Ban,
    Calibration,
    CalibrationSheet,
    Candidate,
    ExamSession,
    Exposure,
    HallAct,
    Incident,
    IntegrityNote,
    KeptAnswer,
    KeptQuestion,
    Marking,
    Observation,
    PracticeAnswer,
    PracticeCard,
    PracticeDay,
    Presence,
    QuestionReport,
    QuizOverride,
    RegradeRun,
    RepairRequest,
    ScoreSheet,
    SpecialResult,
    WrongQuestion,
)

# Types whose answers are choices among what was offered: they say nothing about who chose, and item statistics need them.
CHOSEN = ("single", "multiple", "truefalse", "matching", "ordering", "dialogue", "information", "case")


@person_erasures.register
def quiz_steps(person: User, marks: Marks) -> list[ErasureStep]:
    typed = Answer.objects.filter(attempt__learner=person).exclude(version__type__in=CHOSEN)
    overrides = QuizOverride.objects.filter(person=person)
    return [
        emptied(
            "typed_answers", _("Typed answers: the text; the marks stay"), typed, response=None, checked_response=None
        ),
        emptied(
            "kept_answers",
            _("Answers kept without marks"),
            KeptAnswer.objects.filter(attempt__learner=person),
            response=None,
        ),
        emptied(
            "comments",
            _("Comments of markers"),
            Marking.objects.filter(answer__attempt__learner=person).exclude(comment=""),
            comment="",
        ),
        emptied(
            "integrity_notes",
            _("Noticed during the exam: the details"),
            IntegrityNote.objects.filter(attempt__learner=person).exclude(detail=""),
            detail="",
        ),
        goes("presence", _("Where a paper was last open"), Presence.objects.filter(attempt__learner=person)),
        emptied(
            "special_results",
            _("Special results: the reason"),
            SpecialResult.objects.filter(person=person),
            reason=NOBODY,
        ),
        emptied("bans", _("Bans: the reason"), Ban.objects.filter(person=person), reason=NOBODY),
        emptied(
            "arrangements",
            _("Special arrangements: for whom and why"),
            overrides,
            name=NOBODY,
            password="",  # nosec B106: emptied, not set
        ),
        emptied(
            "question_reports",
            _("Questions reported: the text"),
            QuestionReport.objects.filter(reporter=person),
            text=NOBODY,
            answer="",
        ),
        goes(
            "practice",
            _("Practice and the wrong-answer book"),
            PracticeAnswer.objects.filter(person=person),
            PracticeDay.objects.filter(person=person),
            PracticeCard.objects.filter(person=person),
            WrongQuestion.objects.filter(person=person),
        ),
        hidden(
            "hall",
            _("Reasons and comments about others that name the person"),
            [
                (HallAct.objects.all(), ("reason",)),
                (Incident.objects.all(), ("reason",)),
                (SpecialResult.objects.all(), ("reason",)),
                (Ban.objects.all(), ("reason",)),
                (QuizOverride.objects.all(), ("name",)),
                (Marking.objects.all(), ("comment",)),
                (QuestionReport.objects.all(), ("text", "answer")),
                (RegradeRun.objects.all(), ("reason",)),
                (RepairRequest.objects.all(), ("reason", "answer")),
                (KeptQuestion.objects.all(), ("reason",)),
                (ExamSession.objects.all(), ("name", "name_en", "note", "note_en")),
                (Observation.objects.all(), ("words", "end_reason", "put_off_reason", "answer")),
                (ScoreSheet.objects.all(), ("comment", "late_reason")),
                (CalibrationSheet.objects.all(), ("comment",)),
                (Calibration.objects.all(), ("name", "name_en", "case", "case_en", "call_off_reason")),
            ],
            marks,
        ),
        emptied(
            "observations",
            _("Observed practice: wishes, written cases, answers and words; the results stay"),
            Observation.objects.filter(person=person),
            words="",
            case={},
            answer="",
            end_reason="",
            put_off_reason="",
        ),
        by_hand(
            "case_files",
            _("Observed practice: files of written cases"),
            Observation.objects.filter(person=person).exclude(case_file=""),
            lambda: _delete_case_files(person),
            "case_file",
        ),
        emptied(
            "score_sheets",
            _("Score sheets: the comments"),
            ScoreSheet.objects.filter(observation__person=person).exclude(comment="", late_reason=""),
            comment="",
            late_reason="",
        ),
        emptied(
            "calibration_comments",
            _("Sheets of calibrations: the person's comments"),
            CalibrationSheet.objects.filter(assessor=person).exclude(comment=""),
            comment="",
        ),
        stays(
            "calibrations", _("Sheets of calibrations: the scores"), CalibrationSheet.objects.filter(assessor=person)
        ),
        stays("observed", _("Results of observed practice"), Observation.objects.filter(person=person)),
        goes("exposures", _("Questions shown, and when"), Exposure.objects.filter(person=person)),
        stays("papers", _("Papers with their marks and dates"), Attempt.objects.filter(learner=person)),
        stays(
            "choices",
            _("Answers that were chosen, for the statistics of questions"),
            Answer.objects.filter(attempt__learner=person, version__type__in=CHOSEN),
        ),
        stays("seats", _("Exam sessions"), Candidate.objects.filter(person=person)),
    ]


def _delete_case_files(person: User) -> int:
    rows = Observation.objects.filter(person=person).exclude(case_file="")
    files = [row.case_file for row in rows]
    for file in files:
        transaction.on_commit(partial(file.storage.delete, str(file)))
    return rows.update(case_file="")


keep_text(
    "Filled by the program: what was drawn, in which order, from which tab, and how far a run went.",
    "quizzes.Answer.tab",
    "quizzes.Attempt.paper",
    "quizzes.DrawRun.people",
    "quizzes.KeptAnswer.tab",
    "quizzes.RegradeRun.stays",
)
keep_text(
    "The rubric as it stood, with what was chosen: the marker's own words stand in the comment.",
    "quizzes.Marking.chosen",
)
keep_text("What the bank's house rules said when a paper began; they name nobody.", "quizzes.Attempt.house_rules")
keep_text(
    "A file of questions and what of it was written; it is about questions.",
    "quizzes.QuestionImport.encoding",
    "quizzes.QuestionImport.name",
    "quizzes.QuestionImport.written",
)
keep_text(
    "Codes of reasons why a question may go, and counts; the words stand beside them.", "quizzes.KeptQuestion.known"
)
keep_text("A room of the bank.", "quizzes.ExamSession.room", "quizzes.Observation.place")
keep_text(
    "The terms as they stood and what was chosen of them: the assessor's own words stand in the comment.",
    "quizzes.Observation.terms",
    "quizzes.ScoreSheet.before",
    "quizzes.ScoreSheet.chosen",
    "quizzes.ScoreSheet.draft",
    "quizzes.Calibration.terms",
    "quizzes.CalibrationSheet.chosen",
    "quizzes.CalibrationSheet.draft",
)
keep_text(
    "How a made-up case should be scored.",
    "quizzes.Calibration.reference",
)
