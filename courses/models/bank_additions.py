"""What only the bank itself can add to the courses (本行补充清单): each point with its place, its owner and its day."""

from django.conf import settings
from django.contrib.admin import display
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from academy.models import HouseRule, HouseRuleValue
from academy.models.slugs import MadeSlugField, NamesItself
from academy.models.two_languages import SaidInTwoLanguages
from courses.models.courses import Course, Lesson


class BankAddition(NamesItself, SaidInTwoLanguages, models.Model):
    """One point that the program cannot know: what is to be added, where, by whom, and whether it was."""

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("addition", "Open")
        DONE = "done", pgettext_lazy("addition", "Done")
        NOT_APPLICABLE = "not-applicable", pgettext_lazy("addition", "Does not apply")

    code = MadeSlugField(_("code"), made_from=("name_en", "name"), max_length=60, unique=True)
    name = models.CharField(_("name (Chinese)"), max_length=120)
    name_en = models.CharField(_("name (English)"), max_length=120, blank=True)
    asks = models.TextField(_("what is to be added (Chinese)"), max_length=600)
    asks_en = models.TextField(_("what is to be added (English)"), max_length=600, blank=True)
    course = models.ForeignKey(
        Course,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=_("course"),
        help_text=_("Where it concerns a whole course; with a lesson below, its course."),
    )
    lesson = models.ForeignKey(
        Lesson, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("lesson")
    )
    house_rule = models.ForeignKey(
        HouseRule,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=_("house rule"),
        help_text=_("Where a figure or a name of the house rules says it."),
    )
    place = models.CharField(
        _("another place"),
        max_length=255,
        blank=True,
        help_text=_("Where it is kept if in none of the three above: a folder, a system, a circular."),
    )
    owner = models.CharField(
        pgettext_lazy("house rule", "owner"),
        max_length=20,
        choices=HouseRuleValue.Owner.choices,
        blank=True,
        help_text=_("The department that adds it and answers for it."),
    )
    check_by = models.DateField(
        _("due on"),
        null=True,
        blank=True,
        help_text=_("Open: to be added by this day. Done: to be looked at again by then."),
    )
    state = models.CharField(_("State"), max_length=16, choices=State.choices, default=State.OPEN)
    reason = models.CharField(
        _("why it does not apply"), max_length=255, blank=True, help_text=_("Only where it does not apply.")
    )
    # Who said so and when, of one that is open no more.
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )
    settled_on = models.DateField(_("settled on"), null=True, blank=True, editable=False)
    sort_order = models.PositiveSmallIntegerField(_("order"), default=0)

    class Meta:
        verbose_name = _("point of the bank's checklist")
        verbose_name_plural = _("bank's checklist")
        ordering = ["sort_order", "code"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="not-applicable") | ~Q(reason=""), name="what_does_not_apply_says_why"
            ),
            models.CheckConstraint(condition=~Q(state="open") | Q(settled_on=None), name="what_is_open_is_not_settled"),
        ]

    def __str__(self) -> str:
        return self.local_name

    @property
    @display(description=_("point of the bank's checklist"))
    def local_name(self) -> str:
        return self.words("name")

    def clean(self) -> None:
        if self.state == self.State.NOT_APPLICABLE and not self.reason.strip():
            raise ValidationError({"reason": _("Say why it does not apply to this bank.")})
        if self.state != self.State.NOT_APPLICABLE:
            self.reason = ""
