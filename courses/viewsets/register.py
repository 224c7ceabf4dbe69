"""培训台账 in the admin: filters, the rows on the screen, and the file."""

from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse, reverse_lazy
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from academy.calendar.clock import local_day
from academy.forms import field_of
from academy.models import Branch, Role
from academy.models.roles import PEOPLE_ROLES
from academy.requests.asked import DayField, Filter
from academy.requests.signed_in import SignedInRequest
from academy.spreadsheets import XLSX
from academy.staff.access import has_role, is_limited, people_visible_to
from academy.viewsets.base import Scope
from academy.viewsets.jobs import job_page, send_file
from academy.viewsets.pages import PageViewSet, admin_page, viewer_with
from academy.viewsets.scoped import scope_of, visible_branches
from courses.models import Attendance, ClassSession, HourCategory, TrainingExport
from courses.register.exporting import request_export
from courses.register.rows import CATEGORIES, FORMS, RECOGNITION, TrainingQuery, keys_of, rows_of

PAGE = 50
READERS = (Role.HR, Role.BRANCH_ADMINISTRATOR, Role.AUDITOR, Role.ADMINISTRATOR)
# What the screen shows of a row, by the register's own column; the file has every column.
SHOWN = {
    "工号": _("Staff number"),
    "姓名": _("Name"),
    "支行/网点": _("Branch"),
    "项目名称": _("Training"),
    "类别": _("Training category"),
    "形式": _("Form"),
    "结束": _("Last day"),
    "学时": _("Hours"),
    "签到": _("Signed in"),
    "成绩": _("Score"),
    "学时认定": _("Hours recognised"),
    "经办人": _("Kept by"),
    "复核人": _("Reviewed by"),
}
# The register speaks Chinese; on the screen its coded words are said in the reader's language.
IN_WORDS = {
    **{word: HourCategory(code).label for code, word in CATEGORIES.items()},
    **{word: ClassSession.Form(code).label for code, word in FORMS.items()},
    # A course that was completed stands here too, and nothing of it was live.
    FORMS["online"]: _("Online"),
    **{word: Attendance.Recognition(code).label for code, word in RECOGNITION.items()},
}


class RegisterForm(Filter):
    """What the register is asked."""

    title, listing = _("Training register"), reverse_lazy("training_register:index")

    year = forms.IntegerField(label=_("Year"), min_value=1990, max_value=2199, required=False)
    branch = forms.ModelChoiceField(
        Branch.objects.none(), label=_("Branch and below"), required=False, to_field_name="code", empty_label=_("All")
    )
    category = forms.ChoiceField(
        label=_("Training category"), required=False, choices=[("", _("All")), *HourCategory.choices]
    )
    until = DayField(label=_("As of"), required=False)
    q = forms.CharField(label=_("Name or staff number"), required=False, max_length=80)

    def __init__(self, *args: Any, request: SignedInRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field_of(self, "branch", forms.ModelChoiceField).queryset = visible_branches(request)

    def question(self, now: Any) -> TrainingQuery:
        """This year up to today where nothing is said; a past year up to its last day."""
        data = self.asked()
        today = local_day(now)
        year = data.get("year") or (data["until"].year if data.get("until") else today.year)
        first, last = date(year, 1, 1), date(year, 12, 31)
        until = min(max(data.get("until") or min(last, today), first), last)
        return TrainingQuery(
            since=first,
            until=until,
            known_as_of=now,
            branch=data["branch"].code if data.get("branch") else "",
            category=data.get("category") or "",
            search=data.get("q") or "",
        )


def _reader(request: SignedInRequest) -> tuple[Any, date]:
    return viewer_with(request, *READERS)


def _page(request: SignedInRequest, template: str, title: str, context: dict[str, Any], *, leaf: bool) -> HttpResponse:
    above = [(reverse("training_register:index"), _t("Training register"))]
    return admin_page(request, template, context, title=title, icon="list-ul", above=above, leaf=title if leaf else "")


def index(request: SignedInRequest) -> HttpResponse:
    viewer, today = _reader(request)
    form = RegisterForm(request.GET or None, request=request, initial={"year": today.year})
    question = form.question(timezone.now())
    page = Paginator(keys_of(question, people_visible_to(viewer, today, PEOPLE_ROLES)), PAGE).get_page(
        request.GET.get("p")
    )
    rows = rows_of(question, list(page.object_list), first=page.start_index())
    query = request.GET.copy()
    query.pop("p", None)
    return _page(
        request,
        "courses/admin/training_register.html",
        _t("Training register"),
        {
            "form": form,
            "question": question,
            "page": page,
            "columns": SHOWN.values(),
            "rows": [[_in_words(row[name]) for name in SHOWN] for row in rows],
            "limited": is_limited(viewer, today),
            "exports": TrainingExport.objects.filter(requested_by=viewer).select_related("job")[:5],
            "query": query.urlencode(),
        },
        leaf=False,
    )


def _in_words(value: Any) -> Any:
    return f"{value:g}" if isinstance(value, float) else IN_WORDS.get(value, value)


def export(request: SignedInRequest) -> HttpResponse:
    """Starts a file of what the filter shows."""
    viewer, _today = _reader(request)
    if request.method != "POST":
        return redirect("training_register:index")
    now = timezone.now()
    question = RegisterForm(request.GET or None, request=request).question(now)
    started = request_export(question=question, requested_by=viewer, now=now)
    return redirect("training_register:progress", uuid=started.uuid)


def _own_export(request: SignedInRequest, uuid: UUID) -> TrainingExport:
    viewer, _today = _reader(request)
    return get_object_or_404(
        TrainingExport.objects.select_related("job"), uuid=uuid, requested_by=viewer, job__isnull=False
    )


def progress(request: SignedInRequest, uuid: UUID) -> HttpResponse:
    """The progress bar; leaving the page does not stop the export."""
    one = _own_export(request, uuid)
    return job_page(
        request,
        one.begun,
        template="courses/admin/training_export.html",
        title=_t("Export"),
        icon="list-ul",
        above=[(reverse("training_register:index"), _t("Training register"))],
        context={"export": one},
    )


def download(request: SignedInRequest, uuid: UUID) -> HttpResponseBase:
    one = _own_export(request, uuid)
    return send_file(one.job, f"training-register-{one.question['until']}.xlsx", content_type=XLSX)


class TrainingRegisterViewSet(PageViewSet):
    """The register's places."""

    scope = Scope.PEOPLE
    name = "training_register"
    icon = "list-ul"
    menu_label = _("Training register")
    menu_name = "training-register"
    menu_order = 120

    def get_urlpatterns(self) -> list[Any]:
        return [
            path("", index, name="index"),
            path("export/", export, name="export"),
            path("export/<uuid:uuid>/", progress, name="progress"),
            path("export/<uuid:uuid>/file/", download, name="download"),
        ]

    def is_for(self, request: SignedInRequest) -> bool:
        return has_role(*scope_of(request), *READERS)
