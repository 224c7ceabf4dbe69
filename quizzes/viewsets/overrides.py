"""Special arrangements in the admin: other rules for a person or a pasted list, each act journalled."""

from typing import Any

from django import forms
from django.contrib.auth.hashers import make_password
from django.db.models import Count, Q
from django.db.models.query import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext, pgettext_lazy
from wagtail.admin import messages
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.panels import FieldPanel, FieldRowPanel, HelpPanel, MultiFieldPanel, ObjectList
from wagtail.admin.ui.tables import Column, DateColumn
from wagtail.admin.views import generic

from academy.calendar.clock import local_day
from academy.errors.refusals import RuleViolation
from academy.viewsets.base import HouseIndexView, HouseViewSet, Scope
from academy.viewsets.columns import title_column
from academy.viewsets.mixing import WagtailPart
from academy.viewsets.scoped import scope_of
from quizzes.attempts.overriding import arrangement_refusal, end_override, people_of, save_override
from quizzes.models import QuizOverride
from quizzes.viewsets.staff_numbers import people_in_reach, people_of_list


class OverrideForm(WagtailAdminModelForm):
    staff_numbers = forms.CharField(
        label=_("Staff numbers"),
        widget=forms.Textarea(attrs={"rows": 6}),
        max_length=100_000,
        help_text=_(
            "One a line; a column pasted from a sheet will do. A single number is that person's own arrangement and "
            "wins over lists."
        ),
    )
    new_password = forms.CharField(
        label=pgettext_lazy("exam", "Password"),
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text=_("Opens the quiz for them in place of the quiz's own. Empty: no change."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.fields["quiz"].disabled = True
            people = [self.instance.person] if self.instance.person else self.instance.people.order_by("staff_number")
            self.fields["staff_numbers"].initial = "\n".join(person.staff_number for person in people)

    def clean_staff_numbers(self) -> str:
        text = self.cleaned_data["staff_numbers"]
        self.people = people_of_list(text, viewer=self.for_user, on=local_day(timezone.now()))
        if any(person.pk == self.for_user.pk for person in self.people):
            raise forms.ValidationError(_("Nobody makes an arrangement for themselves."))
        return text

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        people = getattr(self, "people", [])
        if len(people) == 1 and cleaned.get("quiz"):
            own = QuizOverride.objects.filter(quiz=cleaned["quiz"], person=people[0]).exclude(pk=self.instance.pk)
            if own.exists():
                self.add_error("staff_numbers", _("This person has an arrangement of their own already. Change that."))
        if cleaned.get("time_limit_minutes") is not None and cleaned.get("time_factor") is not None:
            self.add_error("time_factor", _("Either minutes or a factor."))
        opens, closes = cleaned.get("opens_at"), cleaned.get("closes_at")
        if closes and cleaned.get("never_closes"):
            self.add_error("closes_at", _("Either a closing or none."))
        if opens and closes and closes <= opens:
            self.add_error("closes_at", _("It must close after it opens."))
        said = [
            name
            for name in ("opens_at", "closes_at", "time_limit_minutes", "time_factor", "attempts_allowed")
            if cleaned.get(name) is not None
        ]
        if not (said or cleaned.get("never_closes") or cleaned.get("new_password") or self.instance.password):
            self.add_error(None, _("Say what is different for them."))
        self._check_exam(cleaned, people)
        return cleaned

    def _check_exam(self, cleaned: dict[str, Any], people: list[Any]) -> None:
        """What is to hold and what stood: neither is a branch's where it is a rule of a level exam."""
        if not cleaned.get("quiz"):
            return
        values = {name: cleaned.get(name) or None for name in ("opens_at", "closes_at", "time_factor")}
        values |= {name: cleaned.get(name) for name in ("time_limit_minutes", "attempts_allowed")}
        wanted = QuizOverride(
            quiz=cleaned["quiz"],
            never_closes=bool(cleaned.get("never_closes")),
            password=cleaned.get("new_password") or self.instance.password,
            **values,
        )
        concerned = [(wanted, people)]
        if self.instance.pk:
            stored = QuizOverride.objects.select_related("quiz").get(pk=self.instance.pk)
            concerned.append((stored, people_of(stored)))
        for override, whom in concerned:
            refusal = arrangement_refusal(override=override, people=whom, actor=self.for_user, now=timezone.now())
            if refusal:
                self.add_error(None, refusal)
                return

    def save(self, commit: bool = True) -> QuizOverride:
        if self.cleaned_data["new_password"]:
            self.instance.password = make_password(self.cleaned_data["new_password"])
        return save_override(override=self.instance, people=self.people, actor=self.for_user, now=timezone.now())


class ReachMixin(WagtailPart):
    """Only arrangements that are for people in the viewer's part, wholly."""

    def reachable(self, queryset: QuerySet) -> QuerySet:
        viewer, today = scope_of(self.request)
        if viewer.is_superuser:
            return queryset
        beyond = people_in_reach(viewer, today).values("pk")
        outside = QuizOverride.people.through.objects.exclude(user__in=beyond).values("quizoverride")
        return queryset.filter(Q(person=None) | Q(person__in=beyond)).exclude(pk__in=outside)


class OverrideIndexView(ReachMixin, HouseIndexView):
    page_title = _("Special arrangements")
    default_ordering = "-created_at"

    @property
    def columns(self) -> list[Column]:
        return [
            title_column(self, "name", label=_("For whom or why"), accessor="name"),
            Column("quiz", label=_("Quiz"), accessor="quiz", sort_key="quiz__code"),
            Column("whom", label=_("Person"), accessor=_whom),
            Column("what", label=_("What differs"), accessor=_what),
            DateColumn("created_at", label=_("Made"), sort_key="created_at"),
        ]

    def get_base_queryset(self) -> QuerySet:
        return (
            self.reachable(super().get_base_queryset())
            .select_related("quiz", "person")
            .annotate(listed=Count("people"))
        )


class _Reachable(ReachMixin):
    """Whatever way a view takes to its object, one that is out of reach is a 404, and one of head office is refused."""

    def get_object(self, *args: Any, **kwargs: Any) -> Any:
        found = super().get_object(*args, **kwargs)
        override = get_object_or_404(self.reachable(QuizOverride.objects.select_related("quiz", "person")), pk=found.pk)
        refusal = arrangement_refusal(
            override=override, people=people_of(override), actor=scope_of(self.request)[0], now=timezone.now()
        )
        if refusal:
            raise RuleViolation(refusal)
        return override


class OverrideEditView(_Reachable, generic.EditView):
    """Changing an arrangement moves the end of papers that are being written."""


class OverrideDeleteView(_Reachable, generic.DeleteView):
    """Ends an arrangement."""

    def form_valid(self, form: Any) -> HttpResponse:
        end_override(override=self.object, actor=self.request.user, now=timezone.now())
        messages.success(self.request, _t("The arrangement is ended. What it was stays in the journal."))
        return redirect(self.get_success_url())


def _whom(override: QuizOverride) -> str:
    if override.person:
        return str(override.person)
    return ngettext("%(count)s person", "%(count)s people", override.listed) % {"count": override.listed}


def _what(override: QuizOverride) -> str:
    said = []
    if override.opens_at:
        said.append(_t("opens"))
    if override.closes_at or override.never_closes:
        said.append(_t("closes"))
    if override.time_limit_minutes is not None:
        said.append(
            ngettext("%(minutes)s minute", "%(minutes)s minutes", override.time_limit_minutes)
            % {"minutes": override.time_limit_minutes}
            if override.time_limit_minutes
            else _t("no time limit")
        )
    if override.time_factor is not None:
        said.append(f"× {override.time_factor:f}".rstrip("0").rstrip("."))
    if override.attempts_allowed is not None:
        said.append(_t("attempts") + f" {override.attempts_allowed or '∞'}")
    if override.password:
        said.append(pgettext("exam", "password"))
    return " · ".join(said)


class QuizOverrideViewSet(HouseViewSet):
    scope = Scope.PEOPLE
    model = QuizOverride
    icon = "user"
    menu_label = _("Special arrangements")
    menu_order = 240
    menu_name = "quiz_overrides"
    name = "quiz_overrides"
    url_prefix = "quiz-arrangements"
    inspect_view_enabled = False
    search_fields = ["name", "quiz__code"]
    list_filter = ["quiz"]
    index_view_class = OverrideIndexView
    edit_view_class = OverrideEditView
    delete_view_class = OverrideDeleteView
    left_out = ("history", "usage")
    panels = [
        HelpPanel(
            content=_(
                "Other rules of a quiz for the people named, from now on; also for papers in progress. In "
                "a level exam HR of a branch gives more time; everything else is arranged by head office."
            )
        ),
        FieldPanel("quiz"),
        FieldPanel("name"),
        FieldPanel("staff_numbers"),
        MultiFieldPanel(
            [FieldRowPanel([FieldPanel("opens_at"), FieldPanel("closes_at")]), FieldPanel("never_closes")],
            heading=_("Open and close"),
        ),
        MultiFieldPanel(
            [FieldRowPanel([FieldPanel("time_limit_minutes"), FieldPanel("time_factor")])], heading=_("Time limit")
        ),
        FieldRowPanel([FieldPanel("attempts_allowed", heading=_("attempts allowed")), FieldPanel("new_password")]),
    ]

    def get_edit_handler(self) -> Any:
        return ObjectList(self.panels, base_form_class=OverrideForm).bind_to_model(self.model)
