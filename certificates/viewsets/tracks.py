"""Tracks, their requirements in versions, and certificate designs in the admin."""

from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.panels import FieldPanel, FieldRowPanel, HelpPanel, InlinePanel, MultiFieldPanel, ObjectList
from wagtail.admin.ui.tables import BooleanColumn, Column
from wagtail.admin.views import generic
from wagtail.snippets.views.snippets import InspectView, SnippetViewSet
from wagtail.snippets.widgets import AdminSnippetChooser

from academy.calendar.clock import local_day
from academy.decisions.differences import label_of
from academy.duties.ahead import NoticesAhead
from academy.models import Line
from academy.requests.asked import whole_number
from academy.viewsets.base import BankWideMixin, HouseInspectView, HouseViewSet, JournalledEditView, ReadsInWords, Scope
from academy.viewsets.mixing import WagtailPart
from academy.viewsets.noticed import NoticesFirstMixin
from certificates.curriculum.changing import (
    TRACK,
    TRACK_CHANGE,
    asks_the_same,
    copy_for,
    differences_in,
    draft_of,
    version_in,
)
from certificates.impact.foreseen import Foreseen, validity_foreseen
from certificates.impact.previews import preview_rules
from certificates.models import CertificateDesign, CertificationTrack, ImpactPreview, Requirement, RuleVersion
from certificates.rules.choices import Point, points_of
from certificates.rules.evidence import asked_by, only_for, requirement_label, versions_read
from certificates.rules.meeting import unmeetable
from certificates.rules.standing import Judged
from certificates.viewsets.impacts import impact, impact_file
from quizzes.models import Quiz


class TrackForm(WagtailAdminModelForm):
    """Its settings; the lines are ticked."""

    round_lines = forms.MultipleChoiceField(
        label=capfirst(label_of(CertificationTrack, "round_lines")),
        choices=Line.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=CertificationTrack._meta.get_field("round_lines").help_text,
    )


class TrackEditView(NoticesFirstMixin, JournalledEditView):
    journal_action = TRACK
    change_rule = TRACK_CHANGE

    def count_notices(self, form: Any) -> NoticesAhead:
        """Settings speak of the next award: nobody is told of them."""
        return NoticesAhead(0)

    def foreseen(self, form: Any) -> list[str]:
        return self._reckoned(form).lines

    def impact_kept(self, form: Any) -> list[str]:
        return self._reckoned(form).kept

    def _reckoned(self, form: Any) -> Foreseen:
        stored = CertificationTrack.objects.get(pk=form.instance.pk)
        return validity_foreseen(stored, form.instance, local_day(timezone.now()))


class TrackViewSet(HouseViewSet):
    scope = Scope.BANK
    inspect_view_enabled = True
    model = CertificationTrack
    name = "tracks"
    icon = "order"
    menu_label = _("Certification tracks")
    menu_order = 210
    list_display = ["local_name", "level", "mode", "award", BooleanColumn("active", label=_("In use"))]
    edit_view_class = TrackEditView
    copy_view_enabled = False
    panels = [
        FieldRowPanel([FieldPanel("name"), FieldPanel("name_en")]),
        FieldPanel("level"),
        FieldRowPanel([FieldPanel("award"), FieldPanel("days_needed"), FieldPanel("active")]),
        FieldPanel("round_lines"),
        MultiFieldPanel(
            [
                FieldPanel("mode"),
                FieldRowPanel([FieldPanel("active_months"), FieldPanel("window_months"), FieldPanel("minimum_months")]),
                FieldRowPanel([FieldPanel("anchor_month"), FieldPanel("anchor_day"), FieldPanel("grace_days")]),
                FieldRowPanel([FieldPanel("counts_before_days"), FieldPanel("grace_counts")]),
                FieldPanel("renewable"),
                FieldPanel("remind_days"),
            ],
            heading=_("Validity"),
        ),
        MultiFieldPanel([FieldPanel("design"), FieldPanel("serial_pattern")], heading=_("Certificate")),
    ]

    def get_edit_handler(self) -> Any:
        return ObjectList(self.panels, base_form_class=TrackForm).bind_to_model(self.model)


