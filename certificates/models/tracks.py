"""What a level asks for: a track per level, its date rule, and its requirements in versions."""

import re
from decimal import Decimal

from django.conf import settings
from django.contrib.admin import display
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey, ParentalManyToManyField
from modelcluster.models import ClusterableModel
from wagtail.models import Orderable

from academy.bilingual import listed
from academy.dates.remind_days import REMIND_DAYS, check_remind_days, read_remind_days
from academy.models import CareerLevel, Line, Position
from academy.models.fields import CheckedCharField
from academy.models.levels import by_rank
from academy.models.slugs import MadeSlugField, NamesItself
from certificates.models.outside_documents import OutsideDocumentKind
from courses.models import Course
from quizzes.models import ObservedPractice, Quiz

# The number stands last, so that what is before it names the counter; anything else in braces could not be filled in.
SERIAL_PATTERN = RegexValidator(
    r"^([A-Za-z0-9-]|\{level\}|\{year\}|\{branch\})*\{sequence:0[3-9]\}\Z",
    _("Letters, digits, hyphens, {level}, {year}, {branch}, and {sequence:06} at the end."),
)

MARK = RegexValidator(r"^[\w.-]+\Z", _("Letters, digits, hyphens and underscores."))


def read_marks(text: str) -> tuple[str, ...]:
    """What is parted by commas, Chinese ones too, each once in the order typed. Pure."""
    return tuple(dict.fromkeys(part.strip() for part in re.split(r"[,，、;；]", text) if part.strip()))


def check_marks(text: str) -> None:
    """Raises ``ValidationError`` where one of them is no mark."""
    for mark in read_marks(text):
        MARK(mark)


# Its versions stand on a clusterable model, which has no types.
class CertificationTrack(NamesItself, models.Model):  # type: ignore[django-manager-missing]
    """认证项目 (HR), 晋级路径 (learner)."""

    class Mode(models.TextChoices):
        """How the dates are reckoned, see ``certificates.rules.dates``."""

        COMPLETION = "completion", _("From the day of completion")
        EXPIRY = "expiry", _("From the last expiry")
        FIXED = "fixed", _("To a fixed day of the year")
        POSTING = "posting", _("Until some months after taking up the post")

    class Award(models.TextChoices):
        AUTOMATIC = "automatic", _("At once when everything is met")
        APPROVAL = "approval", _("When HR approves")

    code = MadeSlugField(_("code"), made_from=("name_en", "name"), max_length=40, unique=True)
    level = models.ForeignKey(
        CareerLevel, on_delete=models.PROTECT, related_name="tracks", verbose_name=_("career level")
    )
    name = models.CharField(_("name (Chinese)"), max_length=120)
    name_en = models.CharField(_("name (English)"), max_length=120, blank=True)
    award = models.CharField(_("award"), max_length=12, choices=Award.choices, default=Award.APPROVAL)
    mode = models.CharField(_("validity"), max_length=12, choices=Mode.choices, default=Mode.FIXED)
    active_months = models.PositiveSmallIntegerField(
        _("valid for (months)"), default=12, validators=[MinValueValidator(1)]
    )
    window_months = models.PositiveSmallIntegerField(
        _("renewal window (months)"), default=3, help_text=_("Renewal counts from this long before the last day.")
    )
    minimum_months = models.PositiveSmallIntegerField(
        _("at least (months)"), default=6, help_text=_("Fixed day only: no certificate is shorter than this.")
    )
    anchor_month = models.PositiveSmallIntegerField(
        _("fixed day: month"), default=1, validators=[MinValueValidator(1), MaxValueValidator(12)]
    )
    anchor_day = models.PositiveSmallIntegerField(
        _("fixed day: day"),
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(31)],
        help_text=_("The first day no longer valid: 1 January means valid through 31 December."),
    )
    renewable = models.BooleanField(_("can be renewed"), default=True)
    grace_days = models.PositiveSmallIntegerField(_("grace (days)"), default=90)
    grace_counts = models.BooleanField(
        _("grace counts for the post"),
        default=False,
        help_text=_(
            "In grace the level still covers what a post asks for and counts as expiring soon. Otherwise it "
            "does not, but nobody counts as working without it until the grace is over."
        ),
    )
    counts_before_days = models.PositiveSmallIntegerField(
        _("counts from (days before the window)"),
        default=0,
        validators=[MaxValueValidator(730)],
        help_text=_(
            "What is asked every cycle counts for the renewal from this many days before its window opens, "
            "but never from before the award that is renewed. 0: from the day on which it opens."
        ),
    )
    remind_days = CheckedCharField(
        _("reminders (days before)"),
        max_length=60,
        blank=True,
        default=", ".join(map(str, REMIND_DAYS)),
        validators=[check_remind_days],
        help_text=_("Days before the due day or the last valid day, separated by commas. Empty: nobody is reminded."),
    )
    round_lines = models.JSONField(
        _("in rounds only"),
        default=list,
        blank=True,
        help_text=_(
            "People posted in these lines are first awarded the level in a certification round; between rounds they wait "
            "for the next one. None ticked: awarded as above while no round is under way. Renewals are awarded as above."
        ),
    )
    days_needed = models.PositiveSmallIntegerField(
        _("days needed"),
        default=30,
        help_text=_("An assignment gives nobody fewer days than this, unless HR decides otherwise."),
    )
    serial_pattern = models.CharField(
        _("serial number"),
        max_length=80,
        default="{level}-{year}-{branch}-{sequence:06}",
        validators=[SERIAL_PATTERN],
        help_text=_("{level}, {year}, {branch} and {sequence:06} are filled in."),
    )
    design = models.ForeignKey(
        "certificates.CertificateDesign",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="tracks",
        verbose_name=_("certificate design"),
    )
    active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("certification track")
        verbose_name_plural = _("certification tracks")
        ordering = [*by_rank(), "code"]
        constraints = [
            models.CheckConstraint(condition=Q(active_months__gt=models.F("window_months")), name="window_is_shorter"),
            models.CheckConstraint(
                condition=~Q(mode="fixed")
                | Q(minimum_months__gte=models.F("window_months"), minimum_months__lte=models.F("active_months")),
                name="minimum_lies_between_window_and_active",
            ),
        ]

    def __str__(self) -> str:
        return self.local_name

    @property
    @display(description=_("track"))
    def local_name(self) -> str:
        return (self.name_en or self.name) if get_language() == "en" else self.name

    def get_round_lines_display(self) -> str:
        """The lines that are awarded it in rounds only, in words; '' where there is none."""
        return listed(Line(line).label for line in self.round_lines)

    @property
    def reminder_days(self) -> tuple[int, ...]:
        """What ``Duty.remind_days`` of this track's duties is."""
        return read_remind_days(self.remind_days)


