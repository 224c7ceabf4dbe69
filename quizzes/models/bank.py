"""The question bank: a question is an identity with a working draft; papers read frozen versions only."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import get_language, gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _
from wagtail.models import DraftStateMixin, LockableMixin, PreviewableMixin, RevisionMixin, WorkflowMixin
from wagtail.search import index

from academy.bilingual import folded, pick
from academy.doors import by_name
from academy.house_rules.quoting import Values, filled
from academy.models.slugs import MadeCharField, MadeSlugField, NamesItself
from quizzes.models.files import note_files
from quizzes.models.kept_relations import revisions_of, workflow_states_of
from quizzes.types import ASKED_BY_LESSONS
from quizzes.types.base import texts_in
from quizzes.types.cloze.markers import blanked
from quizzes.types.rich import plain, plain_in


class QuestionBank(NamesItself, models.Model):
    """题库: where the questions of a subject live."""

    slug = MadeSlugField(_("short name"), made_from=("name_en", "name"), max_length=80, unique=True)
    name = models.CharField(_("name (Chinese)"), max_length=120)
    name_en = models.CharField(_("name (English)"), max_length=120, blank=True)
    open_for_practice = models.BooleanField(
        _("open for practice"),
        default=False,
        help_text=_(
            "The daily five draws from this bank, with answers, the questions that no course quiz and no exam asks. What a "
            "course quiz asks is practised once a learner's own review has shown the answer; what an exam asks, never. "
            "Closed: nothing of it is drawn for the daily five."
        ),
    )

    class Meta:
        verbose_name = _("question bank")
        verbose_name_plural = _("question banks")
        ordering = ["slug"]

    def __str__(self) -> str:
        return (self.name_en or self.name) if get_language() == "en" else self.name


class CategoryManager(models.Manager["QuestionCategory"]):
    """With the bank, whose name is part of every category's: a list to choose from would ask for each one."""

    def get_queryset(self) -> models.QuerySet["QuestionCategory"]:
        return super().get_queryset().select_related("bank")


class QuestionCategory(NamesItself, models.Model):
    """A topic within a bank; random draws name one."""

    bank = models.ForeignKey(
        QuestionBank, on_delete=models.PROTECT, related_name="categories", verbose_name=_("question bank")
    )
    slug = MadeCharField(_("short name"), made_from=("name_en", "name"), within=("bank_id",), max_length=120)
    name = models.CharField(_("name (Chinese)"), max_length=120)
    name_en = models.CharField(_("name (English)"), max_length=120, blank=True)
    kept_for_exams = models.BooleanField(
        _("kept for exams"),
        default=False,
        help_text=_(
            "Only level exams ask these questions: no lesson and no course quiz does, and practice never, "
            "even if the bank is open for it. Exam keepers of head office read and edit them, and each "
            "look is logged."
        ),
    )

    objects = CategoryManager()

    class Meta:
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        ordering = ["bank", "slug"]
        constraints = [models.UniqueConstraint(fields=["bank", "slug"], name="one_category_a_bank_and_slug")]

    def __str__(self) -> str:
        name = (self.name_en or self.name) if get_language() == "en" else self.name
        return f"{self.bank} · {name}"


class Difficulty(models.TextChoices):
    """The author's estimate; the statistics say later how hard it was."""

    EASY = "easy", _("Easy")
    MEDIUM = "medium", _("Medium")
    HARD = "hard", _("Hard")


