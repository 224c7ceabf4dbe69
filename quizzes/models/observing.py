"""实操考核: what is observed, one occasion of it, and what each assessor saw."""

import uuid
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.contrib.admin import display
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from academy.bilingual import pick
from academy.calendar.clock import local_day
from academy.models.slugs import MadeSlugField, NamesItself
from academy.models.two_languages import SaidInTwoLanguages
from quizzes.models.private_files import PrivateFileField
from quizzes.models.rubric import Rubric


class ObservedPractice(NamesItself, SaidInTwoLanguages, models.Model):
    """One thing that can be observed: its rubric, who judges it and how several judgements become one."""

    class Kind(models.TextChoices):
        ROLE_PLAY = "role_play", _("Role play")
        AT_WORK = "at_work", _("Observed at work")
        CASE = "case", _("Case presented")

    class Combining(models.TextChoices):
        EACH = "each", _("Each assessor must pass it")
        MEAN = "mean", _("The mean of the assessors must pass")

    code = MadeSlugField(_("code"), made_from=("name_en", "name"), max_length=60, unique=True)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, default=Kind.AT_WORK)
    name = models.CharField(_("name (Chinese)"), max_length=120)
    name_en = models.CharField(_("name (English)"), max_length=120, blank=True)
    rubric = models.ForeignKey(
        Rubric, on_delete=models.PROTECT, related_name="observed_practices", verbose_name=_("rubric")
    )
    brief = models.TextField(
        _("what happens (Chinese)"), max_length=2000, blank=True, help_text=_("Read by everybody beforehand.")
    )
    brief_en = models.TextField(_("what happens (English)"), max_length=2000, blank=True)
    role_card = models.TextField(
        _("role card (Chinese)"),
        max_length=3000,
        blank=True,
        help_text=_("Who plays the client and how: only assessors read it."),
    )
    role_card_en = models.TextField(_("role card (English)"), max_length=3000, blank=True)
    sections = models.TextField(
        _("sections of the case (Chinese)"),
        max_length=1000,
        blank=True,
        help_text=_("One heading a line: what the written case holds. For cases only."),
    )
    sections_en = models.TextField(_("sections of the case (English)"), max_length=1000, blank=True)
    assessors = models.PositiveSmallIntegerField(
        _("assessors"), default=1, validators=[MinValueValidator(1), MaxValueValidator(3)]
    )
    assessor_rank = models.PositiveSmallIntegerField(
        _("assessors hold a level of rank"),
        null=True,
        blank=True,
        validators=[MaxValueValidator(20)],
        help_text=_(
            "At least; 1 is the lowest level, 0 asks for none. Empty: the level for which the observation counts."
        ),
    )
    combining = models.CharField(
        _("several assessors"), max_length=4, choices=Combining.choices, default=Combining.EACH
    )
    spread = models.PositiveSmallIntegerField(
        _("scores may differ by"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
        help_text=_("Points of 100. Further apart, one more assessor is asked and the middle score counts."),
    )
    pass_mark = models.DecimalField(
        _("pass mark"),
        max_digits=5,
        decimal_places=2,
        default=Decimal(70),
        validators=[MinValueValidator(Decimal("0.01")), MaxValueValidator(100)],
        help_text=_("Out of 100. A veto fails whatever the score."),
    )
    again_days = models.PositiveSmallIntegerField(
        _("again after (days)"), default=14, help_text=_("After one that was not passed.")
    )
    active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("observed practice")
        verbose_name_plural = _("observed practices")
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(condition=Q(assessors__gte=1, assessors__lte=3), name="one_to_three_assessors"),
        ]

    def __str__(self) -> str:
        return self.local_name

    def clean(self) -> None:
        if len(_lines(self.sections)) != len(_lines(self.sections_en)) and self.sections_en:
            raise ValidationError({"sections_en": _("As many headings as in Chinese, in the same order.")})

    def get_absolute_url(self) -> str:
        return reverse("observe:practice", args=[self.code])

    @property
    @display(description=_("observed practice"))
    def local_name(self) -> str:
        return self.words("name")

    @property
    def card_heading(self) -> str:
        """What assessors read beforehand: a role only where one is played."""
        played = self.kind == self.Kind.ROLE_PLAY
        return _t("Role card, for assessors only") if played else _t("Notes for assessors only")

    @property
    def headings(self) -> list[str]:
        """The sections of a written case in the language of the page."""
        return _lines(self.words("sections"))

    @property
    def veto_names(self) -> list[str]:
        return [pick(veto["name"], get_language() or "") for veto in self.rubric.as_data(observed=True)["vetoes"]]

    def terms(self) -> dict[str, Any]:
        """What an occasion is judged by from the day on which it was asked for: plain data, points as decimal texts."""
        return {
            "rubric": self.rubric.as_data(observed=True),
            "assessors": self.assessors,
            "combining": self.combining,
            "spread": self.spread,
            "pass_mark": f"{self.pass_mark.normalize():f}",
        }


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