class RuleVersion(ClusterableModel):
    """One wording of a track's requirements. In force from its day until the next one's; never edited then."""

    track = models.ForeignKey(
        CertificationTrack, on_delete=models.PROTECT, related_name="rule_versions", verbose_name=_("track")
    )
    number = models.PositiveIntegerField(editable=False)
    effective_from = models.DateField(_("in force from"))
    note = models.CharField(_("what changed"), max_length=255, blank=True)
    transition_until = models.DateField(
        _("those under way finish under the old version through"),
        null=True,
        blank=True,
        help_text=_(
            "Whoever has met a requirement of the version before, or has an open renewal, on the day before "
            "this one comes into force finishes under the version before. Empty: this version applies to "
            "everybody at once."
        ),
    )
    recorded_at = models.DateTimeField(default=timezone.now, editable=False)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("version of the requirements")
        verbose_name_plural = _("versions of the requirements")
        ordering = ["track", "number"]
        constraints = [models.UniqueConstraint(fields=["track", "number"], name="one_rule_version_a_number")]

    def __str__(self) -> str:
        return f"{self.track_id} v{self.number}"


class Requirement(Orderable, ClusterableModel):
    """One thing asked. How it is judged stands in ``certificates.rules.standing``."""

    class Kind(models.TextChoices):
        COURSE = "course", _("Course completed")
        QUIZ = "quiz", _("Quiz or exam passed")
        LEVEL_HELD = "level_held", _("Level held for some months")
        POSTED = "posted", _("Posted in a position")
        MONTHS_IN_POST = "months_in_post", _("Months in post")
        YEARS_IN_FINANCE = "years_in_finance", _("Years in finance")
        OBSERVATION = "observation", _("Observed practice")
        HOURS = "hours", _("Hours in the period")
        RECOMMENDATION = "recommendation", _("Recommendation by the line manager")
        NO_BAN = "no_ban", _("No open ban")
        COURSE_TAUGHT = "course_taught", _("Course taught")
        OUTSIDE_DOCUMENT = "outside_document", _("Outside document")
        DIALOGUE = "dialogue", _("Client dialogue won")

    class Phase(models.TextChoices):
        APPLY = "apply", _("May apply (entry condition)")
        PASS = "pass", _("Must pass (requirement)")

    class Purpose(models.TextChoices):
        FIRST = "first", _("First award")
        RENEWAL = "renewal", _("Renewal")
        BOTH = "both", _("First award and renewal")

    class Lasts(models.TextChoices):
        """有效方式: how long its evidence counts."""

        ONCE = "once", _("Once, for ever")
        WITHIN = "within", _("Within the last months")
        CYCLE = "cycle", _("Again every cycle")
        SPAN = "span", _("Within the validity that is renewed")
        YEARLY = "yearly", _("In each natural year of that validity")

    rule_version = ParentalKey(RuleVersion, on_delete=models.CASCADE, related_name="requirements")
    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices)
    active = models.BooleanField(
        _("switched on"), default=True, help_text=_("Switched off, it is asked of nobody; its place is kept.")
    )
    name = models.CharField(
        _("shown as (Chinese)"), max_length=120, blank=True, help_text=_("Empty: named after its kind.")
    )
    name_en = models.CharField(_("shown as (English)"), max_length=120, blank=True)
    phase = models.CharField(_("belongs to"), max_length=10, choices=Phase.choices, default=Phase.PASS)
    purpose = models.CharField(_("asked for"), max_length=10, choices=Purpose.choices, default=Purpose.FIRST)
    group = models.CharField(
        _("choice group"),
        max_length=40,
        blank=True,
        help_text=_("Requirements with the same word here are alternatives; empty: always asked."),
    )
    group_needs = models.PositiveSmallIntegerField(
        _("how many of the group"), default=1, validators=[MinValueValidator(1)]
    )
    course = models.ForeignKey(
        Course, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("course")
    )
    quiz = models.ForeignKey(
        Quiz, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("quiz or exam")
    )
    score = models.DecimalField(
        _("score of at least"),
        max_digits=5,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal("0.01")), MaxValueValidator(100)],
        help_text=_("Out of 100. Empty: the quiz's own pass mark."),
    )
    level = models.ForeignKey(
        CareerLevel, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("level held")
    )
    positions = ParentalManyToManyField(
        Position,
        blank=True,
        verbose_name=_("positions"),
        related_name="+",
        help_text=_("For “posted in a position” and “months in post”: the posts that meet it."),
    )
    practices = ParentalManyToManyField(
        ObservedPractice,
        blank=True,
        verbose_name=_("observed practices"),
        related_name="+",
        help_text=_("Several: any of them counts."),
    )
    documents = ParentalManyToManyField(
        OutsideDocumentKind,
        blank=True,
        verbose_name=_("outside documents"),
        related_name="+",
        help_text=_("Several: any of them counts."),
    )
    only_positions = ParentalManyToManyField(
        Position,
        blank=True,
        verbose_name=_("only of these positions"),
        related_name="+",
        help_text=_(
            "Asked only of people who hold one of these posts on the day; whoever takes one up later is "
            "asked from that day on. None: asked of everybody. In a choice group nobody is asked for more "
            "than apply to them."
        ),
    )
    amount = models.PositiveSmallIntegerField(
        _("how many"),
        null=True,
        blank=True,
        help_text=_("Months, years, hours, observations or documents, as the kind says."),
    )
    lasts = models.CharField(_("evidence counts"), max_length=10, choices=Lasts.choices, default=Lasts.ONCE)
    lasts_months = models.PositiveSmallIntegerField(
        _("within the last (months)"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    mark = CheckedCharField(
        _("mark"),
        max_length=40,
        blank=True,
        validators=[MARK],
        help_text=_("A short name by which an exam of this list refers to it. A new version keeps it."),
    )
    opens_after = CheckedCharField(
        _("opens after"),
        max_length=400,
        blank=True,
        validators=[check_marks],
        help_text=_(
            "Exams only: it can be sat once every entry condition and the requirements with these marks are "
            "met. Marks are separated by commas."
        ),
    )

    class Meta(Orderable.Meta):
        verbose_name = _("requirement")
        verbose_name_plural = _("requirements")
        constraints = [
            models.CheckConstraint(condition=~Q(kind="course") | Q(course__isnull=False), name="course_is_named"),
            models.CheckConstraint(condition=~Q(kind="quiz") | Q(quiz__isnull=False), name="quiz_is_named"),
            models.CheckConstraint(condition=~Q(kind="dialogue") | Q(quiz__isnull=False), name="dialogue_is_named"),
            models.CheckConstraint(condition=~Q(kind="level_held") | Q(level__isnull=False), name="level_is_named"),
            models.CheckConstraint(
                condition=~Q(kind__in=["months_in_post", "years_in_finance", "hours"]) | Q(amount__isnull=False),
                name="amount_is_given",
            ),
            models.CheckConstraint(
                condition=~Q(lasts="within") | Q(lasts_months__isnull=False), name="lasting_months_are_given"
            ),
        ]

    def __str__(self) -> str:
        return self.local_name or self.get_kind_display()

    @property
    def opening_marks(self) -> tuple[str, ...]:
        """The marks of what must be met before this exam can be sat."""
        return read_marks(self.opens_after)

    @property
    def local_name(self) -> str:
        """Its own words in the language of the page, '' where it has none."""
        return (self.name_en or self.name) if get_language() == "en" else self.name
