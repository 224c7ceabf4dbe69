"""培养计划: what is learnt, practised and observed in which month, with whom; assigned to an audience as courses are."""

from collections.abc import Collection
from datetime import date
from typing import Any

from django.conf import settings
from django.contrib.admin import display
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Case, DateField, Exists, OuterRef, Q, Value, When
from django.db.models.query import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel
from wagtail.models import Orderable

from academy.bilingual import in_every_language
from academy.models import Assignee, Extension
from academy.models.slugs import MadeSlugField, NamesItself
from academy.models.two_languages import SaidInTwoLanguages
from courses.models.assignments import AfterCourse
from courses.models.courses import Course
from courses.models.progress import Enrolment
from quizzes.models import Attempt, DialogueEnding, Observation, ObservedPractice, Quiz


class Programme(NamesItself, SaidInTwoLanguages, ClusterableModel):
    """So many months, month by month. Who is in it stands in its assignments."""

    code = MadeSlugField(_("code"), made_from=("name_en", "name"), max_length=60, unique=True)
    name = models.CharField(_("name (Chinese)"), max_length=120)
    name_en = models.CharField(_("name (English)"), max_length=120, blank=True)
    summary = models.CharField(_("in a sentence (Chinese)"), max_length=255, blank=True)
    summary_en = models.CharField(_("in a sentence (English)"), max_length=255, blank=True)
    months = models.PositiveSmallIntegerField(
        _("months"), default=18, validators=[MinValueValidator(1), MaxValueValidator(60)]
    )
    days_needed = models.PositiveSmallIntegerField(
        _("days needed"),
        default=90,
        help_text=_("An assignment gives nobody fewer days than this, unless HR decides otherwise."),
    )
    active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("programme")
        verbose_name_plural = _("programmes")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.local_name

    @property
    @display(description=_("programme"))
    def local_name(self) -> str:
        return self.words("name")


class ProgrammeStep(SaidInTwoLanguages, Orderable):
    """One thing to be done by the end of a month: it leads to what stands already, or is a task that somebody ticks."""

    class Does(models.TextChoices):
        COURSE = "course", _("Course completed")
        QUIZ = "quiz", _("Quiz or exam passed")
        DIALOGUE = "dialogue", _("Client dialogue won")
        OBSERVATION = "observation", _("Observed practice passed")
        TASK = "task", _("Task at work, ticked by somebody")

    class Ticks(models.TextChoices):
        MENTOR = "mentor", _("Mentor")
        MANAGER = "manager", _("Line manager")

    programme = ParentalKey(Programme, on_delete=models.CASCADE, related_name="steps")
    month = models.PositiveSmallIntegerField(
        _("by the end of month"), validators=[MinValueValidator(1), MaxValueValidator(60)]
    )
    does = models.CharField(_("kind"), max_length=12, choices=Does.choices, default=Does.COURSE)
    course = models.ForeignKey(
        Course, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("course")
    )
    quiz = models.ForeignKey(
        Quiz, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("quiz or dialogue")
    )
    practice = models.ForeignKey(
        ObservedPractice,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("observed practice"),
    )
    ticked_by = models.CharField(_("ticked by"), max_length=8, choices=Ticks.choices, blank=True)
    name = models.CharField(
        _("shown as (Chinese)"), max_length=160, blank=True, help_text=_("Empty: named after what it leads to.")
    )
    name_en = models.CharField(_("shown as (English)"), max_length=160, blank=True)
    hint = models.CharField(_("how and with whom (Chinese)"), max_length=300, blank=True)
    hint_en = models.CharField(_("how and with whom (English)"), max_length=300, blank=True)

    class Meta(Orderable.Meta):
        verbose_name = _("step of a programme")
        verbose_name_plural = _("steps of a programme")
        ordering = ["month", "sort_order", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(does="course", course__isnull=False)
                | Q(does__in=["quiz", "dialogue"], quiz__isnull=False)
                | Q(does="observation", practice__isnull=False)
                | (Q(does="task") & ~Q(ticked_by="") & ~Q(name="")),
                name="a_step_names_what_is_done",
            )
        ]

    def __str__(self) -> str:
        return self.local_name

    def clean(self) -> None:
        needs = {"course": "course", "quiz": "quiz", "dialogue": "quiz", "observation": "practice"}
        missing = [needs[self.does]] if self.does in needs else ["name", "ticked_by"]
        faults = {name: _("This kind of step needs it.") for name in missing if not getattr(self, name)}
        if self.month and self.programme_id and self.month > self.programme.months:
            faults["month"] = _("The programme is over by then.")
        if faults:
            raise ValidationError(faults)

    @property
    def target_key(self) -> int:
        """The key of what it leads to; of a task its own."""
        return self.course_id or self.quiz_id or self.practice_id or self.pk

    @property
    def local_name(self) -> str:
        return self.words("name") or self._target_words()

    def _target_words(self) -> str:
        """What it leads to; of a dialogue also that it has to be won."""
        target = str(self.course or self.quiz or self.practice or "")
        return _t("Win the client over: %(dialogue)s") % {"dialogue": target} if self._is_dialogue else target

    @property
    def _is_dialogue(self) -> bool:
        return self.does == self.Does.DIALOGUE

    @property
    def hint_words(self) -> str:
        return self.words("hint")

    @property
    def titles(self) -> dict[str, str]:
        """Its name in both languages."""
        if self.name:
            return {"zh-hans": self.name, "en": self.name_en or self.name}
        if self.course is not None:
            return self.course.titles or {"zh-hans": self.course.code}
        if self.practice is not None:
            return self.practice.names
        if self._is_dialogue:
            return in_every_language(self._target_words)
        return self.quiz.titles if self.quiz is not None else {}

    def get_absolute_url(self) -> str:
        """Where it is done, '' of a task. A quiz of a course is opened from there: who has not begun the course finds none.
        ``placed_in`` is its course, as ``stands`` reads it along."""
        if self.course is not None:
            return reverse("courses:course", args=[self.course.code])
        if placed_in := getattr(self, "placed_in", None):
            return reverse("courses:course", args=[placed_in])
        if self.quiz is not None:
            return self.quiz.get_absolute_url()
        return self.practice.get_absolute_url() if self.practice is not None else ""


