"""What this floor keeps about a person: courses taken and what was done in each lesson."""

from typing import Any

from django.db.models import Count, OuterRef, Q, Subquery
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from academy.calendar.clock import local_day
from academy.doors import RecordColumn, RecordTable, person_records
from academy.duties.assignments.records import assignment_table, leave_out_recorders
from academy.journal.saying import register_field
from academy.journal.words import register_names, register_things
from academy.models import User
from academy.person_record.columns import column
from academy.person_record.coverage import WAGTAIL, leave_out
from courses.models import (
    Attendee,
    ChangeCheck,
    CourseAssignment,
    Enrolment,
    HourEntry,
    LessonProgress,
    ProgrammeAssignment,
    ProgrammeTick,
)
from courses.progress.learning import check_order
from quizzes.bank.versions import outward
from quizzes.rules.keys import held_questions

register_things("courses.courseassignment", lambda row: row.course.local_title, "course")
register_field("courses.courseassignment", "due", CourseAssignment._meta.get_field("due_from"))
register_field("courses.classsession", "how", Attendee._meta.get_field("signed_in_how"))
register_names({"courses.lessonprogress": pgettext_lazy("journal", "lesson of a course")})
register_things("courses.lessonprogress", lambda row: row.enrolment.course.local_title, "enrolment__course")
register_things("courses.programmeassignment", lambda row: row.programme.local_name, "programme")


@person_records.register
def course_tables(person: User) -> list[RecordTable]:
    done = Count("lessons", filter=Q(lessons__done_at__isnull=False, lessons__lesson__withdrawn_at=None), distinct=True)
    all_lessons = Count("course__lessons", filter=Q(course__lessons__withdrawn_at=None), distinct=True)
    # What its entry says: the course may count for other hours since.
    counted = Subquery(HourEntry.objects.current().filter(enrolment=OuterRef("pk")).values("hours")[:1])
    return [
        RecordTable(
            "courses.enrolments",
            _("Courses"),
            Enrolment.objects.filter(learner=person)
            .select_related("course")
            .annotate(done=done, all=all_lessons, counted=counted)
            # Rows that are counted in groups have no order of their own.
            .order_by("-opened_at", "-pk"),
            (
                column("course_code", pgettext_lazy("identifier", "Code"), "course.code"),
                column("course", _("Course"), words=lambda row: row.course.local_title),
                column("time", _("Time")),
                column("opened_at", _("Begun")),
                column("lessons_done", _("Lessons done"), "done"),
                column("progress", _("Progress"), "done", words=lambda row: f"{row.done}/{row.all}"),
                column("lessons", _("Lessons"), "all"),
                column("last_seen_at", _("Last seen")),
                column("completed_on", _("Completed")),
                column("hours", _("Hours"), "counted"),
            ),
            ("courses.Enrolment.learner",),
            section="learning",
            order=10,
            day=lambda row: local_day(row.opened_at),
            shown=("course", "opened_at", "progress", "last_seen_at", "completed_on", "hours"),
            later=("completed_on", "last_seen_at", "progress"),
            link=lambda row: reverse("courses:course", args=[row.course.code]),
        ),
        RecordTable(
            "courses.lessons",
            _("Lessons"),
            LessonProgress.objects.filter(enrolment__learner=person)
            .select_related("enrolment__course", "check_version", "seen_by")
            .order_by("-pk"),
            (
                column("course_code", pgettext_lazy("identifier", "Code"), "enrolment.course.code"),
                column("time", _("Time"), "enrolment.time"),
                column("lesson", _("Lesson"), "lesson_id"),
                column("opened_at", _("Begun")),
                column("read_at", _("Read at")),
                RecordColumn("response", _("Answer"), _checked),
                _right(person),
                column("done_at", _("Done")),
                column("tried_at", _("Tried at work")),
                column("tried_words", _("How it went")),
                column("seen_at", _("Ticked as seen")),
                column("seen_by", _("Ticked by"), "seen_by.staff_number"),
            ),
            ("courses.LessonProgress.enrolment",),
        ),
        assignment_table(CourseAssignment, person, label=_("Assigned courses"), order=20),
        assignment_table(ProgrammeAssignment, person, label=_("Assigned programmes"), order=25),
        RecordTable(
            "courses.change_checks",
            _("Questions about changed house rules"),
            ChangeCheck.objects.filter(person=person).select_related("change__rule"),
            (
                column("rule", _("House rule"), "change.rule.code"),
                column("changed", _("Changed on"), "change.holds_from"),
                column("answer", pgettext_lazy("given", "Answer")),
                column("right", pgettext_lazy("answer", "Right")),
                column("answered_at", _("Answer given at")),
                column("settled_at", _("Settled at")),
            ),
            ("courses.ChangeCheck.person",),
        ),
        RecordTable(
            "courses.programme_ticks",
            _("Tasks of programmes"),
            ProgrammeTick.objects.filter(person=person).select_related("ticked_by"),
            (
                column("task", _("Task at work"), "said"),
                column("done_on", _("Done on")),
                column("ticked_by", _("Ticked by"), "ticked_by.staff_number"),
                column("note", pgettext_lazy("tick", "Note")),
                column("recorded_at", _("Recorded at")),
                column("withdrawn_at", pgettext_lazy("moment", "Taken back")),
            ),
            ("courses.ProgrammeTick.person",),
        ),
    ]


def _right(person: User) -> RecordColumn:
    """Whether the check came right, but for what an open paper of the person holds: there it would tell the key."""
    held: list[set[int]] = []

    def right(row: LessonProgress) -> bool | None:
        if not held:
            held.append(held_questions(person))
        asked = row.check_version.question_id if row.check_version else None
        return None if asked in held[0] else row.check_right

    return RecordColumn("right", pgettext_lazy("answer", "Right"), right)


def _checked(row: LessonProgress) -> Any:
    """The answer as the page named it: the ids of options follow the author's order."""
    version = row.check_version
    return version and outward(version, check_order(version, row.enrolment.learner_id), row.check_response)


leave_out_recorders(CourseAssignment)
leave_out_recorders(ProgrammeAssignment)
leave_out("Says who mentors; the programme stands in the record of whom it is for.", "courses.ProgrammeAssignee.mentor")
leave_out("Says who ticked; the task stands in the record of whose it is.", "courses.ProgrammeTick.ticked_by")
leave_out("Says who settled a point of the bank's checklist; it stands there.", "courses.BankAddition.settled_by")
leave_out("Says who ticked it; the task stands in the record of whose it is.", "courses.LessonProgress.seen_by")
leave_out("Says who taught; it stands in the record of a level that counted it.", "courses.ClassSession.taught_by")
leave_out(
    WAGTAIL,
    *(
        f"courses.{page}.{field}"
        for page in ("CataloguePage", "CoursePage", "LessonPage")
        for field in ("owner", "locked_by")
    ),
)
