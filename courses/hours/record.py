"""What the ledger and the classroom keep about a person, for HR's page of one person and for the person's own copy."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from academy.calendar.clock import local_day
from academy.doors import BANK, RecordTable, person_records
from academy.models import User
from academy.person_record.columns import choice, column, job_state
from academy.person_record.coverage import RECORDER, leave_out
from courses.models import Attendance, Attendee, HourEntry, TrainingExport


@person_records.register
def hour_tables(person: User) -> list[RecordTable]:
    return [
        RecordTable(
            "courses.hours",
            _("Training hours"),
            HourEntry.objects.filter(person=person),
            (
                column("title", _("Training"), words=lambda row: row.local_title),
                choice("category", _("Training category")),
                column("first_day", _("First day"), "effective_from"),
                column("last_day", _("Last day"), "effective_until"),
                column("hours", _("Hours")),
                column("year", _("Counts for the year")),
                choice("source", _("Source")),
                column("provider", _("Provider")),
                column("evidence", _("Proof")),
                column("recorded_at", _("Entered")),
                column("withdrawn_at", _("Withdrawn")),
                column("withdrawn_reason", _("Reason")),
            ),
            ("courses.HourEntry.person",),
            section="learning",
            order=20,
            day=lambda row: row.effective_until,
            shown=("title", "category", "last_day", "hours", "source", "withdrawn_at"),
            later=("withdrawn_at", "withdrawn_reason"),
            link=_to_the_entry,
        ),
        RecordTable(
            "courses.attendances",
            _("Classroom sessions attended"),
            Attendance.objects.filter(person=person).select_related("session").order_by("-session__starts_at", "-pk"),
            (
                column("session", _("Session"), words=lambda row: row.session.local_title),
                column("starts_at", _("Starts"), "session.starts_at"),
                column("place", _("Place"), "session.place"),
                column("signed_in_at", _("Signed in")),
                choice("signed_in_how", _("How")),
                column("left_early_at", _("Left early")),
                column("absence_reason", _("Reason of the absence")),
                column("score", _("Score")),
                choice("recognition", _("Hours recognised")),
                column("recorded_at", _("Entered")),
                column("withdrawn_at", _("Withdrawn")),
                column("withdrawn_reason", _("Reason")),
            ),
            ("courses.Attendance.person",),
            section="learning",
            order=30,
            day=lambda row: local_day(row.session.ends_at),
            shown=("session", "starts_at", "signed_in_at", "score", "recognition"),
            later=("withdrawn_at", "withdrawn_reason"),
        ),
        RecordTable(
            "courses.classes",
            _("Places in classroom sessions"),
            Attendee.objects.filter(person=person).select_related("session").order_by("-pk"),
            (
                column("session", _("Session"), words=lambda row: row.session.local_title),
                column("starts_at", _("Starts"), "session.starts_at"),
                choice("origin", _("How")),
                choice("standing", _("State")),
                column("since", _("Since")),
                column("signed_in_at", _("Signed in")),
            ),
            ("courses.Attendee.person",),
        ),
        RecordTable(
            "courses.register_exports",
            _("Exports of the training register"),
            TrainingExport.objects.filter(requested_by=person).select_related("job"),
            (column("requested_at", _("At")), column("question", _("Filter")), job_state()),
            ("courses.TrainingExport.requested_by",),
            reader=BANK,
        ),
    ]


def _to_the_entry(row: Any) -> str:
    return reverse("hour_entries:entry", args=[row.pk])


leave_out(
    RECORDER,
    "courses.HourEntry.recorded_by",
    "courses.HourEntry.reviewed_by",
    "courses.Attendee.added_by",
    "courses.Attendee.signed_in_by",
    "courses.Attendance.recorded_by",
    "courses.ClassSession.closed_by",
    "courses.ClassSession.reviewed_by",
)
leave_out(
    "What the entry says of its own origin; it is told with the person's other hours.",
    "courses.HourEntry.enrolment",
    "courses.HourEntry.attendance",
    "courses.HourEntry.corrects",
    "courses.Attendance.attendee",
)