class ProgrammeTick(models.Model):
    """A task done at work, as mentor or manager saw it. Taken back by ``withdrawn_at``, never deleted."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="programme_ticks")
    step = models.ForeignKey(ProgrammeStep, null=True, on_delete=models.SET_NULL, related_name="ticks")
    # As it was said when it was ticked: a programme is rewritten, what somebody did is not.
    said = models.JSONField(default=dict)
    done_on = models.DateField(_("done on"))
    ticked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("ticked by")
    )
    note = models.CharField(_("note"), max_length=300, blank=True)
    recorded_at = models.DateTimeField(default=timezone.now)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("task done")
        verbose_name_plural = _("tasks done")
        ordering = ["-done_on", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "step"], condition=Q(withdrawn_at=None), name="one_tick_a_person_and_step"
            ),
            models.CheckConstraint(condition=~Q(person=models.F("ticked_by")), name="nobody_ticks_the_own_task"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.step_id} {self.done_on}"


def proofs(on: date) -> dict[str, QuerySet[Any]]:
    """What proves a step of each kind on a day, whoever's."""
    does = ProgrammeStep.Does
    passed = Attempt.objects.counting().filter(passed=True, finished_at__date__lte=on)
    return {
        does.COURSE: Enrolment.objects.filter(completed_on__lte=on),
        does.QUIZ: passed,
        does.DIALOGUE: DialogueEnding.objects.filter(
            kind=DialogueEnding.Kind.WON, ended_on__lte=on, attempt__annulled_at=None
        ),
        does.OBSERVATION: Observation.objects.filter(passed=True, annulled_at=None, observed_on__lte=on),
        does.TASK: ProgrammeTick.objects.filter(withdrawn_at=None, done_on__lte=on),
    }


# By kind of step: the fields of the proof that name the person, the thing and the day, and the step's own field.
PROVEN_BY = {
    ProgrammeStep.Does.COURSE: ("learner", "course", "completed_on", "course"),
    ProgrammeStep.Does.QUIZ: ("learner", "quiz", "finished_at", "quiz"),
    ProgrammeStep.Does.DIALOGUE: ("person", "attempt__quiz", "ended_on", "quiz"),
    ProgrammeStep.Does.OBSERVATION: ("person", "practice", "observed_on", "practice"),
    ProgrammeStep.Does.TASK: ("person", "step", "done_on", "pk"),
}


