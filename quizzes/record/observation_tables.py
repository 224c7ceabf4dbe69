"""What is kept of a person's observed practice: as the one observed, and as an assessor."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from academy.doors import RecordTable
from academy.models import User
from academy.person_record.columns import choice, column
from academy.person_record.coverage import RECORDER, leave_out
from quizzes.models import CalibrationSheet, Observation, ScoreSheet


def observation_tables(person: User) -> list[RecordTable]:
    practice = column("practice", _("Observed practice"), "practice")
    return [
        RecordTable(
            "quizzes.observations",
            _("Observed practice"),
            Observation.objects.filter(person=person).select_related("practice"),
            (
                practice,
                choice("state", _("State")),
                column("asked_at", _("Asked for at")),
                column("words", _("Wishes")),
                column("starts_at", _("Starts")),
                column("place", _("Place")),
                column("observed_on", _("Observed on")),
                column("score", _("Score of 100")),
                column("passed", _("Pass or fail")),
                column("case", _("Written case")),
                column("answer", _("Answer of the person")),
                column("end_reason", _("Reason")),
                column("annulled_at", _("Taken away at")),
            ),
            ("quizzes.Observation.person",),
            section="exams",
            order=50,
            shown=("practice", "state", "observed_on", "score"),
            day=lambda row: row.observed_on,
        ),
        RecordTable(
            "quizzes.score_sheets",
            _("Score sheets about the person"),
            ScoreSheet.objects.filter(observation__person=person, handed_in_at__isnull=False).select_related(
                "observation__practice", "assessor"
            ),
            (
                column("practice", _("Observed practice"), "observation.practice"),
                column("assessor", _("Assessor"), "assessor.staff_number"),
                column("handed_in_at", _("Handed in")),
                column("fraction", _("Share of the mark")),
                column("chosen", pgettext_lazy("column", "Chosen")),
                column("comment", pgettext_lazy("assessor", "Comment")),
            ),
            ("quizzes.ScoreSheet.observation",),
        ),
        RecordTable(
            "quizzes.assessed",
            _("Score sheets by the person"),
            ScoreSheet.objects.filter(assessor=person).order_by("-pk"),
            (
                column("joined_at", _("At")),
                column("observation", _("Observation"), "observation_id"),
                column("handed_in_at", _("Handed in")),
            ),
            ("quizzes.ScoreSheet.assessor",),
        ),
        RecordTable(
            "quizzes.calibrations",
            _("Calibrations that the person was invited to"),
            CalibrationSheet.objects.filter(assessor=person).select_related("calibration").order_by("-pk"),
            (
                column("calibration", _("Calibration"), "calibration"),
                column("invited_at", _("Invited at")),
                column("handed_in_at", pgettext_lazy("score sheet", "Handed in")),
                column("fraction", _("Share of the mark")),
                column("comment", pgettext_lazy("assessor", "Comment")),
            ),
            ("quizzes.CalibrationSheet.assessor",),
        ),
    ]


leave_out(
    RECORDER,
    "quizzes.Observation.asked_by",
    "quizzes.Observation.offered_by",
    "quizzes.Observation.ended_by",
    "quizzes.Calibration.reference_by",
)
