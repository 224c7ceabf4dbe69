"""A quiz: rules and slots. An instrument that does not know what it is used for."""

from decimal import Decimal

from django.contrib.contenttypes.fields import GenericRelation
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel
from wagtail.models import (
    DraftStateMixin,
    LockableMixin,
    Orderable,
    PreviewableMixin,
    RevisionMixin,
    WorkflowMixin,
)
from wagtail.search import index

from quizzes.models.bank import Difficulty, Question, QuestionCategory


class Quiz(
    WorkflowMixin, PreviewableMixin, DraftStateMixin, LockableMixin, RevisionMixin, index.Indexed, ClusterableModel
):
    """Bilingual texts, rules and slots. The address is ``/quizzes/<code>/``."""

    class Kind(models.TextChoices):
        COURSE = "course", _("Course quiz")
        EXAM = "exam", _("Level exam")

    class Review(models.TextChoices):
        """What a learner sees after handing in."""

        RESULT = "result", _("The result only")
        EXPLANATIONS = "explanations", _("Which were right, with explanations")
        ANSWERS = "answers", _("As before, and the right answers once passed")

    code = models.SlugField(
        _("code"), max_length=80, unique=True, help_text=_("Part of the address; do not change it later.")
    )
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices, default=Kind.COURSE)
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
    attempts_allowed = models.PositiveSmallIntegerField(
        _("attempts"), null=True, blank=True, default=3, help_text=_("Empty: as often as one likes.")
    )
    wait_minutes = models.PositiveIntegerField(
        _("wait between attempts (minutes)"), default=24 * 60, help_text=_("1440 minutes are 24 hours.")
    )
    time_limit_minutes = models.PositiveSmallIntegerField(
        _("time limit (minutes)"), null=True, blank=True, help_text=_("Empty: no limit.")
    )
    shuffle_questions = models.BooleanField(_("shuffle the questions"), default=True)
    review = models.CharField(
        _("shown after handing in"), max_length=20, choices=Review.choices, default=Review.ANSWERS
    )

    workflow_states = GenericRelation(
        "wagtailcore.WorkflowState",
        content_type_field="base_content_type",
        object_id_field="object_id",
        related_query_name="quiz",
        for_concrete_model=False,
    )
    _revisions = GenericRelation(
        "wagtailcore.Revision",
        content_type_field="base_content_type",
        object_id_field="object_id",
        related_query_name="quiz",
        for_concrete_model=False,
    )

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
            )
        ]

    def __str__(self) -> str:
        return self.local_title

    @property
    def revisions(self):
        return self._revisions

    @property
    def preview_modes(self):
        from quizzes.previews import MODES

        return MODES

    def serve_preview(self, request, mode_name):
        from quizzes.previews import language_of, preview_quiz

        return preview_quiz(request, self, language_of(mode_name))

    @property
    def titles(self) -> dict[str, str]:
        return {k: v for k, v in (("zh-hans", self.title), ("en", self.title_en)) if v}

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


class QuizSlot(Orderable):
    """A chosen question, or a random draw from a category."""

    quiz = ParentalKey(Quiz, on_delete=models.CASCADE, related_name="slots")
    question = models.ForeignKey(
        Question, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("question")
    )
    category = models.ForeignKey(
        QuestionCategory,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("draw from category"),
    )
    difficulty = models.CharField(
        _("difficulty"), max_length=10, choices=Difficulty.choices, blank=True, help_text=_("Empty: any.")
    )
    count = models.PositiveSmallIntegerField(
        _("how many to draw"), default=1, validators=[MinValueValidator(1), MaxValueValidator(200)]
    )
    mark = models.DecimalField(
        _("marks for each"),
        max_digits=6,
        decimal_places=2,
        default=Decimal(1),
        validators=[MinValueValidator(Decimal("0.01"))],
    )

    class Meta(Orderable.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(question__isnull=False, category=None) | Q(question=None, category__isnull=False),
                name="a_slot_is_a_question_or_a_draw",
            )
        ]

    def __str__(self) -> str:
        return f"{self.quiz_id} {self.sort_order}"
