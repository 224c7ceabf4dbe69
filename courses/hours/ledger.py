"""Entering, withdrawing and correcting hours. A completed course adds its hours once; nothing is ever rewritten."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from academy.calendar.clock import local_day
from academy.calendar.turns import register_turns
from academy.errors.refusals import RuleViolation
from academy.journal import Entry, record, record_many, register_action
from academy.models import User
from academy.staff.access import own_refusal
from courses.models import Attendance, Course, CourseHours, Enrolment, HourCategory, HourEntry
from courses.models.hours import LEAST, MOST

ENTER = register_action("courses.enter_hours", gettext_lazy("Training hours entered"))
WITHDRAW = register_action("courses.withdraw_hours", gettext_lazy("Training hours withdrawn"))
CORRECT = register_action("courses.correct_hours", gettext_lazy("Training hours corrected"))
TAKEN_OVER = register_action("courses.take_over_hours", gettext_lazy("Decided hours of a course hold from today"))
REVIEW = register_action("courses.review_hours", gettext_lazy("Training hours reviewed"))

CREDITING = register_turns(
    "hours of completed courses", label=gettext_lazy("Hours of a completed course"), model=Enrolment, tries=3
)
EARLIEST = date(1990, 1, 1)
HOURS_A_DAY = Decimal(24)


@dataclass(frozen=True)
class Training:
    """One training as somebody enters it. ``hours`` are of 45 minutes; ``year`` None: the year of the last day."""

    title: str
    first_day: date
    last_day: date
    hours: Decimal
    category: str
    provider: str = ""
    evidence: str = ""
    title_en: str = ""
    year: int | None = None

    @property
    def counts_for(self) -> int:
        return self.year or self.last_day.year


def training_refusal(training: Training, today: date) -> str | None:
    """Why this cannot be entered, or None. Pure."""
    if not training.title.strip():
        return _("Say which training it was.")
    if training.category not in HourCategory.values:
        return _("There is no such category.")
    if training.last_day < training.first_day:
        return _("The last day is before the first.")
    if training.last_day > today:
        return _("The training is not over yet; hours are entered afterwards.")
    if training.first_day < EARLIEST:
        return _("No hours are recorded from before 1990.")
    if not training.first_day.year <= training.counts_for <= training.last_day.year + 1:
        return _("The year must be that of the training or the one after it.")
    return hours_refusal(training.hours, (training.last_day - training.first_day).days + 1)


def hours_refusal(hours: Decimal, days: int) -> str | None:
    """Why so many hours on so many days cannot be. Pure."""
    if not hours.is_finite() or not LEAST <= hours <= MOST or hours != hours.quantize(LEAST):
        return _("Hours go from 0.1 to 400, with one decimal place.")
    if hours > HOURS_A_DAY * days:
        return _("No more than 24 hours fit into a day.")
    return None


def credit_completion(*, enrolment: Enrolment, now: datetime) -> HourEntry | None:
    """The hours of a completed course, once for each time through it. Idempotent; None while it is not completed."""
    if enrolment.completed_on is None:
        return None
    changes = changes_of_hours([enrolment.course_id])
    entry, created = HourEntry.objects.get_or_create(enrolment=enrolment, defaults=_of_course(enrolment, changes, now))
    return entry if created else None


def changes_of_hours(courses: Iterable[int]) -> dict[int, list[CourseHours]]:
    """By course, the days on which its figure became another, in their order. One query."""
    changes: dict[int, list[CourseHours]] = {}
    for change in CourseHours.objects.filter(course__in=set(courses)).order_by("holds_from", "pk"):
        changes.setdefault(change.course_id, []).append(change)
    return changes


def hours_on(course: Course, day: date, changes: dict[int, list[CourseHours]]) -> Decimal:
    """What completing the course on a day counts for."""
    known = changes.get(course.pk, [])
    later = [change for change in known if change.holds_from > day]
    if later:
        return later[0].before
    # Its day has come before the clock took it over.
    return known[-1].after if known and not known[-1].taken_over else course.hours


def take_over_hours(*, now: datetime, today: date) -> int:
    """The day's pass: a course says the hours whose day has come. Idempotent. Returns how many."""
    waiting = CourseHours.objects.filter(taken_over=False, holds_from__lte=today)
    return sum(_take_over(change.pk, now) for change in waiting.order_by("pk"))


