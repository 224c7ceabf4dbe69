"""Calibrations of assessors in the admin: HR's list, preparing one, and the way to its page."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Count, Q, QuerySet
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.ui.tables import Column, DateColumn
from wagtail.admin.views import generic

from academy.calendar.clock import local_day
from academy.errors.refusals import RuleViolation
from academy.models import Branch
from academy.requests.asked import DayField
from academy.staff.access import branches_visible_to
from academy.viewsets.base import Scope
from academy.viewsets.columns import title_column
from academy.viewsets.file_kinds import kind_of, words_for
from academy.viewsets.scoped import ScopedEditView, ScopedIndexView, ScopedViewSet
from academy.viewsets.uploads import TrueFiles
from quizzes.models import Calibration
from quizzes.observing.calibrating import prepare
from quizzes.observing.reach import KEEPERS
from quizzes.viewsets.calibration_page import calibration_file, calibration_page, results_workbook

LARGEST = 50 * 1024 * 1024
TAKEN = ("pdf", "mp3", "mp4", "ogg", "jpeg", "png")


class CalibrationForm(TrueFiles, WagtailAdminModelForm):
    """The case and its days. The reference and who is invited stand on the calibration's own page."""

    opens_on = DayField(label=_("opens on"))
    closes_on = DayField(label=_("last day"))

    class Meta:
        model = Calibration
        fields = [
            "name",
            "name_en",
            "branch",
            "rubric",
            "case",
            "case_en",
            "file",
            "opens_on",
            "closes_on",
            "pass_mark",
            "drift_from",
            "shown",
        ]
        widgets = {"case": forms.Textarea(attrs={"rows": 8}), "case_en": forms.Textarea(attrs={"rows": 8})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        viewer, today = self.for_user, local_day(timezone.now())
        visible = branches_visible_to(viewer, today, KEEPERS) if viewer else Branch.objects.none()
        self.fields["branch"].queryset = visible.filter(closed_on=None)
        if self.instance.pk and self.instance.sheets.exists():
            # Who is invited was looked up in this branch.
            self.fields["branch"].disabled = True

    def clean_file(self) -> Any:
        file = self.cleaned_data.get("file")
        if file and file is not self.instance.file and "file" in self.changed_data:
            if file.size > LARGEST:
                raise ValidationError(_t("The file is larger than %(size)s MB.") % {"size": LARGEST // 1024 // 1024})
            kind = kind_of(file)
            if kind not in TAKEN:
                raise ValidationError(
                    _t("A PDF, MP3, MP4, Ogg, JPEG or PNG. This is %(kind)s.") % {"kind": words_for(kind)}
                )
            file.name = f"case.{kind}"
        return file

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        opens, closes = cleaned.get("opens_on"), cleaned.get("closes_on")
        if opens and closes and closes < opens:
            self.add_error("closes_on", _("The last day must not be before the first."))
        if closes and closes < local_day(timezone.now()):
            self.add_error("closes_on", _("Its last day lies in the past."))
        if self.instance.announced_at is not None or self.instance.called_off_at is not None:
            raise ValidationError(_("It is announced. What is scored does not change any more."))
        return cleaned

    def save(self, commit: bool = True) -> Calibration:
        calibration: Calibration = super().save(commit=False)
        try:
            return prepare(calibration=calibration, actor=self.for_user, now=timezone.now())
        except RuleViolation as refusal:
            raise ValidationError(refusal.message) from None

    def save_m2m(self) -> None:
        """The rule has written all there is."""


class CalibrationIndexView(ScopedIndexView):
    page_title = _("Calibrations")
    add_item_label = _("Prepare a calibration")
    default_ordering = "-opens_on"
    list_export = ["name", "branch.code", "rubric", "opens_on", "closes_on", "invited", "scored"]
    export_filename = "calibrations"

    @property
    def columns(self) -> list[Column]:
        return [
            title_column(self, "name", label=_("Calibration"), accessor="local_name", sort_key="name"),
            Column("state", label=_("State"), accessor=_phase),
            DateColumn("opens_on", label=_("opens on"), sort_key="opens_on"),
            DateColumn("closes_on", label=_("last day"), sort_key="closes_on"),
            Column("branch", label=_("Branch"), accessor="branch"),
            Column(
                "sheets",
                label=pgettext_lazy("score sheet", "Handed in"),
                accessor=lambda row: f"{row.scored}/{row.invited}",
            ),
        ]

    def get_base_queryset(self) -> QuerySet:
        found = super().get_base_queryset().select_related("branch", "rubric")
        handed_in = Count("sheets", filter=Q(sheets__handed_in_at__isnull=False))
        return found.annotate(invited=Count("sheets"), scored=handed_in)

    def get_edit_url(self, instance: Calibration) -> str:
        return reverse("calibrations:calibration", args=[instance.pk])


def _phase(calibration: Calibration) -> Any:
    return Calibration.Phase(calibration.phase_on(local_day(timezone.now()))).label


class CalibrationCreateView(generic.CreateView):
    page_title = _("Prepare a calibration")
    success_message = _("Prepared. Set the reference and invite the assessors next.")

    def get_success_url(self) -> str:
        return reverse("calibrations:calibration", args=[self.object.pk])


class CalibrationEditView(ScopedEditView):
    success_message = _("The calibration is changed.")

    def get_success_url(self) -> str:
        return reverse("calibrations:calibration", args=[self.object.pk])


class CalibrationViewSet(ScopedViewSet):
    scope = Scope.BRANCH
    model = Calibration
    name = "calibrations"
    icon = "view"
    menu_label = _("Calibrations")
    menu_order = 145
    scope_branch_path = "branch"
    list_filter = ["branch", "rubric"]
    search_fields = ["name", "name_en"]
    index_view_class = CalibrationIndexView
    add_view_class = CalibrationCreateView
    edit_view_class = CalibrationEditView
    left_out = ("delete", "usage", "history", "history_results")

    def get_form_class(self, for_update: bool = False) -> type[WagtailAdminModelForm]:
        return CalibrationForm

    def get_urlpatterns(self) -> list[Any]:
        return [
            *super().get_urlpatterns(),
            path("<int:pk>/", calibration_page, name="calibration"),
            path("<int:pk>/results/", results_workbook, name="results"),
            path("<int:pk>/file/", calibration_file, name="file"),
        ]