OPEN = ("asked", "offered", "booked")


class Observation(models.Model):
    """One occasion: asked for, offered with time and place, booked, and scored or ended without a score."""

    class State(models.TextChoices):
        ASKED = "asked", pgettext_lazy("observation", "Requested")
        OFFERED = "offered", pgettext_lazy("observation", "Time proposed")
        BOOKED = "booked", pgettext_lazy("observation", "Booked")
        SCORED = "scored", pgettext_lazy("observation", "Scored")
        NO_SHOW = "no_show", pgettext_lazy("observation", "Did not come")
        WITHDRAWN = "withdrawn", pgettext_lazy("observation", "Withdrawn")
        EXPIRED = "expired", pgettext_lazy("observation", "Expired")
        UNCOUNTED = "uncounted", pgettext_lazy("observation", "Does not count")

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    practice = models.ForeignKey(
        ObservedPractice, on_delete=models.PROTECT, related_name="observations", verbose_name=_("observed practice")
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="observations", verbose_name=_("person")
    )
    state = models.CharField(_("state"), max_length=10, choices=State.choices, default=State.ASKED)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(_("asked for at"), default=timezone.now)
    words = models.CharField(_("wishes"), max_length=500, blank=True)
    terms = models.JSONField(default=dict)
    starts_at = models.DateTimeField(_("starts"), null=True, blank=True)
    place = models.CharField(_("place"), max_length=160, blank=True)
    put_off_at = models.DateTimeField(_("put off at"), null=True, blank=True)
    # The time that fell away at last, and why.
    put_off_from = models.DateTimeField(null=True, blank=True)
    put_off_reason = models.CharField(_("why it was put off"), max_length=500, blank=True)
    offered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    # The written case: {"sections": [{"heading", "text"}]}.
    case = models.JSONField(default=dict)
    # Or as a file, or both.
    case_file = PrivateFileField(_("written case"), upload_to="cases/", blank=True)
    case_handed_in_at = models.DateTimeField(null=True, blank=True)
    manager_allowed = models.BooleanField(
        _("the line manager may assess"), default=False, help_text=_("By a decision with a reason, see the journal.")
    )
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    end_reason = models.CharField(_("reason"), max_length=500, blank=True)
    observed_on = models.DateField(_("observed on"), null=True, blank=True)
    score = models.DecimalField(_("score"), max_digits=5, decimal_places=2, null=True, blank=True)
    passed = models.BooleanField(_("passed"), null=True, blank=True)
    settled_at = models.DateTimeField(_("settled at"), null=True, blank=True)
    followed_up_at = models.DateTimeField(null=True, blank=True, editable=False)
    annulled_at = models.DateTimeField(_("taken away at"), null=True, blank=True)
    answer = models.TextField(_("answer of the person"), max_length=1000, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("observation")
        verbose_name_plural = _("observations")
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "practice"], condition=Q(state__in=OPEN), name="one_open_observation_a_practice"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["offered", "booked"])
                | (Q(starts_at__isnull=False, offered_by__isnull=False) & ~Q(place="")),
                name="an_offer_names_time_and_place",
            ),
            models.CheckConstraint(
                condition=Q(
                    state="scored",
                    score__isnull=False,
                    passed__isnull=False,
                    observed_on__isnull=False,
                    settled_at__isnull=False,
                )
                | (~Q(state="scored") & Q(score=None, passed=None, settled_at=None)),
                name="what_is_scored_has_a_result",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["no_show", "withdrawn"]) | Q(ended_at__isnull=False, ended_by__isnull=False),
                name="an_ending_says_by_whom",
            ),
        ]
        indexes = [
            models.Index(fields=["person", "settled_at"], name="observation_of_person"),
            models.Index(fields=["state", "starts_at"], name="observation_to_come"),
        ]

    def __str__(self) -> str:
        return f"{self.practice_id} {self.person_id} {self.state}"

    def get_absolute_url(self) -> str:
        return reverse("observe:observation", args=[self.uuid])

    def may_be_undone(self) -> bool:
        """On its own day, and before somebody has offered a time, a request is undone with a press; later it takes a reason."""
        return not self.was_taken_up and local_day(self.asked_at) == local_day(timezone.now())

    @property
    def was_taken_up(self) -> bool:
        """Whether an assessor has ever offered a time for it."""
        return self.starts_at is not None or self.put_off_at is not None

    @property
    def starts_on(self) -> date | None:
        """The bank's day on which it takes place, once a time is offered."""
        return local_day(self.starts_at) if self.starts_at is not None else None

    @property
    def again_on(self) -> date | None:
        """After one that was not passed, the first day on which the practice may be asked for again."""
        if self.passed is not False or self.observed_on is None:
            return None
        return self.observed_on + timedelta(days=self.practice.again_days)

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def case_sections(self) -> list[dict[str, str]]:
        """The written case under the headings of the page's language; one that the practice has no more stays as written."""
        practice = self.practice
        said: dict[str, str] = {}
        for headings in (practice.sections, practice.sections_en):
            said.update(zip(_lines(headings), practice.headings, strict=False))
        return [
            {"heading": said.get(part["heading"], part["heading"]), "text": part["text"]}
            for part in self.case.get("sections", [])
        ]

    @property
    def further(self) -> bool:
        """Whether the assessors were too far apart, so that one more is asked and the middle of all scores counts."""
        return bool(self.terms.get("further"))

    @property
    def sheets_wanted(self) -> int:
        """How many assessors it takes; one more than the rule says where they were too far apart."""
        return int(self.terms["assessors"]) + self.further

    @cached_property
    def scored_by(self) -> int:
        """How many assessors have handed in; lists ask it with their rows (``sheets_done``)."""
        asked: int | None = vars(self).get("sheets_done")
        return self.sheets.exclude(handed_in_at=None).count() if asked is None else asked

    @property
    def being_scored(self) -> bool:
        """Whether it has taken place and has no result yet: some assessors have handed in."""
        return self.state == self.State.BOOKED and self.scored_by > 0

    @property
    def state_words(self) -> str:
        """Where it stands, as every screen says it."""
        if not self.being_scored:
            return str(self.get_state_display())
        return _t("Being scored: %(done)s of %(wanted)s") % {"done": self.scored_by, "wanted": self.sheets_wanted}