@transaction.atomic
def _take_over(pk: int, now: datetime) -> int:
    change = CourseHours.objects.select_for_update().filter(pk=pk, taken_over=False).first()
    if change is None:
        return 0
    course = Course.objects.select_for_update().get(pk=change.course_id)
    before = {"hours": str(course.hours.normalize())}
    course.hours, course.hours_reason, change.taken_over = change.after, change.reason, True
    course.save(update_fields=["hours", "hours_reason"])
    change.save(update_fields=["taken_over"])
    after = {"hours": str(change.after.normalize()), "holds_from": change.holds_from.isoformat()}
    record(TAKEN_OVER, now=now, actor=None, about=course, before=before, after=after)
    return 1


def _of_course(enrolment: Enrolment, changes: dict[int, list[CourseHours]], now: datetime) -> dict[str, Any]:
    course, day = enrolment.course, enrolment.completed_on
    return {
        "person_id": enrolment.learner_id,
        "source": HourEntry.Source.COURSE,
        "effective_from": day,
        "effective_until": day,
        "year": day.year if day else 0,
        "hours": hours_on(course, day, changes) if day else course.hours,
        "category": course.topic.hour_category if course.topic else HourCategory.PROFESSION,
        "title": course.title or course.title_en or course.code,
        "title_en": course.title_en,
        "recorded_at": now,
    }


def credit_missed_completions(*, now: datetime, limit: int = 100_000) -> int:
    """Hours of completions that have none: from before the ledger, or after a fault. Idempotent. Returns how many."""
    missed = Enrolment.objects.filter(
        ~Exists(HourEntry.objects.filter(enrolment=OuterRef("pk"))), completed_on__isnull=False
    ).select_related("course__topic")

    def credit(enrolments: list[Enrolment]) -> int:
        changes = changes_of_hours(enrolment.course_id for enrolment in enrolments)
        entries = [HourEntry(enrolment=enrolment, **_of_course(enrolment, changes, now)) for enrolment in enrolments]
        HourEntry.objects.bulk_create(entries, batch_size=500, ignore_conflicts=True)
        return len(entries)

    return CREDITING.together(missed, credit, now=now, size=2_000, most=limit)


def credit_attendances(*, attendances: Sequence[Attendance], actor: User, now: datetime) -> int:
    """Hours of those whose hours are recognised, all of one session. Idempotent. In the caller's transaction."""
    counted = [attendance for attendance in attendances if attendance.recognition == Attendance.Recognition.YES]
    HourEntry.objects.bulk_create(
        [
            HourEntry(
                person_id=attendance.person_id,
                attendance=attendance,
                source=HourEntry.Source.CLASSROOM,
                effective_from=local_day(attendance.session.starts_at),
                effective_until=local_day(attendance.session.ends_at),
                year=local_day(attendance.session.ends_at).year,
                hours=attendance.session.hours,
                category=attendance.session.category,
                title=attendance.session.title,
                title_en=attendance.session.title_en,
                provider=attendance.session.lecturer,
                recorded_at=now,
                recorded_by=actor,
            )
            for attendance in counted
        ],
        batch_size=500,
        ignore_conflicts=True,
    )
    return len(counted)


@transaction.atomic
def enter_hours(*, people: Sequence[User], training: Training, actor: User, now: datetime) -> list[HourEntry]:
    """The same training for everybody named. Who has it already is left out. Raises ``RuleViolation``."""
    refusal = own_refusal(actor, [person.pk for person in people]) or training_refusal(training, local_day(now))
    if refusal:
        raise RuleViolation(refusal)
    have = set(
        HourEntry.objects.current()
        .filter(
            person__in=people,
            title=training.title.strip(),
            effective_from=training.first_day,
            effective_until=training.last_day,
        )
        .values_list("person", flat=True)
    )
    made = [
        HourEntry(
            person=person, source=HourEntry.Source.ENTERED, recorded_at=now, recorded_by=actor, **_fields(training)
        )
        for person in people
        if person.pk not in have
    ]
    HourEntry.objects.bulk_create(made, batch_size=500)
    record_many(
        [
            Entry(
                ENTER,
                about=f"courses.hourentry:{hour_entry.pk}",
                person=hour_entry.person_id,
                after=facts_of(hour_entry),
            )
            for hour_entry in made
        ],
        now=now,
        actor=actor,
    )
    return made


