"""What a lesson says, passage by passage, as its search reads it."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from courses.models.pages import LessonPage


class Passage(models.Model):
    """One place of a published lesson: made anew whenever the lesson is published, and never edited."""

    class Kind(models.TextChoices):
        TITLE = "title", _("Title")
        TEXT = "text", _("Text")
        SAY = "say", _("Say it like this")
        AVOID = "avoid", _("Not like this")

    page = models.ForeignKey(LessonPage, on_delete=models.CASCADE, related_name="passages")
    sort_order = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=8, choices=Kind.choices)
    # Where on the page it stands; empty for the title.
    anchor = models.CharField(max_length=20, blank=True)
    # The question that is asked there: when it is published anew, the lesson is read anew.
    question = models.ForeignKey(
        "quizzes.Question", null=True, blank=True, editable=False, on_delete=models.SET_NULL, related_name="+"
    )
    text = models.TextField()
    # One width, one case: what is compared.
    folded = models.TextField()
    indexed_at = models.DateTimeField()

    class Meta:
        ordering = ["page", "sort_order"]
        constraints = [models.UniqueConstraint(fields=["page", "sort_order"], name="one_passage_a_place")]

    def __str__(self) -> str:
        return f"{self.page_id} {self.sort_order}"