class Question(
    WorkflowMixin, PreviewableMixin, DraftStateMixin, LockableMixin, RevisionMixin, index.Indexed, models.Model
):
    """A question's identity and its working draft. Publishing freezes a ``QuestionVersion``."""

    own_history = ("quizzes.QuestionVersion",)

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    bank = models.ForeignKey(
        QuestionBank, on_delete=models.PROTECT, related_name="questions", verbose_name=_("question bank")
    )
    category = models.ForeignKey(
        QuestionCategory,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="questions",
        verbose_name=_("category"),
        help_text=_("Random draws take questions from a category."),
    )
    external_id = models.CharField(
        _("identifier"),
        max_length=80,
        blank=True,
        help_text=_("Joins the Chinese and the English file of an import. May stay empty."),
    )
    name = models.CharField(
        pgettext_lazy("of a question", "name"),
        max_length=255,
        help_text=_("For your lists only; a learner never sees it."),
    )
    type = models.CharField(_("question type"), max_length=20, editable=False)
    difficulty = models.CharField(_("difficulty"), max_length=10, choices=Difficulty.choices, default=Difficulty.MEDIUM)
    tags = models.CharField(_("tags"), max_length=255, blank=True, help_text=_("Words separated by commas."))
    body = models.JSONField(_("question"), default=dict)
    # All that a search of the bank looks in, folded: made at every saving.
    words = models.TextField(editable=False, default="", blank=True)
    rubric = models.ForeignKey(
        "quizzes.Rubric",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="questions",
        verbose_name=_("rubric"),
        help_text=_("For essays only: what a marker chooses from. Without one the marks are typed."),
    )
    case = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="parts",
        verbose_name=_("part of the case"),
        help_text=_("It is drawn and shown with its case only, in the place below."),
    )
    case_order = models.PositiveSmallIntegerField(_("place in the case"), default=1)
    retired_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="A retired question is drawn no more; old papers keep it."
    )
    current_version = models.ForeignKey(
        "QuestionVersion", null=True, blank=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )
    # Since when a house rule says something else than its key, worked out by hand, was checked with: nobody is asked it.
    held_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    workflow_states = workflow_states_of("question")
    _revisions = revisions_of("question")

    search_fields = [
        index.SearchField("name"),
        index.AutocompleteField("name"),
        index.SearchField("tags"),
        index.SearchField("body_text"),
        index.FilterField("id"),
        index.FilterField("bank_id"),
        index.FilterField("category_id"),
        index.FilterField("type"),
        index.FilterField("difficulty"),
        index.FilterField("live"),
    ]

    class Meta:
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["bank", "external_id"], condition=~Q(external_id=""), name="one_question_a_bank_and_identifier"
            )
        ]
        indexes = [
            models.Index(
                fields=["category", "difficulty"],
                condition=Q(retired_at=None, current_version__isnull=False),
                name="question_drawable",
            ),
            models.Index(fields=["case"], condition=Q(held_at__isnull=False), name="question_held"),
        ]

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.words = folded(" ".join([self.name, self.tags, self.external_id, *texts_in(self.body)]))
        if kwargs.get("update_fields") is not None:
            kwargs["update_fields"] = {*kwargs["update_fields"], "words"}
        super().save(*args, **kwargs)
        note_files(self.pk, self.body)

    def save_revision(self, *args: Any, **kwargs: Any) -> Any:
        revision = super().save_revision(*args, **kwargs)
        note_files(self.pk, self.body)
        return revision

    def with_content_json(self, content: dict[str, Any]) -> "Question":
        """An old draft changes what the question says; it neither brings a retired or held one back nor drops its version."""
        draft: Question = super().with_content_json(content)
        draft.retired_at, draft.current_version_id = self.retired_at, self.current_version_id
        draft.held_at = self.held_at
        return draft

    def newest_draft(self) -> "Question":
        """As it was last written: what the row says, or what was written since and is not published."""
        if not self.has_unpublished_changes or self.latest_revision_id is None:
            return self
        draft: Question = self.get_latest_revision_as_object()
        return draft

    @property
    def is_kept_for_exams(self) -> bool:
        """In a pool, or in no category of a bank that holds one, which asks one query: as ``pools.uses.KEPT`` of a row."""
        if self.category is not None:
            return self.category.kept_for_exams
        return QuestionCategory.objects.filter(bank=self.bank_id, kept_for_exams=True).exists()

    def __str__(self) -> str:
        """Lists, logs and choosers of the admin print it: of an exam question they tell the number only."""
        if self.is_kept_for_exams:
            return gettext("Exam question %(number)s") % {"number": self.pk or ""}
        return self.name

    @property
    def revisions(self):
        return self._revisions

    @property
    def preview_modes(self):
        return by_name("quizzes.views.previews.MODES")

    @property
    def default_preview_mode(self):
        return by_name("quizzes.views.previews.first_mode")(
            {code for code, text in (self.body.get("stem") or {}).items() if text}
        )

    def serve_preview(self, request, mode_name):
        return by_name("quizzes.views.previews.preview_question")(request, self, mode_name)

    def stem(self, language: str | None = None) -> str:
        """The question as text, in the asked language or the other."""
        return _stem_of(self.type, self.body, language)

    def lesson_refusal(self) -> str | None:
        """Why no lesson may ask it, or None."""
        if self.type not in ASKED_BY_LESSONS:
            return gettext("A lesson asks a question that is answered at once and marked by the system.")
        if self.is_kept_for_exams:
            return gettext("This question is kept for exams; a lesson asks another.")
        return None

    @property
    def body_text(self) -> str:
        return " ".join(map(plain, (self.body.get("stem") or {}).values()))


