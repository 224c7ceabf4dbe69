"""Bans from exams in the admin: listing, proposing for a pasted list, lifting."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from wagtail.admin import messages
from wagtail.admin.ui.tables import Column, DateColumn
from wagtail.admin.widgets.button import Button, HeaderButton

from academy.calendar.clock import local_day
from academy.errors.refusals import RuleViolation
from academy.models import Line, Proposal, User
from academy.requests.asked import DayField
from academy.requests.signed_in import SignedInRequest
from academy.staff.access import has_role, people_visible_to
from academy.viewsets.base import Scope
from academy.viewsets.columns import title_column
from academy.viewsets.pages import admin_page, viewer_with
from academy.viewsets.scoped import ScopedIndexView, ScopedViewSet, scope_of
from quizzes.hall.bans import ban_refusal, lifting_refusal, line_label, propose_ban, propose_lifting
from quizzes.hall.seating import ARRANGERS, read_lines
from quizzes.models import Ban

MOST_PEOPLE = 500


class BanForm(forms.Form):
    """Whom, from what, from when to when, and why."""

    numbers = forms.CharField(
        label=_("Staff numbers, one a line"), widget=forms.Textarea(attrs={"rows": 4}), max_length=50_000
    )
    line = forms.ChoiceField(label=_("Exams of"), choices=[("", _("every line")), *Line.choices], required=False)
    since = DayField(label=pgettext_lazy("moment", "From"))
    until = DayField(
        label=_("Through"),
        help_text=_("The last day, inclusive. One to two years is usual."),
    )
    reason = forms.CharField(
        label=_("Reason"), max_length=500, help_text=_("Goes into the journal, and the person is notified.")
    )

    def __init__(self, *args: Any, viewer: User, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        self.viewer, self.today = viewer, local_day(timezone.now())
        self.fields["since"].initial = self.today

    def clean_numbers(self) -> list[User]:
        lines = read_lines(self.cleaned_data["numbers"])[: MOST_PEOPLE + 1]
        if len(lines) > MOST_PEOPLE:
            raise forms.ValidationError(_("No more than %(count)s lines at once.") % {"count": MOST_PEOPLE})
        visible = people_visible_to(self.viewer, self.today, ARRANGERS).exclude(pk=self.viewer.pk)
        people = {
            person.staff_number: person for person in visible.filter(staff_number__in=[number for _no, number in lines])
        }
        problems = [
            _("Line %(line)s (%(number)s): %(problem)s")
            % {
                "line": line,
                "number": number[:40],
                "problem": _("No person with this staff number in your part of the bank."),
            }
            for line, number in lines
            if number not in people
        ]
        if problems:
            raise forms.ValidationError(problems[:50])
        return list(people.values())

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("since") and cleaned.get("until"):
            refusal = ban_refusal(
                since=cleaned["since"], until=cleaned["until"], line=cleaned.get("line", ""), today=self.today
            )
            if refusal:
                self.add_error("until", refusal)
        return cleaned


def add_ban(request: SignedInRequest) -> HttpResponse:
    """Filled in, shown as it would be, then proposed."""
    viewer, _today = viewer_with(request, *ARRANGERS)
    number = request.GET.get("person", "")
    form = BanForm(request.POST or None, viewer=viewer, initial={"numbers": number[:32]})
    shown = None
    if request.method == "POST" and form.is_valid():
        if request.POST.get("step") == "confirm":
            return _propose(request, form)
        shown = form.cleaned_data
    return admin_page(
        request,
        "quizzes/admin/ban.html",
        {
            "form": form,
            "shown": shown,
            "line": line_label(shown["line"]) if shown else "",
        },
        title=_t("Propose a ban"),
        icon="cross",
        above=[(reverse("bans:index"), _t("Bans"))],
    )


def _propose(request: SignedInRequest, form: BanForm) -> HttpResponse:
    data = form.cleaned_data
    try:
        proposal = propose_ban(
            people=data["numbers"],
            line=data["line"],
            since=data["since"],
            until=data["until"],
            reason=data["reason"],
            actor=request.user,
            now=timezone.now(),
        )
    except RuleViolation as refused:
        messages.error(request, str(refused.message))
        return redirect("bans:index")
    return told(request, proposal)


def told(request: SignedInRequest, proposal: Proposal) -> HttpResponse:
    """Whether it waits or is in force, and the way to the proposal."""
    if proposal.state == Proposal.State.WAITING:
        messages.success(request, _t("Proposed. It takes effect when a second person approves."))
    else:
        messages.success(request, _t("In force. Nobody else could decide about it."))
    return redirect("proposals:decide", pk=proposal.pk)


def lift_ban(request: SignedInRequest, pk: int) -> HttpResponse:
    viewer, today = viewer_with(request, *ARRANGERS)
    people = people_visible_to(viewer, today, ARRANGERS).values("pk")
    ban = get_object_or_404(Ban.objects.current().select_related("person"), pk=pk, person__in=people)
    if request.method == "POST":
        try:
            proposal = propose_lifting(ban=ban, reason=request.POST.get("reason", ""), actor=viewer, now=timezone.now())
            return told(request, proposal)
        except RuleViolation as refused:
            messages.error(request, str(refused.message))
    return admin_page(
        request,
        "quizzes/admin/lift_ban.html",
        {
            "ban": ban,
            "line": line_label(ban.line),
            "refusal": lifting_refusal(ban=ban, today=today),
        },
        title=_t("Lift a ban"),
        icon="cross",
        above=[(reverse("bans:index"), _t("Bans"))],
    )


class BanIndexView(ScopedIndexView):
    page_title = _("Bans")
    default_ordering = "-effective_from"
    list_export = ["person.staff_number", "person.display_name", "line", "effective_from", "effective_until", "reason"]
    export_filename = "bans"

    @property
    def columns(self) -> list[Column]:
        return [
            title_column(self, "person", label=_("Person"), accessor="person"),
            Column("line", label=_("Exams of"), accessor=lambda row: line_label(row.line)),
            DateColumn("effective_from", label=pgettext_lazy("moment", "From"), sort_key="effective_from"),
            DateColumn("effective_until", label=_("Through"), sort_key="effective_until"),
            Column("reason", label=_("Reason"), accessor="reason"),
        ]

    def get_base_queryset(self) -> QuerySet:
        return super().get_base_queryset().filter(withdrawn_at=None).select_related("person")

    def get_edit_url(self, instance: Ban) -> str:
        return reverse("bans:lift", args=[instance.pk])

    @property
    def header_buttons(self) -> list[Button]:
        viewer, today = scope_of(self.request)
        if not has_role(viewer, today, *ARRANGERS):
            return []
        return [HeaderButton(_("Propose a ban"), url=reverse("bans:propose"), icon_name="plus", priority=10)]


class BanViewSet(ScopedViewSet):
    scope = Scope.PEOPLE
    model = Ban
    name = "bans"
    icon = "cross"
    menu_label = _("Bans")
    menu_order = 130
    scope_path = "person"
    list_filter = ["line"]
    search_fields = ["person__staff_number", "person__display_name"]
    index_view_class = BanIndexView
    form_fields: list[str] = []
    left_out = ("add", "edit", "delete", "usage", "history", "history_results")

    def get_urlpatterns(self) -> list[Any]:
        return [
            *super().get_urlpatterns(),
            path("propose/", add_ban, name="propose"),
            path("lift/<int:pk>/", lift_ban, name="lift"),
        ]