class RuleForm(WagtailAdminModelForm):
    """One that is in force already is copied, never rewritten. Nothing is saved from here: see ``ImpactFirst``."""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        start = cleaned.get("effective_from")
        if self.instance.pk and self.instance.effective_from <= local_day(timezone.now()):
            self.add_error(None, _("This version is in force and stays as it is. Make a new one from a later day."))
        elif start and start < local_day(timezone.now()):
            self.add_error("effective_from", _("Requirements change from today on, never for the past."))
        until = cleaned.get("transition_until")
        if start and until and until < start:
            message = _("This day is before the version comes into force on %(day)s. Give a later one, or none.")
            self.add_error("transition_until", message % {"day": start})
        formset = self.formsets.get("requirements")
        if formset is not None:
            formset.is_valid()
            for form in formset.forms:
                self._check(form)
            # Of rows that are wrong in themselves the order is not known.
            if not self.errors and formset.is_valid():
                self._say_what_nobody_meets(cleaned, formset)
        return cleaned

    def _say_what_nobody_meets(self, cleaned: dict[str, Any], formset: Any) -> None:
        """Circles and what nobody can meet stand at the requirement before anything is saved."""
        track = cleaned.get("track") or (self.instance.track if self.instance.track_id else None)
        asked = [form for form in formset.ordered_forms if getattr(form, "cleaned_data", None)]
        if track is None or any(form.errors for form in asked):
            return
        rows = [form.instance for form in asked]
        for fault in unmeetable(track=track, requirements=rows, today=local_day(timezone.now())):
            if fault.place is None:
                self.add_error(None, fault.why)
            else:
                asked[fault.place].add_error(fault.field, fault.why)

    def _check(self, form: Any) -> None:
        data = getattr(form, "cleaned_data", None)
        if not data or data.get("DELETE"):
            return
        needs = {"course": "course", "quiz": "quiz", "dialogue": "quiz", "level_held": "level"}
        needs.update(dict.fromkeys(["months_in_post", "years_in_finance", "hours"], "amount"))
        name = needs.get(data.get("kind", ""))
        if name and data.get(name) in (None, ""):
            form.add_error(name, _("This kind of requirement needs it."))
        if data.get("kind") == "posted" and not data.get("positions"):
            form.add_error("positions", _("This kind of requirement needs it."))
        if data.get("kind") == "observation" and data.get("active") and not data.get("practices"):
            form.add_error("practices", _("This kind of requirement needs it."))
        if data.get("kind") == "outside_document" and data.get("active") and not data.get("documents"):
            form.add_error("documents", _("This kind of requirement needs it."))
        if data.get("lasts") == "within" and not data.get("lasts_months"):
            form.add_error("lasts_months", _("Enter the number of months."))


class ImpactFirst(WagtailPart):
    """A version is not saved from its form: what it would do is judged first, and it is saved from there."""

    submit_button_label = _("Preview the impact")

    def is_valid(self, form: RuleForm) -> bool:
        draft = draft_of(form.save(commit=False)) if form.is_valid() else None
        if draft is not None and asks_the_same(draft):
            form.add_error(None, _("It asks for the same as version %(number)s.") % {"number": draft["newest"]})
        valid: bool = super().is_valid(form)
        return valid

    def form_valid(self, form: RuleForm) -> HttpResponse:
        draft = draft_of(form.save(commit=False))
        preview = preview_rules(draft=draft, actor=self.request.user, now=timezone.now())
        return redirect("rules:impact", pk=preview.pk)

    def draft(self) -> ImpactPreview | None:
        """The draft that is changed once more, as the address names it."""
        pk = whole_number(self.request.GET.get("draft", ""))
        return ImpactPreview.objects.filter(pk=pk, change="rules").first() if pk is not None else None

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        draft = self.draft()
        tracks = CertificationTrack.objects.filter(active=True).select_related("level")
        return {
            **super().get_context_data(**kwargs),
            "differences": differences_in(draft.draft) if draft else [],
            "tracks": [] if draft or self.request.GET.get("track") else tracks,
        }


# HR chooses quizzes and does not write them.
QUIZ = AdminSnippetChooser(Quiz, show_edit_link=False)


class RuleCreateView(ImpactFirst, generic.CreateView):
    template_name = "certificates/admin/rules_create.html"

    def get_initial_form_instance(self) -> RuleVersion | None:
        """A draft that was previewed, or a copy of the version in force of the track that the address names."""
        draft = self.draft()
        if draft is not None:
            return version_in(draft.draft)
        pk = whole_number(self.request.GET.get("track", ""))
        track = CertificationTrack.objects.filter(pk=pk).first() if pk is not None else None
        return copy_for(track, local_day(timezone.now())) if track is not None else None


class RuleEditView(ImpactFirst, generic.EditView):
    template_name = "certificates/admin/rules_edit.html"

    def get_page_subtitle(self) -> str:
        return _t("%(track)s, version %(number)s") % {"track": self.object.track, "number": self.object.number}

    def get_form_kwargs(self) -> dict[str, Any]:
        draft, kwargs = self.draft(), super().get_form_kwargs()
        drafted = version_in(draft.draft) if draft is not None and self.request.method == "GET" else None
        if drafted is not None and drafted.pk == self.object.pk:
            kwargs["instance"] = drafted
        return kwargs


