"""What is kept of a person's observed practice: as the one observed, and as an assessor."""

from functools import partial
from hashlib import sha256

from django.db.models import Case, F, Q, When
from django.db.models.fields.files import FieldFile
from django.db.models.query import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from academy.calendar.clock import local_day
from academy.doors import RecordDocument, RecordTable, person_documents
from academy.models import User
from academy.person_record.columns import choice, column
from academy.person_record.coverage import RECORDER, leave_out
from quizzes.models import CalibrationSheet, Observation, ScoreSheet


def _calibrations_of(person: User) -> QuerySet[CalibrationSheet]:
    """What was scored stands here when the calibration is over: until then who reads the record may be blind themselves."""
    over = Q(calibration__closes_on__lt=local_day(timezone.now())) | Q(calibration__called_off_at__isnull=False)
    return (
        CalibrationSheet.objects.filter(assessor=person)
        .select_related("calibration")
        .annotate(open_fraction=Case(When(over, then=F("fraction"))), open_comment=Case(When(over, then=F("comment"))))
        .order_by("-pk")
    )


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
                column("case_file", _("Written case as a file"), "case_file.name"),
                column("answer", _("Answer of the person")),
                column("end_reason", _("Reason")),
                column("put_off_reason", _("Why it was put off")),
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
                column("late_reason", _("Why it is entered only now")),
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
            _calibrations_of(person),
            (
                column("calibration", _("Calibration"), "calibration"),
                column("invited_at", _("Invited at")),
                column("handed_in_at", pgettext_lazy("score sheet", "Handed in")),
                column("fraction", _("Share of the mark"), "open_fraction"),
                column("comment", pgettext_lazy("assessor", "Comment"), "open_comment"),
            ),
            ("quizzes.CalibrationSheet.assessor",),
        ),
    ]


@person_documents.register
def case_documents(person: User) -> list[RecordDocument]:
    """Written cases that were handed in as files."""
    rows = Observation.objects.filter(person=person).exclude(case_file="").select_related("practice").order_by("pk")
    return [
        RecordDocument(
            f"{row.practice.code}-{row.pk}.{str(row.case_file).rsplit('.', 1)[-1]}",
            sha256(_read(row.case_file)).hexdigest(),
            partial(_read, row.case_file),
        )
        for row in rows
        if row.case_file.storage.exists(str(row.case_file))
    ]


def _read(file: FieldFile) -> bytes:
    with file.storage.open(str(file), "rb") as stored:
        content: bytes = stored.read()
    return content


leave_out(
    RECORDER,
    "quizzes.Observation.asked_by",
    "quizzes.Observation.offered_by",
    "quizzes.Observation.ended_by",
    "quizzes.Calibration.reference_by",
    "quizzes.Calibration.reference_known_to",
)
