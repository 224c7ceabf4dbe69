"""What people are told to do: the bases that the upper floors fill with a course or a track, and the work behind them."""

import uuid
from collections.abc import Collection
from datetime import date
from typing import Any, ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from academy.dates.due_dates import (
    RELATIVE,
    Due,
    DueFrom,
    DueRule,
    DueUnit,
    Problem,
    ShortTime,
    due_on,
    due_with_enough_time,
)
from academy.dates.remind_days import REMIND_DAYS
from academy.models.audiences import Audience
from academy.models.jobs import JobRow

# Rows of whichever concrete ``Assignee``: what is asked of them are mostly fields that only those have.
type AssigneeRows = models.QuerySet[Any, Any]


class Assignment(models.Model):
    """指派: an audience is to do something by a day. Never deleted; withdrawn with a reason.

    The concrete class names its target by ``kind`` and ``target_field`` and answers for what is done.
    """

    # Its people, which point here, and the course it may be counted from, of kinds that have one.
    people: Any
    after_course: Any
    kind: ClassVar[str]
    target_field: ClassVar[str]
    # The fields of the target that hold its name, in each language.
    target_names: ClassVar[tuple[str, ...]] = ("name", "name_en")
    # What ``done_days`` and the words about the target read beside it.
    done_needs: ClassVar[tuple[str, ...]] = ()

    audience = models.ForeignKey(Audience, on_delete=models.PROTECT, related_name="+", verbose_name=_("audience"))
    required = models.BooleanField(
        _("required"), default=True, help_text=_("Without the tick it is a recommendation: shown, never missed.")
    )
    effective_from = models.DateField(_("assigned from"), help_text=_("People see it from this day on."))
    due_from = models.CharField(_("due"), max_length=12, choices=DueFrom.choices, default=DueFrom.FIXED)
    due_date = models.DateField(
        _("on the day"), null=True, blank=True, help_text=_("The last day that is still in time.")
    )
    due_amount = models.PositiveSmallIntegerField(
        _("how long after it"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(3660)]
    )
    due_unit = models.CharField(_("unit"), max_length=8, choices=DueUnit.choices, default=DueUnit.DAYS)
    short_time = models.CharField(
        _("who has not enough time"), max_length=8, choices=ShortTime.choices, default=ShortTime.MINIMUM
    )
    note = models.CharField(_("note"), max_length=255, blank=True, help_text=_("For HR; learners do not see it."))
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )
    evaluated_at = models.DateTimeField(null=True, editable=False)
    withdrawn_at = models.DateTimeField(null=True, editable=False)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )
    withdrawal_reason = models.TextField(blank=True, editable=False)

    class Meta:
        abstract = True
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(due_from=DueFrom.FIXED) | Q(due_date__isnull=False), name="%(class)s_fixed_day_is_given"
            ),
            models.CheckConstraint(
                condition=~Q(due_from__in=RELATIVE) | Q(due_amount__isnull=False), name="%(class)s_period_is_given"
            ),
        ]

    @property
    def target(self) -> Any:
        return getattr(self, self.target_field)

    @property
    def target_id(self) -> int:
        return getattr(self, f"{self.target_field}_id")

    @classmethod
    def assignees(cls) -> Any:
        """The model of its kind's people; its extensions are the rows that point at that."""
        return cls.people.rel.related_model

    @property
    def rule(self) -> DueRule:
        return DueRule(self.due_from, self.due_date, self.due_amount or 0, self.due_unit)

    def due_on(self, *, since: date, event: date | None) -> Due:
        """The due day of one person who is in it from ``since`` on; ``event`` is what the rule counts from."""
        return due_with_enough_time(
            due_on(self.rule, event), since=since, days_needed=self.target.days_needed, short_time=self.short_time
        )

    def completion_days(self, people: Collection[int]) -> dict[int, date]:
        """When each of the people completed the other course that the due date is counted from."""
        raise NotImplementedError

    @classmethod
    def targets(cls) -> models.QuerySet:
        """What can be assigned just now."""
        raise NotImplementedError

    @classmethod
    def titles_of(cls, target: Any) -> dict[str, str]:
        """The target's name in each language."""
        raise NotImplementedError

    @classmethod
    def path_of(cls, target: Any) -> str:
        """Where a learner acts on it."""
        raise NotImplementedError

    @classmethod
    def subject_of(cls, target: Any) -> str:
        """What a duty to do it is about, whoever else asks for the same."""
        return f"{cls.kind}:{target.pk}"

    @classmethod
    def reminder_days_of(cls, target: Any) -> tuple[int, ...]:
        """How many days before the due date a reminder is sent."""
        return REMIND_DAYS

    @classmethod
    def done_days(cls, rows: Collection["Assignee"], on: date) -> dict[int, date]:
        """By row, the day on which the person had done it, for those who had on ``on``. One query."""
        raise NotImplementedError

    @classmethod
    def done_expression(cls, on: date) -> Any:
        """``done_days`` as a subquery over rows of people, so that the database chooses among them."""
        raise NotImplementedError


