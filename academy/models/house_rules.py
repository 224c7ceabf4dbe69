"""The bank's own figures and names (本行规定): quoted by code in lessons and questions, replaced by HR in one screen."""

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from academy.models.branches import Branch
from academy.models.levels import Line
from academy.models.slugs import MadeCharField, NamesItself
from academy.models.two_languages import SaidInTwoLanguages

RULE_CODE = RegexValidator(r"^[a-z0-9]+(-[a-z0-9]+)*\Z", _("Small letters and digits, separated by hyphens."))


class HouseRule(NamesItself, SaidInTwoLanguages, models.Model):
    """One figure or name that the bank sets for itself. What it says, for whom and from when, its values tell."""

    class Group(models.TextChoices):
        ETIQUETTE = "etiquette", pgettext_lazy("house rules", "Etiquette and counter")
        COMMUNICATION = "communication", pgettext_lazy("house rules", "Talking with clients")
        COMPLAINTS = "complaints", pgettext_lazy("house rules", "Complaints")
        RELATIONSHIP = "relationship", pgettext_lazy("house rules", "Keeping up relationships")
        SOLUTIONS = "solutions", pgettext_lazy("house rules", "Proposals and prices")
        AGEING = "ageing", pgettext_lazy("house rules", "Ageing clients and fraud")
        TEAM = "team", pgettext_lazy("house rules", "The branch as a team")
        RISK = "risk", pgettext_lazy("house rules", "After the loan and early warning")
        WEALTH = "wealth", pgettext_lazy("house rules", "Wealth and suitability")
        NEGOTIATION = "negotiation", pgettext_lazy("house rules", "Negotiation")
        COACHING = "coaching", pgettext_lazy("house rules", "Coaching and assessing")

    class Unit(models.TextChoices):
        YUAN = "yuan", _("yuan")
        PERCENT = "percent", _("percent")
        BASIS_POINTS = "basis-points", _("basis points")
        SECONDS = "seconds", _("seconds")
        MINUTES = "minutes", pgettext_lazy("unit", "minutes")
        HOURS = "hours", pgettext_lazy("unit", "hours")
        DAYS = "days", pgettext_lazy("unit", "days")
        WORKING_DAYS = "working-days", _("working days")
        WEEKS = "weeks", pgettext_lazy("unit", "weeks")
        MONTHS = "months", pgettext_lazy("unit", "months")
        TIMES = "times", pgettext_lazy("unit", "times")
        PEOPLE = "people", pgettext_lazy("unit", "people")
        PAGES = "pages", pgettext_lazy("unit", "pages")
        RINGS = "rings", _("rings of the telephone")
        WINDOWS = "windows", _("counter windows")
        FIRMS = "firms", _("firms")
        POINTS = "points", pgettext_lazy("unit", "points")
        AGE = "age", _("years of age")
        TIME = "time", pgettext_lazy("unit", "time of day")
        PHONE = "phone", _("telephone number")
        TEXT = "text", pgettext_lazy("unit", "words")

    code = MadeCharField(
        _("code"),
        made_from=("name_en", "name"),
        max_length=60,
        unique=True,
        validators=[RULE_CODE],
        help_text=_("Lessons and questions quote the rule by it; it stays as it is."),
    )
    group = models.CharField(pgettext_lazy("house rule", "group"), max_length=20, choices=Group.choices)
    name = models.CharField(_("name (Chinese)"), max_length=120)
    name_en = models.CharField(_("name (English)"), max_length=120, blank=True)
    unit = models.CharField(_("unit"), max_length=20, choices=Unit.choices)

    class Meta:
        verbose_name = _("house rule")
        verbose_name_plural = _("house rules")
        ordering = ["group", "pk"]

    def __str__(self) -> str:
        return self.words("name")


class HouseRuleValue(SaidInTwoLanguages, models.Model):
    """What a rule says in one scope from a day on. Of several that fit the nearest scope wins, and in one scope the value
    that began last: ``academy.house_rules.resolving``."""

    class Owner(models.TextChoices):
        OPERATIONS = "operations", pgettext_lazy("department", "Operations")
        COMPLIANCE = "compliance", pgettext_lazy("department", "Compliance")
        COMPLAINTS = "complaints", pgettext_lazy("department", "Consumer protection")
        HR = "hr", pgettext_lazy("department", "Human resources")
        RETAIL = "retail", pgettext_lazy("department", "Retail banking")
        CORPORATE = "corporate", pgettext_lazy("department", "Corporate banking")
        RISK = "risk", pgettext_lazy("department", "Risk management")
        FINANCE = "finance", pgettext_lazy("department", "Finance and pricing")
        SECURITY = "security", pgettext_lazy("department", "Security")

    rule = models.ForeignKey(HouseRule, on_delete=models.CASCADE, related_name="values", verbose_name=_("house rule"))
    line = models.CharField(
        _("line"), max_length=20, choices=Line.choices, blank=True, help_text=_("Empty: for every line.")
    )
    branch = models.ForeignKey(
        Branch,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("branch and all below it"),
        help_text=_("Empty: for the whole bank."),
    )
    valid_from = models.DateField(_("holds from"), null=True, blank=True, help_text=_("Empty: it has always held."))
    valid_until = models.DateField(
        _("holds until"), null=True, blank=True, help_text=_("Empty: until another value follows.")
    )
    value = models.CharField(
        _("value"), max_length=200, help_text=_("The figure without its unit, 09:30 or the words.")
    )
    value_en = models.CharField(
        _("value (English)"), max_length=200, blank=True, help_text=_("Only where the value is words.")
    )
    basis = models.CharField(_("basis (Chinese)"), max_length=200, blank=True)
    basis_en = models.CharField(_("basis (English)"), max_length=200, blank=True)
    owner = models.CharField(pgettext_lazy("house rule", "owner"), max_length=20, choices=Owner.choices, blank=True)
    checked_on = models.DateField(_("checked on"), null=True, blank=True)
    check_by = models.DateField(_("check again by"), null=True, blank=True)
    sample = models.BooleanField(
        _("sample"), default=False, help_text=_("A sensible figure that came with the program, not the bank's own yet.")
    )

    class Meta:
        verbose_name = _("value of a house rule")
        verbose_name_plural = _("values of house rules")
        ordering = ["rule", "line", "branch", "valid_from"]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_from=None) | Q(valid_until=None) | Q(valid_until__gte=models.F("valid_from")),
                name="house_rule_span_is_ordered",
            ),
            *(
                models.UniqueConstraint(
                    fields=["rule", "line", *(["branch"] if of_branch else []), *(["valid_from"] if dated else [])],
                    condition=Q(branch__isnull=not of_branch, valid_from__isnull=not dated),
                    name=f"one_value_a_scope_{'branch' if of_branch else 'bank'}_{'day' if dated else 'ever'}",
                )
                for of_branch in (False, True)
                for dated in (False, True)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rule_id} {self.value}"


class HouseRuleChange(models.Model):
    """A rule that says something else from a day on: who learnt the old words is known by it, and what is new to them."""

    rule = models.ForeignKey(HouseRule, on_delete=models.CASCADE, related_name="changes")
    holds_from = models.DateField()
    made_at = models.DateTimeField()
    # (line, branch, words) of each scope, as ``academy.house_rules.resolving.by_scope`` gives them.
    before = models.JSONField()
    after = models.JSONField()

    class Meta:
        ordering = ["-holds_from", "-pk"]

    def __str__(self) -> str:
        return f"{self.rule_id} {self.holds_from}"
