"""Outside documents in the admin: what is asked for, HR's list of what was handed in, one of them to be checked."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from wagtail.admin import messages
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.panels import FieldPanel, FieldRowPanel
from wagtail.admin.ui.tables import BooleanColumn, Column, DateColumn
from wagtail.admin.widgets.button import HeaderButton

from academy.decisions.changing import register_row_change
from academy.decisions.differences import row_differences
from academy.decisions.objects import register_object_kind
from academy.doors import counts_towards
from academy.errors.refusals import RuleViolation
from academy.journal import register_action
from academy.requests.signed_in import SignedInRequest
from academy.staff.access import people_visible_to
from academy.viewsets.base import HouseViewSet, JournalledEditView, Scope
from academy.viewsets.columns import title_column
from academy.viewsets.handing_in import tell_handed_in
from academy.viewsets.pages import admin_page
from academy.viewsets.scoped import ScopedIndexView, ScopedViewSet, scope_of
from certificates.models import OutsideDocument, OutsideDocumentKind
from certificates.outside.checking import check, checking_refusal, documents_ending, propose_setting_aside
from certificates.outside.forms import ForPersonForm, HandInForm
from certificates.outside.handing_in import CHECKERS
from certificates.outside.views import take_in

CHANGE = register_action("certificates.change_document_kind", _("Kind of outside document changed"))
KIND_CHANGE = register_row_change(
    "certificates.change_document_kind",
    label=_("Change of a kind of outside document"),
    model=OutsideDocumentKind,
    journal_action=CHANGE,
)
register_object_kind(
    OutsideDocumentKind,
    counts=lambda kind: [str(reason) for reason in counts_towards(kind)] if kind.pk else [],
    differences=row_differences,
    profits=lambda person, kind, on: None,
)


class OutsideDocumentKindEditView(JournalledEditView):
    journal_action = CHANGE
    change_rule = KIND_CHANGE


class OutsideDocumentKindViewSet(HouseViewSet):
    scope = Scope.BANK
    model = OutsideDocumentKind
    name = "outside_document_kinds"
    icon = "doc-full"
    menu_label = _("Kinds of outside documents")
    menu_order = 152
    inspect_view_enabled = True
    edit_view_class = OutsideDocumentKindEditView
    list_display = ["local_name", "code", BooleanColumn("active", label=_("In use"))]
    search_fields = ["name", "name_en"]
    search_backend_name = None
    panels = [
        FieldRowPanel([FieldPanel("name"), FieldPanel("name_en")]),
        FieldRowPanel([FieldPanel("brief"), FieldPanel("brief_en")]),
        FieldRowPanel([FieldPanel("number_needed"), FieldPanel("scan_needed")]),
        FieldRowPanel([FieldPanel("ends"), FieldPanel("active")]),
    ]


def document_page(request: SignedInRequest, pk: int) -> HttpResponse:
    """One document with its scan: accepted or not by another person, set aside by two."""
    viewer, today = scope_of(request)
    rows = OutsideDocument.objects.select_related("kind", "person", "handed_in_by", "checked_by")
    document = get_object_or_404(rows, pk=pk, person__in=people_visible_to(viewer, today).values("pk"))
    may_change = people_visible_to(viewer, today, CHECKERS).filter(pk=document.person_id).exists()
    if request.method == "POST":
        if not may_change:
            raise Http404
        try:
            return _decided(request, document)
        except RuleViolation as refused:
            messages.error(request, str(refused.message))
    return admin_page(
        request,
        "certificates/admin/outside_document.html",
        {
            "document": document,
            "may_change": may_change,
            "refusal": checking_refusal(document=document, checker=viewer, on=today) if document.is_waiting else "",
            "asked_by": counts_towards(document.kind),
        },
        title=str(document.kind),
        icon="doc-full",
        above=[(reverse("outside_documents:index"), _t("Outside documents"))],
    )


def _decided(request: SignedInRequest, document: OutsideDocument) -> HttpResponse:
    act, reason, now = request.POST.get("act", ""), request.POST.get("reason", ""), timezone.now()
    if act == "set-aside":
        proposal = propose_setting_aside(document=document, reason=reason, actor=request.user, now=now)
        tell_handed_in(request, proposal)
        return redirect("outside_documents:document", pk=document.pk)
    if act not in ("accept", "refuse"):
        raise Http404
    check(document=document, accepted=act == "accept", reason=reason, checker=request.user, now=now)
    messages.success(request, _t("Accepted.") if act == "accept" else _t("Not accepted; the person reads why."))
    return redirect(f"{reverse('outside_documents:index')}?state=waiting")


def hand_in_page(request: SignedInRequest) -> HttpResponse:
    """HR hands in what somebody brought: first whose and what, then the document. Another person checks it."""
    viewer, today = scope_of(request)
    people = people_visible_to(viewer, today, CHECKERS)
    if not people.exists():
        raise Http404
    asked = request.GET if request.GET.get("staff_number") or request.GET.get("kind") else None
    whom = ForPersonForm(asked, people=people)
    context: dict[str, Any] = {"whom": whom}
    if whom.is_bound and whom.is_valid():
        person, kind = whom.cleaned_data["staff_number"], whom.cleaned_data["kind"]
        form = HandInForm(request.POST or None, request.FILES or None, kind=kind)
        if request.method == "POST" and form.is_valid() and take_in(form, kind=kind, person=person, actor=viewer):
            messages.success(request, _t("Handed in. Another person checks it."))
            return redirect("outside_documents:index")
        context |= {"person": person, "kind": kind, "brief": kind.words("brief"), "form": form}
    return admin_page(
        request,
        "certificates/admin/hand_in_document.html",
        context,
        title=_t("Hand in a document"),
        icon="doc-full",
        above=[(reverse("outside_documents:index"), _t("Outside documents"))],
    )


class OutsideDocumentFilterSet(WagtailFilterSet):
    ends = django_filters.ChoiceFilter(
        label=_("Ends soon"),
        choices=[("soon", _("In 60 days, with nothing later"))],
        method="filter_ends",
        empty_label=_("All"),
    )

    class Meta:
        model = OutsideDocument
        fields = ["state", "kind"]

    def filter_ends(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        return queryset.filter(pk__in=documents_ending(scope_of(self.request)[1]).values("pk"))


class OutsideDocumentIndexView(ScopedIndexView):
    page_title = _("Outside documents")
    default_ordering = "-handed_in_at"
    list_export = [
        "person.staff_number",
        "person.display_name",
        "kind.code",
        "number",
        "issuer",
        "issued_on",
        "valid_through",
        "state",
    ]
    export_filename = "outside-documents"

    @property
    def columns(self) -> list[Column]:
        return [
            title_column(self, "person", label=_("Person"), accessor="person"),
            Column("kind", label=pgettext_lazy("outside document", "Document"), accessor="kind"),
            Column("state", label=_("State"), accessor="get_state_display", sort_key="state"),
            DateColumn("issued_on", label=pgettext_lazy("a document", "Issued on"), sort_key="issued_on"),
            DateColumn("valid_through", label=_("Last valid day"), sort_key="valid_through"),
            DateColumn("handed_in_at", label=_("Handed in at"), sort_key="handed_in_at"),
        ]

    @property
    def header_buttons(self) -> list[Any]:
        viewer, today = scope_of(self.request)
        if not people_visible_to(viewer, today, CHECKERS).exists():
            return []
        return [HeaderButton(_t("Hand in a document"), url=reverse("outside_documents:hand_in"), icon_name="plus")]

    def get_base_queryset(self) -> QuerySet:
        return super().get_base_queryset().select_related("person", "kind")

    def get_edit_url(self, instance: OutsideDocument) -> str:
        return reverse("outside_documents:document", args=[instance.pk])


class OutsideDocumentViewSet(ScopedViewSet):
    scope = Scope.PEOPLE
    model = OutsideDocument
    name = "outside_documents"
    icon = "doc-full"
    menu_label = _("Outside documents")
    menu_order = 151
    add_to_admin_menu = True
    scope_path = "person"
    filterset_class = OutsideDocumentFilterSet
    search_fields = ["person__staff_number", "person__display_name", "number"]
    index_view_class = OutsideDocumentIndexView
    form_fields: list[str] = []
    left_out = ("add", "edit", "delete", "usage", "history", "history_results")

    def get_urlpatterns(self) -> list[Any]:
        return [
            *super().get_urlpatterns(),
            path("<int:pk>/", document_page, name="document"),
            path("hand-in/", hand_in_page, name="hand_in"),
        ]
