"""What of a course has no language: its topic, hours and quizzes. A change holds at once, in every language."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from academy.bilingual import listed
from academy.calendar.clock import local_day
from academy.decisions.changing import FORESEEN, change_is_asked, propose_change, register_change
from academy.decisions.differences import label_of, shown
from academy.decisions.publishing import READERS
from academy.doors import by_name
from academy.errors.refusals import RuleViolation
from academy.journal import record, register_action
from academy.models import Proposal, Role, User
from academy.staff.access import holds_bank_wide
from courses.hours.minutes import follow_minutes, minutes_of
from courses.models import Course, CourseHours, CourseQuiz, Enrolment, Topic
from quizzes.models import Quiz

CHANGE = register_action("courses.change_settings", gettext_lazy("Course settings changed"))


def quiz_refusal(quizzes: Sequence[Quiz], *, course: Course, actor: User | None, now: datetime) -> str | None:
    """Why these quizzes cannot be placed in a course, or None. A draft cannot be sat, so nobody could finish.

    Who learns the course may sit them, so a level exam is newly placed by trainers of head office only.
    """
    drafts = [quiz.local_title for quiz in quizzes if not quiz.live]
    if drafts:
        return _("Publish the quiz first: %(titles)s") % {"titles": listed(drafts)}
    if len({quiz.pk for quiz in quizzes}) < len(quizzes):
        return _("Each quiz is placed once.")
    exams = {quiz.pk: quiz for quiz in quizzes if quiz.kind == Quiz.Kind.EXAM}
    if exams and actor is not None and not holds_bank_wide(actor, local_day(now), Role.TRAINER):
        for placed in course.placements.filter(quiz__in=exams).values_list("quiz", flat=True):
            exams.pop(placed)
        if exams:
            titles = listed(quiz.local_title for quiz in exams.values())
            return _("Trainers of head office place a level exam in a course: %(titles)s") % {"titles": titles}
    return None


@transaction.atomic
def change_course(
    *,
    course: Course,
    topic: Topic | None,
    hours: Decimal,
    quizzes_after_lessons: bool,
    quizzes: Sequence[Quiz],
    now: datetime,
    actor: User | None,
    days_needed: int | None = None,
    hours_reason: str = "",
    hours_from: date | None = None,
) -> Course:
    """Sets what holds for the course in every language. ``hours`` are of 45 minutes and hold for completions from today
    on, or from ``hours_from`` where that day is still to come: until then the course says what it says.

    Who has everything else done completes by the task that follows. Raises ``RuleViolation``.
    """
    refusal = quiz_refusal(quizzes, course=course, actor=actor, now=now)
    if refusal:
        raise RuleViolation(refusal)
    locked = Course.objects.select_for_update().get(pk=course.pk)
    before = _facts(locked)
    locked.topic, locked.quizzes_after_lessons = topic, quizzes_after_lessons
    if days_needed is not None:
        locked.days_needed = days_needed
    _set_hours(locked, hours, hours_reason, hours_from, local_day(now))
    locked.save(update_fields=["topic", "hours", "hours_reason", "quizzes_after_lessons", "days_needed"])
    locked.placements.exclude(quiz__in=quizzes).delete()
    for order, quiz in enumerate(quizzes):
        CourseQuiz.objects.update_or_create(course=locked, quiz=quiz, defaults={"sort_order": order})
    if follow_minutes(Course.objects.filter(pk=locked.pk)):
        locked.refresh_from_db(fields=["hours"])
    after = _facts(locked)
    if after != before:
        record(CHANGE, now=now, actor=actor, about=locked, before=before, after=after)
    if after["quizzes"] != before["quizzes"]:
        transaction.on_commit(lambda: by_name("courses.progress.tasks.heal_course_task").enqueue(locked.pk))
    return locked


def _set_hours(course: Course, hours: Decimal, reason: str, day: date | None, today: date) -> None:
    """Hours from today or from a later day on. What was decided for a later day before goes: there is one such day."""
    waiting = later_hours(course)
    if waiting is not None and (hours, day) == (waiting.after, waiting.holds_from) and reason == waiting.reason:
        return
    if waiting is not None:
        waiting.delete()
    is_later = day is not None and day > today
    if hours != course.hours:
        CourseHours.objects.create(
            course=course,
            holds_from=day if is_later and day else today,
            before=course.hours,
            after=hours,
            reason=reason,
            taken_over=not is_later,
        )
    if not is_later:
        course.hours = hours
    if not is_later or hours == course.hours:
        course.hours_reason = reason


def later_hours(course: Course) -> CourseHours | None:
    """The hours that were decided for a later day, or None."""
    return CourseHours.objects.filter(course=course, taken_over=False).first() if course.pk else None


def _facts(course: Course) -> dict:
    """What is set; where hours were decided for a later day, these with their day."""
    later = later_hours(course)
    hours, reason = (later.after, later.reason) if later else (course.hours, course.hours_reason)
    return {
        "topic": course.topic.slug if course.topic else "",
        "hours": str(hours.normalize()),
        "hours_reason": reason,
        **({"hours_from": later.holds_from.isoformat()} if later else {}),
        "days_needed": course.days_needed,
        "quizzes_after_lessons": course.quizzes_after_lessons,
        "quizzes": list(course.placements.order_by("sort_order").values_list("quiz__code", flat=True)),
    }


def _state(
    *,
    topic: Topic | None,
    hours: Decimal,
    days_needed: int,
    quizzes_after_lessons: bool,
    quizzes: Sequence[Quiz],
    hours_reason: str = "",
    hours_from: date | None = None,
) -> dict[str, Any]:
    """The settings in the form of ``_facts``, as they would be."""
    return {
        "topic": topic.slug if topic else "",
        "hours": str(hours.normalize()),
        "hours_reason": hours_reason,
        **({"hours_from": hours_from.isoformat()} if hours_from else {}),
        "days_needed": days_needed,
        "quizzes_after_lessons": quizzes_after_lessons,
        "quizzes": [quiz.code for quiz in quizzes],
    }


def settings_of(course: Course) -> dict[str, Any]:
    """What stands, as ``change_course`` takes it: for who changes a part of it."""
    later = later_hours(course)
    return {
        "topic": course.topic,
        "hours": later.after if later else course.hours,
        "hours_reason": later.reason if later else course.hours_reason,
        "hours_from": later.holds_from if later else None,
        "days_needed": course.days_needed,
        "quizzes_after_lessons": course.quizzes_after_lessons,
        "quizzes": [placed.quiz for placed in course.placements.select_related("quiz").order_by("sort_order")],
    }


def change_or_propose(*, course: Course, reason: str, now: datetime, actor: User, **settings: Any) -> Proposal | None:
    """Sets what holds for the course; where it counts for a certificate and there is a second person, proposes it.

    Raises ``RuleViolation``.
    """
    stored = Course.objects.get(pk=course.pk)
    before, after = _facts(stored), _state(**settings)
    if before == after or not change_is_asked(code=SETTINGS, thing=stored, actor=actor, now=now):
        change_course(course=course, now=now, actor=actor, **settings)
        return None
    refusal = quiz_refusal(settings["quizzes"], course=stored, actor=actor, now=now)
    if refusal:
        raise RuleViolation(refusal)
    facts = {"course": stored.pk, "before": before, "after": after}
    facts["impact"] = hours_foreseen(facts)
    return propose_change(
        code=SETTINGS,
        thing=stored,
        name=lambda: stored.local_title or stored.code,
        facts=facts,
        things=[stored],
        reason=reason,
        actor=actor,
        now=now,
    )


def hours_problem(hours: Decimal, reason: str, *, course: Course) -> str | None:
    """Why a course cannot count for so many hours, or None."""
    taken = minutes_of([course])[course.pk]
    if not taken.total or hours == taken.hours or reason.strip():
        return None
    text = _("By its minutes (%(minutes)s) the hours are %(hours)s. Other hours need a reason.")
    return text % {"minutes": taken.total, "hours": taken.hours}


def hours_foreseen(facts: dict[str, Any]) -> list[str]:
    """Whom other hours of a course concern, in sentences without names. Two queries where they are others."""
    before, after = facts["before"], facts["after"]
    if (before["hours"], before.get("hours_from")) == (after["hours"], after.get("hours_from")):
        return []
    rows = Enrolment.objects.filter(course=facts["course"])
    open_count, done_count = rows.filter(completed_at=None).count(), rows.exclude(completed_at=None).count()
    return [
        ngettext(
            "%(count)s completion keeps the %(hours)s hours that it counted for.",
            "%(count)s completions keep the %(hours)s hours that they counted for.",
            done_count,
        )
        % {"count": done_count, "hours": facts["before"]["hours"]},
        ngettext(
            "%(count)s person in the middle of it gets %(hours)s hours, as do all who complete it from that day on.",
            "%(count)s people in the middle of it get %(hours)s hours, as do all who complete it from that day on.",
            open_count,
        )
        % {"count": open_count, "hours": facts["after"]["hours"]},
        *([_said_from(after["hours_from"])] if after.get("hours_from") else []),
    ]


def _said_from(day: str) -> str:
    """The day of later hours, in a sentence."""
    said = date_format(date.fromisoformat(day), "SHORT_DATE_FORMAT")
    return _("They hold for what is completed from %(day)s on; before that the course counts as it does now.") % {
        "day": said
    }


def _course_of(facts: dict[str, Any]) -> Course | None:
    return Course.objects.filter(pk=facts["course"]).first()


def _current(facts: dict[str, Any]) -> dict[str, Any]:
    course = _course_of(facts)
    return _facts(course) if course is not None else {}


def _words(state: dict[str, Any]) -> list[tuple[str, Any, str]]:
    topic = Topic.objects.filter(slug=state["topic"]).first()
    titles = {quiz.code: quiz.local_title for quiz in Quiz.objects.filter(code__in=state["quizzes"])}
    said = {
        "topic": shown(topic),
        "hours": state["hours"],
        "hours_reason": shown(state.get("hours_reason", "")),
        "days_needed": shown(state["days_needed"]),
        "quizzes_after_lessons": shown(state["quizzes_after_lessons"]),
    }
    fields = [(name, label_of(Course, name), text) for name, text in said.items()]
    if state.get("hours_from"):
        fields.insert(2, ("hours_from", _("Hours hold from"), state["hours_from"]))
    return [*fields, ("quizzes", _("Quizzes"), "\n".join(titles.get(code, code) for code in state["quizzes"]))]


def _make(facts: dict[str, Any], *, reason: str, actor: User, now: datetime) -> None:
    course, after = _course_of(facts), facts["after"]
    assert course is not None
    quizzes = {quiz.code: quiz for quiz in Quiz.objects.filter(code__in=after["quizzes"])}
    if len(quizzes) < len(after["quizzes"]):
        raise RuleViolation(_("A quiz of it is not there any more."))
    change_course(
        course=course,
        topic=Topic.objects.filter(slug=after["topic"]).first(),
        hours=Decimal(after["hours"]),
        days_needed=after["days_needed"],
        hours_reason=after.get("hours_reason", ""),
        hours_from=date.fromisoformat(after["hours_from"]) if after.get("hours_from") else None,
        quizzes_after_lessons=after["quizzes_after_lessons"],
        quizzes=[quizzes[code] for code in after["quizzes"]],
        now=now,
        actor=actor,
    )


SETTINGS = register_change(
    "courses.change_settings",
    label=gettext_lazy("Settings of a course"),
    thing_of=_course_of,
    current=_current,
    words=_words,
    make=_make,
    readers=READERS,
)

FORESEEN[SETTINGS] = hours_foreseen
