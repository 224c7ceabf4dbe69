"""What an erasure does on this floor: courses and their completion stay, what was answered inside a lesson goes."""

from django.utils.translation import gettext_lazy as _

from academy.doors import ErasureStep, person_erasures
from academy.models import User
from academy.person_record.coverage import keep_text
from academy.person_record.erasing import emptied, hidden, stays
from academy.person_record.naming import NOBODY, Marks
from courses.models import (
    Attendance,
    Attendee,
    BankAddition,
    ChangeCheck,
    ClassSession,
    CourseAssignment,
    CourseExtension,
    Enrolment,
    HourEntry,
    LessonProgress,
    ProgrammeAssignment,
    ProgrammeExtension,
    ProgrammeTick,
    TrainingExport,
)


@person_erasures.register
def course_steps(person: User, marks: Marks) -> list[ErasureStep]:
    answered = LessonProgress.objects.filter(enrolment__learner=person, check_response__isnull=False)
    return [
        emptied("lesson_answers", _("Answers inside lessons"), answered, check_response=None),
        emptied(
            "change_checks",
            _("Answers about changed house rules"),
            ChangeCheck.objects.filter(person=person).exclude(answer=""),
            answer=NOBODY,
        ),
        emptied(
            "course_extensions",
            _("Due dates of courses extended: the reason"),
            CourseExtension.objects.filter(assignee__person=person),
            reason=NOBODY,
        ),
        emptied(
            "programme_extensions",
            _("Due dates of programmes extended: the reason"),
            ProgrammeExtension.objects.filter(assignee__person=person),
            reason=NOBODY,
        ),
        emptied(
            "programme_ticks",
            _("Tasks of programmes: the note"),
            ProgrammeTick.objects.filter(person=person).exclude(note=""),
            note=NOBODY,
        ),
        emptied(
            "tasks_tried",
            _("Tasks tried at work: the words"),
            LessonProgress.objects.filter(enrolment__learner=person).exclude(tried_words=""),
            tried_words=NOBODY,
        ),
        hidden(
            "tasks_tried_by_others",
            _("Words on tasks that name the person"),
            [(LessonProgress.objects.exclude(enrolment__learner=person).exclude(tried_words=""), ("tried_words",))],
            marks,
        ),
        hidden(
            "course_assignments",
            _("Notes of assignments that name the person"),
            [
                (CourseAssignment.objects.all(), ("note", "withdrawal_reason")),
                (CourseExtension.objects.all(), ("reason",)),
                (ProgrammeAssignment.objects.all(), ("note", "withdrawal_reason")),
                (ProgrammeExtension.objects.all(), ("reason",)),
                (ProgrammeTick.objects.exclude(person=person), ("note",)),
                (BankAddition.objects.exclude(reason=""), ("reason",)),
            ],
            marks,
        ),
        emptied(
            "absences",
            _("Reasons of absence from classroom sessions"),
            Attendance.objects.filter(person=person).exclude(absence_reason=""),
            absence_reason=NOBODY,
        ),
        emptied(
            "places_given_up",
            _("Reasons of places given up"),
            Attendee.objects.filter(person=person).exclude(absence_reason=""),
            absence_reason=NOBODY,
        ),
        hidden(
            "hours",
            _("Training hours that name the person"),
            [
                (
                    HourEntry.objects.filter(person=person),
                    ("title", "title_en", "provider", "evidence", "withdrawn_reason"),
                ),
                (Attendance.objects.filter(person=person), ("withdrawn_reason",)),
            ],
            marks,
            tied=True,
        ),
        hidden(
            "classes",
            _("Classroom sessions that name the person"),
            [
                (ClassSession.objects.all(), ("lecturer", "note", "note_en")),
                (TrainingExport.objects.all(), ("question",)),
                (HourEntry.objects.exclude(person=person), ("evidence", "withdrawn_reason")),
            ],
            marks,
        ),
        stays("training_hours", _("Training hours with their dates"), HourEntry.objects.filter(person=person)),
        stays("enrolments", _("Courses with their dates"), Enrolment.objects.filter(learner=person)),
    ]


keep_text(
    "What a classroom session was about and the room of the bank it was held in.",
    "courses.ClassSession.title",
    "courses.ClassSession.title_en",
    "courses.ClassSession.place",
)
keep_text("The words of a task as the programme said them; they name nobody.", "courses.ProgrammeTick.said")
keep_text(
    "Points of the bank's checklist: content of the academy, which an editor changes.",
    "courses.BankAddition.name",
    "courses.BankAddition.name_en",
    "courses.BankAddition.asks",
    "courses.BankAddition.asks_en",
    "courses.BankAddition.place",
)
