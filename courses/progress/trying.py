"""明天试一试: the task at the end of a lesson. The person says that it was tried, whoever leads them ticks it as seen. It
counts for nothing by itself, and nobody is told: it is read where one looks anyway."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models.query import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from academy.calendar.clock import local_day
from academy.errors.refusals import BESIDE, RuleViolation, refuse_numbers
from academy.journal import record, register_action
from academy.models import User
from academy.staff.access import team_of
from courses.models import LessonProgress

SEE = register_action("courses.see_tried", gettext_lazy("Task of a lesson ticked as seen"))
UNSEE = register_action("courses.unsee_tried", gettext_lazy("Tick of a lesson's task taken back"))
WORDS_LIMIT = 300


def card_tag(page: int) -> str:
    """Of the messages that stand on the card of a lesson page's task."""
    return f"{BESIDE} task-{page}"


@transaction.atomic
def say_tried(*, progress: LessonProgress, words: str, now: datetime) -> LessonProgress:
    """With a line of words, if any, which may be said anew until it was seen. Raises ``RuleViolation``."""
    row = LessonProgress.objects.select_for_update().get(pk=progress.pk)
    if row.done_at is None:
        raise RuleViolation(_("Do the lesson first, then try its task."))
    if row.seen_at is not None:
        raise RuleViolation(_("This was seen already and stays as it is."))
    refuse_numbers(words)
    row.tried_at, row.tried_words = row.tried_at or now, words.strip()[:WORDS_LIMIT]
    row.save(update_fields=["tried_at", "tried_words"])
    return row


@transaction.atomic
def unsay_tried(*, progress: LessonProgress) -> LessonProgress:
    """A tick by mistake, until somebody saw it. Raises ``RuleViolation`` afterwards."""
    row = LessonProgress.objects.select_for_update().get(pk=progress.pk)
    if row.seen_at is not None:
        raise RuleViolation(_("This was seen already and stays as it is."))
    row.tried_at, row.tried_words = None, ""
    row.save(update_fields=["tried_at", "tried_words"])
    return row


def tried_in_team(manager: User, now: datetime) -> QuerySet[LessonProgress]:
    """What people of the team said they tried, the oldest first; a stand-in's team is the manager's."""
    team = team_of(manager, local_day(now)).values("pk")
    rows = LessonProgress.objects.filter(enrolment__learner__in=team, tried_at__isnull=False)
    return rows.select_related("enrolment__learner", "enrolment__course", "lesson").order_by("tried_at", "pk")


@transaction.atomic
def see_tried(*, manager: User, rows: Iterable[int], now: datetime) -> int:
    """Ticks several at once; what is seen already, or of nobody in the team, is left out. Returns how many."""
    waiting = tried_in_team(manager, now).filter(pk__in=list(rows), seen_at=None)
    # The row alone is locked: the rest is read beside it.
    found = list(waiting.select_for_update(of=("self",)))
    for row in found:
        row.seen_at, row.seen_by = now, manager
        row.save(update_fields=["seen_at", "seen_by"])
        said = {"course": row.enrolment.course.code, "lesson": row.lesson.code}
        record(SEE, now=now, actor=manager, about=row, person=row.enrolment.learner, after=said)
    return len(found)


@transaction.atomic
def unsee_tried(*, manager: User, row: int, now: datetime) -> None:
    """The manager's own tick, on its day. Raises ``RuleViolation``."""
    seen = tried_in_team(manager, now).filter(pk=row, seen_by=manager)
    found = seen.select_for_update(of=("self",)).first()
    if found is None or found.seen_at is None or local_day(found.seen_at) != local_day(now):
        raise RuleViolation(_("There is no tick of today that you can take back."))
    found.seen_at, found.seen_by = None, None
    found.save(update_fields=["seen_at", "seen_by"])
    said = {"course": found.enrolment.course.code, "lesson": found.lesson.code}
    record(UNSEE, now=now, actor=manager, about=found, person=found.enrolment.learner, before=said)
