"""What a quiz is made of: chosen questions, draws by blueprint, and words on the result."""

from decimal import Decimal

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from modelcluster.fields import ParentalKey
from wagtail.models import Orderable

from quizzes.models.bank import Difficulty, Question, QuestionCategory
from quizzes.models.quiz import Quiz
from quizzes.types.case import FEWEST, MOST


class QuizSlot(Orderable):
    """A chosen question, or a line of the blueprint: so many easy, medium, hard ones of a category, and of any."""

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
    easy = models.PositiveSmallIntegerField(_("easy ones"), default=0, validators=[MaxValueValidator(200)])
    medium = models.PositiveSmallIntegerField(_("medium ones"), default=0, validators=[MaxValueValidator(200)])
    hard = models.PositiveSmallIntegerField(_("hard ones"), default=0, validators=[MaxValueValidator(200)])
    count = models.PositiveSmallIntegerField(
        _("also of any difficulty"), default=0, validators=[MaxValueValidator(200)]
    )
    cases = models.PositiveSmallIntegerField(_("cases"), default=0, blank=True, validators=[MaxValueValidator(50)])
    case_size = models.PositiveSmallIntegerField(
        _("questions of each case"), default=0, blank=True, validators=[MaxValueValidator(MOST)]
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
            ),
            models.CheckConstraint(
                condition=Q(category=None)
                | Q(easy__gt=0)
                | Q(medium__gt=0)
                | Q(hard__gt=0)
                | Q(count__gt=0)
                | Q(cases__gt=0),
                name="a_draw_draws_something",
            ),
            # How many questions a paper has is known before it is drawn.
            models.CheckConstraint(
                condition=Q(cases=0) | Q(category__isnull=False, case_size__gte=FEWEST, case_size__lte=MOST),
                name="a_draw_of_cases_says_their_size",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quiz_id} {self.sort_order}"

    @staticmethod
    def use_in_words(count: int) -> str:
        return ngettext("in %(count)s quiz", "in %(count)s quizzes", count) % {"count": count}

    @property
    def draws(self) -> list[tuple[str, int]]:
        """(difficulty, how many), those of a given difficulty first; '' is any."""
        asked = [
            (Difficulty.EASY.value, self.easy),
            (Difficulty.MEDIUM.value, self.medium),
            (Difficulty.HARD.value, self.hard),
            ("", self.count),
        ]
        return [(difficulty, count) for difficulty, count in asked if count] if self.category_id else []

    @property
    def size(self) -> int:
        """How many questions of the paper come from here."""
        if not self.category_id:
            return 1
        return sum(count for _difficulty, count in self.draws) + self.cases * self.case_size


class QuizFeedback(Orderable):
    """Words on the whole result, for those who reached a score."""

    quiz = ParentalKey(Quiz, on_delete=models.CASCADE, related_name="feedback")
    from_score = models.DecimalField(
        _("from a score of"),
        max_digits=5,
        decimal_places=2,
        validators=[MinValueValidator(0), MaxValueValidator(100)],
        help_text=_("Out of 100; the highest line that was reached is shown."),
    )
    text = models.TextField(_("text (Chinese)"), blank=True)
    text_en = models.TextField(_("text (English)"), blank=True)

    class Meta(Orderable.Meta):
        constraints = [
            models.UniqueConstraint(fields=["quiz", "from_score"], name="one_feedback_a_score"),
        ]

    def __str__(self) -> str:
        return f"{self.quiz_id} {self.from_score}"
