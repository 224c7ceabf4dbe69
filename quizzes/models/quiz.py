"""A quiz: rules and slots. An instrument that does not know what it is used for."""

from decimal import Decimal
from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import get_language, gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from modelcluster.models import ClusterableModel
from wagtail.models import (
    DraftStateMixin,
    LockableMixin,
    PreviewableMixin,
    RevisionMixin,
    WorkflowMixin,
)
from wagtail.search import index

from academy.doors import by_name
from academy.models.fields import CheckedTextField, ComputedJSONField
from academy.models.slugs import MadeSlugField, NamesItself
from quizzes.models.kept_relations import revisions_of, workflow_states_of
from quizzes.models.matrix import default_matrix
from quizzes.models.networks import validate_networks


class Quiz(
    NamesItself,
    WorkflowMixin,
    PreviewableMixin,
    DraftStateMixin,
    LockableMixin,
    RevisionMixin,
    index.Indexed,
    ClusterableModel,
):
    """Bilingual texts, rules and slots. The address is ``/quizzes/<code>/``."""

    class Kind(models.TextChoices):
        COURSE = "course", _("Course quiz")
        EXAM = "exam", _("Level exam")
        PRACTICE = "practice", _("Practice")

    class Counts(models.TextChoices):
        """Which attempt counts, inside one occasion."""

        HIGHEST = "highest", _("The best attempt")
        AVERAGE = "average", _("The average of the marked attempts")
        FIRST = "first", _("The first attempt")
        LAST = "last", _("The last attempt")

    class TimeOut(models.TextChoices):
        """What happens when the time is over."""

        AUTOSUBMIT = "autosubmit", _("Handed in automatically, with what is saved")
        GRACE = "grace", _("No more answers, but time to hand in yourself; otherwise it does not count")
        ABANDON = "abandon", _("What is not handed in by then does not count")

    class Behaviour(models.TextChoices):
        """When an answer is judged."""

        DEFERRED = "deferred", _("Exam: judged after handing in")
        IMMEDIATE = "immediate", _("Practice: each answer can be checked at once, and is then fixed")
        INTERACTIVE = "interactive", _("Hints: after a wrong answer a hint and another try, for fewer marks")

    class Navigation(models.TextChoices):
        FREE = "free", _("Free: forward and back")
        ONE_WAY = "one_way", _("One way: a page that was left does not come back")

    code = MadeSlugField(_("code"), made_from=("title_en", "title"), max_length=80, unique=True)
    kind = models.CharField(
        _("kind"),
        max_length=10,
        choices=Kind.choices,
        default=Kind.COURSE,
        help_text=_("A course quiz closes a course, a level exam gates a level. Practice never counts for either."),
    )
    title = models.CharField(_("title (Chinese)"), max_length=160, blank=True)
    title_en = models.CharField(_("title (English)"), max_length=160, blank=True)
    intro = models.TextField(_("introduction (Chinese)"), blank=True)
    intro_en = models.TextField(_("introduction (English)"), blank=True)
    pass_mark = models.DecimalField(
        _("pass mark"),
        max_digits=5,
        decimal_places=2,
        default=Decimal(80),
        validators=[MinValueValidator(1), MaxValueValidator(100)],
        help_text=_("Out of 100."),
    )
    counts = models.CharField(
        _("which attempt counts"),
        max_length=10,
        choices=Counts.choices,
        default=Counts.HIGHEST,
        help_text=_("What was passed once stays passed, whichever counts."),
    )
    attempts_allowed = models.PositiveSmallIntegerField(
        pgettext_lazy("allowed", "attempts"),
        null=True,
        blank=True,
        default=3,
        validators=[MinValueValidator(1)],
        help_text=_("Empty: as often as one likes. A level exam usually has 2: the first sitting and one re-sit."),
    )
    wait_minutes = models.PositiveIntegerField(
        _("wait before the second attempt (minutes)"),
        default=24 * 60,
        help_text=_("Counted from the end of the attempt before. 1440 minutes are 24 hours."),
    )
    wait_later_minutes = models.PositiveIntegerField(
        _("wait before each later attempt (minutes)"),
        default=24 * 60,
        help_text=_("From the third attempt on. 1440 minutes are 24 hours."),
    )
    resit_within_days = models.PositiveSmallIntegerField(
        _("re-sits within (days)"),
        null=True,
        blank=True,
        help_text=_("Days after the end of the first sitting in which it may be sat again. Empty: no limit."),
    )
    opens_at = models.DateTimeField(_("opens"), null=True, blank=True, help_text=_("Empty: open at once."))
    closes_at = models.DateTimeField(
        _("closes"), null=True, blank=True, help_text=_("Anyone still answering then is out of time. Empty: never.")
    )
    time_limit_minutes = models.PositiveSmallIntegerField(
        _("time limit (minutes)"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("Empty: no limit."),
    )
    time_out = models.CharField(
        _("when the time is over"), max_length=12, choices=TimeOut.choices, default=TimeOut.AUTOSUBMIT
    )
    grace_minutes = models.PositiveSmallIntegerField(
        _("minutes left for handing in"),
        default=10,
        validators=[MinValueValidator(1)],
        help_text=_("Only with time left to hand in: how long after the end."),
    )
    behaviour = models.CharField(
        _("answers are judged"), max_length=12, choices=Behaviour.choices, default=Behaviour.DEFERRED
    )
    hints_allowed = models.PositiveSmallIntegerField(
        _("hints a question"),
        default=2,
        validators=[MinValueValidator(1), MaxValueValidator(5)],
        help_text=_("Only with hints: how often a wrong answer may be corrected."),
    )
    hint_penalty = models.DecimalField(
        _("each hint costs"),
        max_digits=6,
        decimal_places=5,
        default=Decimal("0.33333"),
        validators=[MinValueValidator(0), MaxValueValidator(1)],
        help_text=_(
            "Only with hints: the share of the question's marks. 0.25 is a quarter; 0.3333 is counted as exactly a third."
        ),
    )
    expected_band = models.PositiveSmallIntegerField(
        _("papers alike in difficulty (± points of 100)"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(50)],
        help_text=_(
            "How far a drawn paper's expected score may lie from the average of its blueprint, judged by "
            "how often each question is answered correctly. Where this cannot be met, the nearest paper is "
            "drawn. Empty: no limit."
        ),
    )
    pool_year = models.PositiveSmallIntegerField(
        _("questions of the year"),
        null=True,
        blank=True,
        validators=[MinValueValidator(2000), MaxValueValidator(2199)],
        help_text=_(
            "For a refresher whose questions are renewed every year: the year its questions belong to. From 1 December on "
            "you are reminded of the next year's; once the year is over, learners are told that the questions are old. "
            "Empty: not renewed by year."
        ),
    )
    shuffle_questions = models.BooleanField(_("shuffle the questions"), default=True)
    questions_per_page = models.PositiveSmallIntegerField(
        _("questions on a page"),
        default=1,
        validators=[MaxValueValidator(200)],
        help_text=_("1: one question a page. 0: all on one page."),
    )
    navigation = models.CharField(_("moving"), max_length=10, choices=Navigation.choices, default=Navigation.FREE)
    review_matrix = ComputedJSONField(_("shown to the learner"), default=default_matrix)
    answers_wait = models.BooleanField(
        _("explanations and right answers wait"),
        default=True,
        help_text=_("They come only once passed or when no attempt is left, because the questions stay in use."),
    )
    markers = models.PositiveSmallIntegerField(
        _("markers of each essay"),
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(3)],
        help_text=_("With two or more, each marks without seeing the others; the mean counts."),
    )
    marking_tolerance = models.DecimalField(
        _("tolerated difference (%)"),
        max_digits=5,
        decimal_places=2,
        default=Decimal(15),
        validators=[MinValueValidator(0), MaxValueValidator(100)],
        help_text=_("Of the marks of the question. Where markers differ by more, a further marker decides."),
    )
    withhold_results = models.BooleanField(
        _("results wait for their release"),
        default=False,
        help_text=_("Nobody sees a mark and nothing follows from it until you release the results."),
    )
    password = models.CharField(max_length=128, blank=True, editable=False)
    networks = CheckedTextField(
        _("networks"),
        blank=True,
        validators=[validate_networks],
        help_text=_("Only from these addresses, one range a line, such as 10.8.0.0/16. Empty: from everywhere."),
    )

    workflow_states = workflow_states_of("quiz")
    _revisions = revisions_of("quiz")

    search_fields = [
        index.SearchField("title"),
        index.SearchField("title_en"),
        index.AutocompleteField("title"),
        index.AutocompleteField("title_en"),
        index.AutocompleteField("code"),
    ]

    class Meta:
        verbose_name = _("quiz")
        verbose_name_plural = _("quizzes")
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(pass_mark__gt=0, pass_mark__lte=100), name="pass_mark_is_between_0_and_100"
            ),
            models.CheckConstraint(
                condition=Q(opens_at=None) | Q(closes_at=None) | Q(closes_at__gt=F("opens_at")),
                name="a_quiz_closes_after_it_opens",
            ),
            models.CheckConstraint(
                condition=~Q(kind="exam") | (Q(behaviour="deferred") & ~Q(time_out="abandon")),
                name="an_exam_is_judged_after_handing_in_and_never_lost",
            ),
        ]

    def __str__(self) -> str:
        return self.local_title

    @property
    def kind_word(self) -> str:
        """What it is to its learners: an exam of a level, and one of a month, are exams."""
        return gettext("Exam") if self.kind == self.Kind.EXAM else self.get_kind_display()

    def save(self, *args: Any, **kwargs: Any) -> None:
        """A level exam gives neither hints nor verdicts while it is sat, and no late click loses it. The form says so; a
        draft from elsewhere or from before that is published without it (by a reviewer, by the clock) is set right."""
        if self.kind == self.Kind.EXAM:
            self.behaviour = self.Behaviour.DEFERRED
            if self.time_out == self.TimeOut.ABANDON:
                self.time_out = self.TimeOut.AUTOSUBMIT
        super().save(*args, **kwargs)

    @property
    def revisions(self):
        return self._revisions

    @property
    def preview_modes(self):
        return by_name("quizzes.views.previews.MODES")

    @property
    def default_preview_mode(self):
        return by_name("quizzes.views.previews.first_mode")(set(self.titles))

    def serve_preview(self, request, mode_name):
        return by_name("quizzes.views.previews.preview_quiz")(request, self, mode_name)

    @property
    def titles(self) -> dict[str, str]:
        return {k: v for k, v in (("zh-hans", self.title), ("en", self.title_en)) if v}

    def get_kind_display(self) -> str:
        """As Django's own, which makes a table of all kinds each time."""
        return str(KIND_NAMES.get(self.kind, self.kind))

    @property
    def local_title(self) -> str:
        """The title in the language of the page, else the other."""
        first, second = (self.title_en, self.title) if get_language() == "en" else (self.title, self.title_en)
        return first or second or self.code

    @property
    def local_intro(self) -> str:
        first, second = (self.intro_en, self.intro) if get_language() == "en" else (self.intro, self.intro_en)
        return first or second

    def get_absolute_url(self) -> str:
        return reverse("quizzes:start", args=[self.code])


KIND_NAMES: dict[str, Any] = dict(Quiz.Kind.choices)