class RuleInspectView(HouseInspectView):
    """One version to read: what it asks for a first award and for a renewal, a choice group as one requirement."""

    template_name = "certificates/admin/rule.html"

    def get_page_subtitle(self) -> str:
        return _t("%(track)s, version %(number)s") % {"track": self.object.track, "number": self.object.number}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        version = versions_read([self.object])[0]
        purposes = [(label, version_points(version, purpose)) for purpose, label in PURPOSES]
        off = [
            {"label": requirement_label(row), "only_for": only_for(row)}
            for row in version.requirements.all()
            if not row.active
        ]
        return {**super().get_context_data(**kwargs), "version": version, "purposes": purposes, "off": off}


PURPOSES = ((Requirement.Purpose.FIRST, _("First award")), (Requirement.Purpose.RENEWAL, _("Renewal")))


def version_points(version: RuleVersion, purpose: str) -> list[tuple[str, list[Point]]]:
    """By phase what is asked, as the ladder shows it; of nobody yet, so nothing is met."""
    lines = [Judged(asked, met=False) for asked in asked_by(version, purpose)]
    phases = [("apply", _t("Entry conditions")), ("pass", _t("Requirements"))]
    by_phase = [(label, points_of(line for line in lines if line.asked.phase == phase)) for phase, label in phases]
    return [(label, points) for label, points in by_phase if points]


class RuleViewSet(HouseViewSet):
    scope = Scope.BANK
    inspect_view_enabled = True
    model = RuleVersion
    name = "rules"
    icon = "tasks"
    menu_label = _("Requirements")
    menu_order = 220
    list_display = [
        "track",
        Column("number", label=_("Version")),
        "effective_from",
        "note",
        Column("recorded_by", label=_("Recorded by"), accessor=lambda row: row.recorded_by or ""),
    ]
    list_filter = ["track"]
    left_out = ("delete",)
    copy_view_enabled = False
    add_view_class = RuleCreateView
    edit_view_class = RuleEditView
    inspect_view_class = RuleInspectView

    def get_urlpatterns(self) -> list[Any]:
        return [
            *super().get_urlpatterns(),
            path("impact/<int:pk>/", impact, name="impact"),
            path("impact/<int:pk>/file/", impact_file, name="impact_file"),
        ]

    def get_edit_handler(self) -> Any:
        return ObjectList(
            [
                HelpPanel(
                    content=_(
                        "A version holds from its day until the next one's. Nobody who is certified loses a level by it."
                    )
                ),
                FieldRowPanel([FieldPanel("track"), FieldPanel("effective_from")]),
                FieldRowPanel([FieldPanel("note"), FieldPanel("transition_until")]),
                InlinePanel(
                    "requirements",
                    heading=_("Requirements"),
                    label=_("Requirement"),
                    panels=[
                        FieldRowPanel(
                            [FieldPanel("kind"), FieldPanel("phase"), FieldPanel("purpose"), FieldPanel("active")]
                        ),
                        FieldRowPanel([FieldPanel("name"), FieldPanel("name_en")]),
                        FieldPanel("only_positions"),
                        FieldRowPanel([FieldPanel("course"), FieldPanel("quiz", widget=QUIZ), FieldPanel("score")]),
                        FieldRowPanel([FieldPanel("level"), FieldPanel("amount")]),
                        FieldPanel("positions"),
                        FieldPanel("practices"),
                        FieldPanel("documents"),
                        FieldRowPanel([FieldPanel("lasts"), FieldPanel("lasts_months")]),
                        FieldRowPanel([FieldPanel("group"), FieldPanel("group_needs")]),
                        FieldRowPanel([FieldPanel("mark"), FieldPanel("opens_after")]),
                    ],
                ),
            ],
            base_form_class=RuleForm,
        ).bind_to_model(self.model)


class DesignInspectView(ReadsInWords, InspectView):
    pass


class DesignViewSet(BankWideMixin, SnippetViewSet):
    scope = Scope.BANK
    inspect_view_enabled = True
    inspect_view_class = DesignInspectView
    model = CertificateDesign
    base_url_path = "designs"
    icon = "image"
    menu_label = _("Certificate designs")
    menu_order = 230
    list_display = ["name", "style"]
    copy_view_enabled = True
    panels = [
        FieldRowPanel([FieldPanel("name"), FieldPanel("style")]),
        FieldRowPanel([FieldPanel("academy_name"), FieldPanel("academy_name_en")]),
        FieldRowPanel([FieldPanel("title"), FieldPanel("title_en")]),
        FieldRowPanel([FieldPanel("wording"), FieldPanel("wording_en")]),
        FieldRowPanel([FieldPanel("issuer"), FieldPanel("issuer_en")]),
    ]
