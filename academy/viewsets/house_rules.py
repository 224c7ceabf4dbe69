"""House rules in the admin: all of them in one list, and a page for each where a value is changed or confirmed."""

from collections.abc import Sequence
from datetime import date
from hashlib import sha256
from typing import Any

import django_filters
from django import forms
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch, Q
from django.db.models.query import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import get_language, ngettext_lazy, pgettext_lazy
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from wagtail.admin import messages
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.ui.tables import Column
from wagtail.admin.views import generic

from academy.bilingual import listed, pick
from academy.calendar.clock import local_day
from academy.decisions.reasons import register_reason
from academy.doors import Consequence, learners_of, quoted_in
from academy.errors.refusals import RuleViolation
from academy.house_rules.changing import COLUMNS, HOLDS, foreseen, set_value, state_of, waiting_change
from academy.house_rules.formatting import said
from academy.journal import register_action
from academy.models import Branch, HouseRule, HouseRuleChange, HouseRuleValue, Role
from academy.requests.signed_in import SignedInRequest
from academy.staff.access import has_role, holds_bank_wide, people_visible_to
from academy.viewsets.base import HouseIndexView, HouseInspectView, HouseViewSet, JournalledEditView, Scope
from academy.viewsets.columns import exact, title_column
from academy.viewsets.panels import WaitingItem

WORDS = register_action("academy.edit_house_rule", _("Words of a house rule changed"))
CONFIRMED = register_reason(_("Confirmed as the bank's own"))
NAMED = 50


def holding(day: date) -> QuerySet[HouseRuleValue]:
    """The values that hold on a day or later."""
    return HouseRuleValue.objects.filter(Q(valid_until=None) | Q(valid_until__gte=day))


def with_samples(day: date) -> QuerySet[HouseRule]:
    """The rules of which a sample is still in use."""
    return HouseRule.objects.filter(pk__in=holding(day).filter(sample=True).values("rule"))


def due(day: date) -> QuerySet[HouseRule]:
    """The rules of which a value is to be checked again by now."""
    return HouseRule.objects.filter(pk__in=holding(day).filter(check_by__lte=day).values("rule"))


def waiting_house_rules(request: SignedInRequest) -> list[WaitingItem]:
    """For the home of HR and trainers."""
    today = local_day(timezone.now())
    # Who may change none of them is not told, but trainers, who teach by them.
    may_change = holds_bank_wide(request.user, today, Role.HR, Role.ADMINISTRATOR)
    if not may_change and not has_role(request.user, today, Role.TRAINER):
        return []
    listing = reverse("house_rules:index")
    return [
        WaitingItem(
            count=with_samples(today).count(),
            label=ngettext_lazy(
                "house rule still says a sample value", "house rules still say a sample value", "count"
            ),
            url=f"{listing}?state=sample",
            order=70,
        ),
        WaitingItem(
            count=due(today).count(),
            label=ngettext_lazy("house rule is due for checking", "house rules are due for checking", "count"),
            url=f"{listing}?state=due",
            order=71,
        ),
    ]