def _fields(training: Training) -> dict[str, Any]:
    return {
        "effective_from": training.first_day,
        "effective_until": training.last_day,
        "year": training.counts_for,
        "hours": training.hours,
        "category": training.category,
        "title": training.title.strip(),
        "title_en": training.title_en.strip(),
        "provider": training.provider.strip(),
        "evidence": training.evidence.strip(),
    }


@transaction.atomic
def withdraw_hours(*, entry: HourEntry, reason: str, actor: User, now: datetime) -> HourEntry:
    """Takes hours out; the row stays and says why. Raises ``RuleViolation`` without a reason or when it is done already."""
    locked = _standing(entry, reason)
    _withdraw(locked, reason, now)
    record(
        WITHDRAW,
        now=now,
        actor=actor,
        about=locked,
        person=locked.person,
        reason=reason.strip(),
        before=facts_of(locked),
    )
    return locked


@transaction.atomic
def correct_hours(*, entry: HourEntry, training: Training, reason: str, actor: User, now: datetime) -> HourEntry:
    """Withdraws a row and appends the right one beside it. Raises ``RuleViolation``."""
    refusal = own_refusal(actor, [entry.person_id]) or training_refusal(training, local_day(now))
    if refusal:
        raise RuleViolation(refusal)
    locked = _standing(entry, reason)
    _withdraw(locked, reason, now)
    corrected = HourEntry.objects.create(
        person=locked.person,
        source=HourEntry.Source.ENTERED,
        corrects=locked,
        recorded_at=now,
        recorded_by=actor,
        **_fields(training),
    )
    record(
        CORRECT,
        now=now,
        actor=actor,
        about=corrected,
        person=locked.person,
        reason=reason.strip(),
        before=facts_of(locked),
        after=facts_of(corrected),
    )
    return corrected


def review_refusal(entry: HourEntry, actor: User) -> str | None:
    """Why the person cannot stand as the reviewer of an entry, or None: the second of two people, on a row that counts."""
    if entry.withdrawn_at is not None:
        return _("These hours were withdrawn.")
    if entry.reviewed_at is not None:
        return _("This was reviewed already.")
    if entry.recorded_by_id is None:
        return _("The academy entered this itself; nobody reviews it.")
    own = own_refusal(actor, [entry.person_id])
    if own:
        return own
    return _("Whoever entered it cannot review it.") if entry.recorded_by_id == actor.pk else None


@transaction.atomic
def review_hours(*, entry: HourEntry, actor: User, now: datetime) -> HourEntry:
    """复核: a second person stands for the entry. Set once. Raises ``RuleViolation``."""
    locked = HourEntry.objects.select_for_update(of=("self",)).get(pk=entry.pk)
    refusal = review_refusal(locked, actor)
    if refusal:
        raise RuleViolation(refusal)
    locked.reviewed_by, locked.reviewed_at = actor, now
    locked.save(update_fields=["reviewed_by", "reviewed_at"])
    record(REVIEW, now=now, actor=actor, about=locked, person=locked.person)
    return locked


def _standing(entry: HourEntry, reason: str) -> HourEntry:
    if not reason.strip():
        raise RuleViolation(_("A reason is needed."))
    locked = HourEntry.objects.select_for_update(of=("self",)).select_related("person").get(pk=entry.pk)
    if locked.withdrawn_at is not None:
        raise RuleViolation(_("These hours were withdrawn."))
    if locked.source == HourEntry.Source.CLASSROOM:
        raise RuleViolation(_("These hours come from a session; correct the attendance there."))
    return locked


def _withdraw(entry: HourEntry, reason: str, now: datetime) -> None:
    entry.withdrawn_at, entry.withdrawn_reason = now, reason.strip()[:500]
    entry.save(update_fields=["withdrawn_at", "withdrawn_reason"])


def facts_of(entry: HourEntry) -> dict[str, Any]:
    """What the journal keeps of an entry."""
    return {
        "training": entry.title,
        "from": entry.effective_from,
        "until": entry.effective_until,
        "year": entry.year,
        "hours": str(entry.hours),
        "category": entry.category,
        "provider": entry.provider,
        "evidence": entry.evidence,
    }