class QuestionVersion(models.Model):
    """What papers and statistics read: frozen at publishing, never changed."""

    question = models.ForeignKey(Question, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    type = models.CharField(max_length=20)
    body = models.JSONField()
    digest = models.CharField(max_length=64)
    # Of a case: the versions of its questions, in order. A new version of one of them makes a new one of the case.
    parts = models.JSONField(default=list)
    # By code of each house rule that it quotes: (line, branch, words) as they stood at publishing.
    house_rules = models.JSONField(default=dict, blank=True)
    # The same as somebody checked the key with them, where that was another day; None: as they stood at publishing.
    checked_rules = models.JSONField(null=True, blank=True, default=None)
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["question", "number"]
        constraints = [models.UniqueConstraint(fields=["question", "number"], name="one_version_a_question_and_number")]

    def __str__(self) -> str:
        return f"{self.question_id} v{self.number}"

    def stem(self, language: str | None = None, values: Values | None = None) -> str:
        """As ``Question.stem``, of what was frozen; house rules say what they say to the reader, ``values``."""
        body = {"stem": self.body.get("stem")}
        if self.house_rules:
            body = filled(body, {**self.frozen_values, **(values or {})})
        return _stem_of(self.type, body, language)

    @property
    def frozen_values(self) -> Values:
        """What its house rules said when it was published: to the whole bank, or where they said nothing to it, to some."""
        return frozen_values(self.house_rules)


def checked_values(version: QuestionVersion) -> dict[str, list[Any]]:
    """By code of each house rule that it names: (line, branch, words) with which its key was checked."""
    kept: dict[str, list[Any]] = version.house_rules if version.checked_rules is None else version.checked_rules
    return kept


def frozen_values(house_rules: dict[str, list[Any]]) -> Values:
    """By code the words for the whole bank, out of those by scope."""
    found = {}
    for code, scopes in house_rules.items():
        for line, branch, text in scopes:
            if code not in found or not (line or branch):
                found[code] = text
    return found


# Of types that have one: where their title stands in the body.
TITLES = {"case": "title", "dialogue": "name"}


def _stem_of(kind: str, body: dict, language: str | None) -> str:
    """Lists show gaps as blanks, whatever marks them in the body; of a case and of a talk the title stands for them."""
    language = language or get_language() or settings.LANGUAGE_CODE
    named = body.get(TITLES.get(kind, "")) or {}
    if title := pick(named, language):
        return title
    text = plain_in(body.get("stem"), language)
    return blanked(text) if kind == "cloze" else text