class HouseRuleFilterSet(WagtailFilterSet):
    group = django_filters.ChoiceFilter(
        label=capfirst(pgettext_lazy("house rule", "group")), choices=HouseRule.Group.choices, empty_label=_("All")
    )
    state = django_filters.ChoiceFilter(
        label=_("State"),
        choices=[("sample", _("Sample values")), ("due", _("Due for checking"))],
        empty_label=_("All"),
        method="of_state",
    )

    class Meta:
        model = HouseRule
        fields: list[str] = []

    def of_state(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        today = local_day(timezone.now())
        found = {"sample": with_samples, "due": due}[value](today)
        return queryset.filter(pk__in=found.values("pk"))


class HouseRuleIndexView(HouseIndexView):
    default_ordering = ("group", "pk")

    @property
    def columns(self) -> list[Column]:
        return [
            title_column(self, "name", label=pgettext_lazy("thing", "Name"), accessor=str),
            Column("says", label=_("What it says"), accessor=_says),
            Column("group", label=pgettext_lazy("house rule", "group"), accessor="get_group_display", sort_key="group"),
            Column("state", label=_("State"), accessor=_state),
            Column("code", label=capfirst(_("code")), sort_key="code"),
        ]

    def get_base_queryset(self) -> Any:
        values = Prefetch("values", holding(local_day(timezone.now())).select_related("branch"))
        return super().get_base_queryset().prefetch_related(values)

    def get_edit_url(self, instance: Any) -> str | None:
        """A rule is opened where its values stand."""
        return self.get_inspect_url(instance)


def scope_words(value: HouseRuleValue) -> str:
    """For whom a value holds."""
    parts = [value.get_line_display() if value.line else "", value.branch.local_name if value.branch else ""]
    return " · ".join(str(part) for part in parts if part) or _t("The whole bank")


def words_of(rule: HouseRule, value: HouseRuleValue) -> str:
    return pick(said(rule.unit, value.value, value.value_en), get_language() or "")


def _says(rule: HouseRule) -> str:
    values = sorted(
        rule.values.all(), key=lambda value: (bool(value.branch_id), value.line, value.valid_from or date.min)
    )
    return " | ".join(
        words_of(rule, value)
        if not (value.line or value.branch_id)
        else _t("%(scope)s: %(words)s") % {"scope": scope_words(value), "words": words_of(rule, value)}
        for value in values
    )


def _state(rule: HouseRule) -> str:
    values, today = list(rule.values.all()), local_day(timezone.now())
    found = [_t("Sample")] if any(value.sample for value in values) else []
    if any(value.check_by and value.check_by <= today for value in values):
        found.append(_t("Due for checking"))
    return ", ".join(found)


class HouseRuleForm(WagtailAdminModelForm):
    """The words of a rule; its code is made from them once, and its unit stays once it is there."""

    class Meta:
        model = HouseRule
        fields = ["group", "name", "name_en", "unit"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.fields["unit"].disabled = True


class ValueForm(WagtailAdminModelForm):
    """One value; its branch is named by its code, since a bank has thousands."""

    branch_code = forms.CharField(label=_("Branch code"), required=False, help_text=_("Empty: for the whole bank."))

    reason = forms.CharField(label=_("Reason"), max_length=500, help_text=_("Why it changes. Goes into the journal."))

    class Meta:
        model = HouseRuleValue
        fields = [name for name in COLUMNS if name != "branch"]

    # What saving would leave to be done by hand, where that was asked before it: told on the form, for which button.
    foreseen: Sequence[Consequence] = ()
    foreseen_act = ""
    seen = ""

    @property
    def warns(self) -> bool:
        return any(consequence.warns for consequence in self.foreseen)

    field_order = ("value", "value_en", "line", "branch_code", "valid_from", "valid_until")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.rule.unit != HouseRule.Unit.TEXT:
            del self.fields["value_en"]
        if self.instance.branch is not None:
            self.fields["branch_code"].initial = self.instance.branch.code

    def clean_branch_code(self) -> str:
        code: str = self.cleaned_data["branch_code"].strip()
        self.instance.branch = Branch.objects.filter(code=code).first() if code else None
        if code and self.instance.branch is None:
            raise forms.ValidationError(_t("There is no branch of this code."))
        return code


class HouseRulePage(HouseInspectView):
    """The values of one rule: each with its basis, changed or confirmed here; what quotes it, and what it said before."""

    template_name = "academy/admin/house_rule.html"
    page_title = _("House rules")

    def may_change(self) -> bool:
        return bool(self.permission_policy.user_has_permission(self.request.user, "change"))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        rule, today = self.object, local_day(timezone.now())
        quoted = quoted_in(rule)
        change = HouseRuleChange.objects.filter(rule=rule).first()
        context |= {
            "rule": rule,
            "waiting": waiting_change(rule, self.request.user, timezone.now()),
            "may_change": self.may_change(),
            "cards": [self._card(rule, value, today) for value in self._values(rule)],
            "new_form": self._bound("new", HouseRuleValue(rule=rule)),
            "quoted": quoted,
            "counts": [quotation for quotation in quoted if quotation.counts],
            "change": _change_words(change),
            "learnt": self._learnt(rule, change, today),
        }
        return context

    def _values(self, rule: HouseRule) -> QuerySet[HouseRuleValue]:
        return rule.values.select_related("branch").order_by("branch__path", "line", "valid_from")

    def _card(self, rule: HouseRule, value: HouseRuleValue, today: date) -> dict[str, Any]:
        value.rule = rule
        return {
            "value": value,
            "scope": scope_words(value),
            "words": words_of(rule, value),
            "basis": value.words("basis"),
            "due": value.check_by is not None and value.check_by <= today,
            "over": value.valid_until is not None and value.valid_until < today,
            "form": self._bound(
                str(value.pk), HouseRuleValue.objects.select_related("rule", "branch").get(pk=value.pk)
            ),
        }

    def _bound(self, key: str, value: HouseRuleValue) -> ValueForm:
        posted = getattr(self, "posted", None)
        if posted is not None and posted.prefix == f"v{key}":
            return posted
        return ValueForm(instance=value, prefix=f"v{key}", for_user=self.request.user)

    def _learnt(self, rule: HouseRule, change: HouseRuleChange | None, today: date) -> dict[str, Any]:
        """Who learnt what the rule said before its last change, as far as the viewer sees them."""
        if change is None or change.holds_from > today:
            return {}
        learners = learners_of(rule, change.holds_from)
        people = {pk for learner in learners for pk in learner.people}
        told = {pk for learner in learners for pk in learner.told}
        seen = people_visible_to(self.request.user, today).filter(pk__in=people).order_by("staff_number")
        if not people:
            return {}
        named = [(person, person.pk in told) for person in seen[:NAMED]]
        return {"count": seen.count(), "people": named, "told": seen.filter(pk__in=told).count() if told else 0}

    def post(self, request: SignedInRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not self.may_change():
            raise PermissionDenied
        rule, key, act = self.object, request.POST.get("value", ""), request.POST.get("act", "")
        stored = rule.values.filter(pk=key).first() if key.isascii() and key.isdigit() else None
        if stored is None and key != "new":
            messages.error(request, _t("This value is not there any more."))
            return redirect(self._here())
        wanted = HouseRuleValue.objects.get(pk=stored.pk) if stored is not None else HouseRuleValue(rule=rule)
        wanted.rule = rule
        if act in ("save", "remove") and (act == "save" or f"v{key}-value" in request.POST):
            self.posted = ValueForm(request.POST, instance=wanted, prefix=f"v{key}", for_user=request.user)
            if not self.posted.is_valid() and act == "save":
                return self.render_to_response(self.get_context_data(), status=400)
        elif act == "confirm":
            wanted.sample, wanted.checked_on = False, local_day(timezone.now())
        reason = request.POST.get(f"v{key}-reason", "").strip()[:500]
        if act == "confirm":
            reason = str(CONFIRMED)
        elif not reason:
            messages.error(request, _t("Say why it changes."))
            return redirect(self._here())
        wished = None if act == "remove" else wanted
        told = self._told_before(rule, stored, wished, act)
        return told if told is not None else self._carry_out(rule, stored, wished, reason)

    def _told_before(
        self, rule: HouseRule, stored: HouseRuleValue | None, wished: HouseRuleValue | None, act: str
    ) -> HttpResponse | None:
        """What the change would leave to be done by hand is read before it is made: the page once more, with that; or None."""
        seen = f"{act} {hash_of(wished)}"
        if getattr(self, "posted", None) is None or self.request.POST.get("foreseen") == seen:
            return None
        try:
            found = foreseen(rule=rule, stored=stored, wanted=wished, now=timezone.now())
        except RuleViolation:
            # The change itself is refused with these words.
            return None
        if not found:
            return None
        self.posted.foreseen, self.posted.foreseen_act, self.posted.seen = found, act, seen
        return self.render_to_response(self.get_context_data())

    def _carry_out(
        self, rule: HouseRule, stored: HouseRuleValue | None, wanted: HouseRuleValue | None, reason: str
    ) -> HttpResponse:
        actor = self.request.user
        try:
            proposal = set_value(
                rule=rule, stored=stored, wanted=wanted, actor=actor, now=timezone.now(), reason=reason
            )
        except RuleViolation as refusal:
            if getattr(self, "posted", None) is None:
                messages.error(self.request, str(refusal.message))
                return redirect(self._here())
            self.posted.add_error(None, str(refusal.message))
            context = self.get_context_data()
            # What waits is no fault of what was typed.
            return self.render_to_response(context, status=200 if context["waiting"] else 400)
        if proposal is not None:
            messages.success(self.request, _t("Proposed. It counts for a certificate, so a second person decides."))
        else:
            messages.success(self.request, _t("Saved. Lessons and questions that quote it follow from now on."))
        return redirect(self._here())

    def _here(self) -> str:
        return reverse("house_rules:inspect", args=[self.object.pk])


def hash_of(value: HouseRuleValue | None) -> str:
    """What was told of one value is not told of another."""
    state = {name: said for name, said in state_of(value).items() if name in HOLDS}
    return sha256(repr(state).encode()).hexdigest()[:16]


def _change_words(change: HouseRuleChange | None) -> dict[str, Any]:
    if change is None:
        return {}
    language = get_language() or ""
    before, after = (
        listed(dict.fromkeys(pick(difference[2], language) for difference in side))
        for side in (change.before, change.after)
    )
    return {"day": exact(change.holds_from), "before": before, "after": after}


class HouseRuleEditView(JournalledEditView):
    journal_action = WORDS

    def get_success_url(self) -> str:
        return reverse("house_rules:inspect", args=[self.object.pk])


class HouseRuleCreateView(generic.CreateView):
    def get_success_url(self) -> str:
        return reverse("house_rules:inspect", args=[self.object.pk])


class HouseRuleViewSet(HouseViewSet):
    scope = Scope.BANK
    inspect_view_enabled = True
    model = HouseRule
    name = "house_rules"
    icon = "list-ul"
    menu_label = _("House rules")
    menu_order = 332
    index_view_class = HouseRuleIndexView
    inspect_view_class = HouseRulePage
    edit_view_class = HouseRuleEditView
    add_view_class = HouseRuleCreateView
    filterset_class = HouseRuleFilterSet
    search_fields = ["code", "name", "name_en"]
    list_per_page = 200
    left_out = ("delete", "usage", "history")

    def get_form_class(self, for_update: bool = False) -> type[WagtailAdminModelForm]:
        return HouseRuleForm