def sheets_handed_in() -> Coalesce:
    """How many sheets of each observation are handed in: ``sheets_done``, by which ``scored_by`` asks no more."""
    sheets = ScoreSheet.objects.filter(observation=OuterRef("pk"), handed_in_at__isnull=False)
    counted = sheets.order_by().values("observation").annotate(count=Count("pk")).values("count")
    return Coalesce(Subquery(counted, output_field=models.IntegerField()), 0)


# Of every kind of sheet: it has a score once it is handed in, and not before.
SCORED_ONCE_HANDED_IN = Q(handed_in_at=None, fraction=None) | Q(
    handed_in_at__isnull=False, fraction__gte=0, fraction__lte=1
)


class SheetInHand(models.Model):
    """A score sheet in one assessor's hands: a draft until handed in, final then."""

    # {"levels": {criterion: place}, "vetoes": [id]}; the sequence is the device's own counter, an older draft never wins.
    draft = models.JSONField(default=dict)
    comment = models.TextField(pgettext_lazy("assessor", "comment"), max_length=2000, blank=True)
    sequence = models.PositiveBigIntegerField(default=0)
    saved_at = models.DateTimeField(null=True, blank=True)
    handed_in_at = models.DateTimeField(_("handed in at"), null=True, blank=True)
    fraction = models.DecimalField(max_digits=12, decimal_places=10, null=True, blank=True)
    # What was chosen in the words of the day, as ``quizzes.marking.rubrics.judge`` gives it.
    chosen = models.JSONField(default=dict)

    class Meta:
        abstract = True

    @property
    def vetoed(self) -> bool:
        return bool(self.chosen.get("vetoes"))

    @property
    def counts(self) -> bool:
        """Whether enough was observed; every sheet did before criteria could be left unobserved."""
        return bool(self.chosen.get("counts", True))


class ScoreSheet(SheetInHand):
    """评分表 of one observation, by one assessor. A correction keeps what stood before."""

    observation = models.ForeignKey(Observation, on_delete=models.PROTECT, related_name="sheets")
    assessor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="score_sheets", verbose_name=_("assessor")
    )
    joined_at = models.DateTimeField(default=timezone.now)
    late_reason = models.CharField(_("why it is handed in late"), max_length=500, blank=True)
    # Of a correction: [{"fraction", "chosen", "comment", "until"}], the oldest first.
    before = models.JSONField(default=list)

    class Meta:
        verbose_name = _("score sheet")
        verbose_name_plural = _("score sheets")
        ordering = ["observation", "joined_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["observation", "assessor"], name="one_score_sheet_an_assessor"),
            models.CheckConstraint(condition=SCORED_ONCE_HANDED_IN, name="a_sheet_handed_in_has_a_score"),
        ]

    def __str__(self) -> str:
        return f"{self.observation_id} {self.assessor_id}"