class ProgrammeAssignment(AfterCourse):
    """A programme for an audience: whoever is posted into it is in the programme from that day on."""

    kind = "programme"
    target_field = "programme"
    done_needs = ()

    programme = models.ForeignKey(
        Programme, on_delete=models.PROTECT, related_name="assignments", verbose_name=_("programme")
    )

    class Meta(AfterCourse.Meta):
        verbose_name = _("programme assignment")
        verbose_name_plural = _("programme assignments")

    def __str__(self) -> str:
        return f"{self.programme} → {self.audience}"

    @classmethod
    def targets(cls) -> models.QuerySet:
        return Programme.objects.filter(active=True)

    @classmethod
    def titles_of(cls, target: Any) -> dict[str, str]:
        return target.names

    @classmethod
    def path_of(cls, target: Any) -> str:
        return reverse("courses:programme")

    @classmethod
    def done_days(cls, rows: Collection[Assignee], on: date) -> dict[int, date]:
        """Done with its last step, whichever that was. As many queries as kinds of steps, and one for the steps."""
        programmes = {row.assignment.programme_id for row in rows}
        steps: dict[int, list[ProgrammeStep]] = {}
        for step in ProgrammeStep.objects.filter(programme__in=programmes):
            steps.setdefault(step.programme_id, []).append(step)
        done = days_of_proof({row.person_id for row in rows}, [step for some in steps.values() for step in some], on)
        found: dict[int, date] = {}
        for row in rows:
            days = [done.get((row.person_id, step.pk)) for step in steps.get(row.assignment.programme_id, ())]
            known = [day for day in days if day is not None]
            if days and len(known) == len(days):
                found[row.pk] = max(known)
        return found

    @classmethod
    def done_expression(cls, on: date) -> Any:
        """The day asked, of whom every step is proven by then."""
        proven = Q()
        for does, rows in proofs(on).items():
            person, thing, _day, own = PROVEN_BY[ProgrammeStep.Does(does)]
            asked = rows.filter(**{person: OuterRef(OuterRef("person")), thing: OuterRef(own)})
            proven |= Q(Exists(asked), does=does)
        steps = ProgrammeStep.objects.filter(programme=OuterRef("assignment__programme"))
        done = Exists(steps) & ~Exists(steps.exclude(proven))
        return Case(When(done, then=Value(on)), default=None, output_field=DateField())


def days_of_proof(people: Collection[int], steps: Collection[ProgrammeStep], on: date) -> dict[tuple[int, int], date]:
    """By person and step, the first day on which it was done. A query for each kind of step that is among them."""
    found: dict[tuple[int, int], date] = {}
    for does, rows in proofs(on).items():
        person, thing, day, _own = PROVEN_BY[ProgrammeStep.Does(does)]
        asked: dict[int, list[int]] = {}
        for step in steps:
            if step.does == does:
                asked.setdefault(step.target_key, []).append(step.pk)
        if not asked:
            continue
        proven = rows.filter(**{f"{person}__in": people, f"{thing}__in": list(asked)})
        for whose, what, when in proven.values_list(person, thing, day):
            on_day = timezone.localtime(when).date() if day == "finished_at" else when
            for pk in asked[what]:
                found[whose, pk] = min(on_day, found.get((whose, pk), on_day))
    return found


class ProgrammeAssignee(Assignee):
    assignment = models.ForeignKey(ProgrammeAssignment, on_delete=models.PROTECT, related_name="people")
    mentor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("mentor"),
    )

    class Meta(Assignee.Meta):
        verbose_name = _("person with an assigned programme")
        verbose_name_plural = _("people with an assigned programme")
        # The name that the base makes is longer than a database takes.
        indexes = [
            models.Index(fields=["assignment", "until"], name="programme_of_assignment"),
            models.Index(fields=["mentor"], condition=Q(until=None), name="programme_by_mentor"),
        ]

    def __str__(self) -> str:
        return f"{self.assignment_id} {self.person_id} {self.since}"


class ProgrammeExtension(Extension):
    assignee = models.ForeignKey(ProgrammeAssignee, on_delete=models.PROTECT, related_name="extensions")

    def __str__(self) -> str:
        return f"{self.assignee_id} {self.due_on}"