class Assignee(models.Model):
    """One person in one assignment from a day to a day. Who drops out and comes back has two rows.

    Whoever drops out is out of it that same day: the last day is the day before, also of who came that day.
    """

    class Ended(models.TextChoices):
        """Why somebody is in it no more."""

        MOVED = "moved", _("No longer in the audience")
        LEFT = "left", _("Left the bank")
        WITHDRAWN = "withdrawn", _("Assignment withdrawn")
        TAKEN_OUT = "taken_out", _("Taken out by HR")

    # The concrete class points at its assignment, and its extensions at it; ``state`` is of rows that a listing chose.
    assignment: Any
    assignment_id: int
    extensions: Any
    state: str

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="%(class)ss", verbose_name=_("person")
    )
    since = models.DateField(_("assigned since"))
    until = models.DateField(
        pgettext_lazy("last day", "until"), null=True, blank=True, help_text=_("Last day, inclusive.")
    )
    ended_because = models.CharField(_("ended because"), max_length=12, choices=Ended.choices, blank=True)
    # As the rule gave it on joining; what extensions and leave add lies on top and is never written here.
    due_on = models.DateField(_("due on"), null=True, blank=True)
    problem = models.CharField(_("exception"), max_length=8, choices=Problem.choices, blank=True)
    recorded_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["assignment", "person"], condition=Q(until=None), name="%(class)s_once_open_a_person"
            ),
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=models.F("since")) | ~Q(ended_because=""),
                name="%(class)s_span_is_ordered",
            ),
        ]
        indexes = [models.Index(fields=["assignment", "until"], name="%(class)s_of_assignment")]

    @property
    def last_day(self) -> date | None:
        """As lists say it: who came and dropped out on one day had that day."""
        return max(self.since, self.until) if self.until else None

    @property
    def extended_to(self) -> date | None:
        """What the newest extension says; read with the extensions prefetched."""
        newest = list(self.extensions.all())[-1:]
        return newest[0].due_on if newest else None


class Extension(models.Model):
    """A later due date for one person, with its reason. The newest holds; the older ones stay."""

    due_on = models.DateField(_("due on"))
    reason = models.TextField(_("reason"))
    recorded_on = models.DateField()
    recorded_at = models.DateTimeField(default=timezone.now)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        abstract = True
        ordering = ["pk"]


class AssignmentWork(JobRow):
    """One act on many people's rows: carried out by a task with a progress bar that one may leave."""

    class Act(models.TextChoices):
        EVALUATE = "evaluate", _("Who is in it is updated")
        EXTEND = "extend", _("Extend")
        TAKE_OUT = "take_out", _("Take people out")
        WITHDRAW = "withdraw", _("Withdraw assignment")
        TAKE_BACK = "take_back", _("Undo the withdrawal")
        SHEET = "sheet", _("List as a workbook")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=20)
    assignment_id = models.BigIntegerField()
    act = models.CharField(max_length=12, choices=Act.choices)
    details = models.JSONField(default=dict)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    requested_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["kind", "assignment_id", "-id"], name="assignment_work_of")]

    def __str__(self) -> str:
        return f"{self.kind} {self.assignment_id} {self.act}"
