"""Exam sessions in the admin: listing, arranging, and the way to a session's own page."""

from secrets import randbelow
from typing import Any

from django import forms
from django.db.models import Count, QuerySet
from django.forms import ValidationError
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.ui.tables import Column, DateColumn
from wagtail.admin.views import generic

from academy.calendar.clock import local_day
from academy.errors.refusals import RuleViolation
from academy.models import Branch, Role, RoleGrant, User
from academy.requests.asked import MomentInput
from academy.staff.access import branches_visible_to
from academy.viewsets.base import Scope
from academy.viewsets.columns import title_column
from academy.viewsets.noticed import SavedOnceCountedMixin
from academy.viewsets.scoped import ScopedEditView, ScopedIndexView, ScopedViewSet
from quizzes.hall.seating import ARRANGERS
from quizzes.hall.sessions import arrange_session, same_room, session_changes_refusal
from quizzes.models import ExamSession, Quiz
from quizzes.viewsets.session_page import print_list, session_page


class SessionForm(WagtailAdminModelForm):
    """When, where, who watches. Candidates are entered on the session's own page."""

    invigilators = forms.ModelMultipleChoiceField(
        label=_("Invigilators"),
        queryset=User.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Who holds the role of invigilator in your part of the bank."),
    )

    class Meta:
        model = ExamSession
        fields = [
            "quiz",
            "branch",
            "name",
            "name_en",
            "room",
            "starts_at",
            "ends_at",
            "late_minutes",
            "seats",
            "start_code",
            "note",
            "note_en",
        ]
        widgets = {
            "starts_at": MomentInput(),
            "ends_at": MomentInput(),
            "note": forms.Textarea(attrs={"rows": 3}),
            "note_en": forms.Textarea(attrs={"rows": 3}),
        }

    field_order = [
        "quiz",
        "name",
        "name_en",
        "branch",
        "room",
        "starts_at",
        "ends_at",
        "late_minutes",
        "seats",
        "start_code",
        "invigilators",
        "note",
        "note_en",
    ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.now = timezone.now()
        today, viewer = local_day(self.now), self.for_user
        visible = branches_visible_to(viewer, today, ARRANGERS) if viewer else Branch.objects.none()
        self.fields["quiz"].queryset = Quiz.objects.filter(kind=Quiz.Kind.EXAM)
        self.fields["branch"].queryset = visible.filter(closed_on=None)
        self.grants = RoleGrant.objects.current().in_force(today).filter(role=Role.INVIGILATOR, branch__in=visible)
        known = User.objects.filter(pk__in=self.grants.values("person"), is_active=True)
        if not self.instance.pk:
            self.fields["start_code"].initial = f"{randbelow(10**6):06}"
        if self.instance.pk:
            known = known | User.objects.filter(invigilated_sessions=self.instance)
            self.fields["invigilators"].initial = list(self.instance.invigilators.values_list("pk", flat=True))
        self.fields["invigilators"].queryset = known.distinct()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        starts, ends, branch = (cleaned.get(name) for name in ("starts_at", "ends_at", "branch"))
        if starts and ends and ends <= starts:
            self.add_error("ends_at", _("A session ends after it starts."))
        if branch is not None:
            paths: dict[int, list[str]] = {}
            for person, where in self.grants.values_list("person", "branch__path"):
                paths.setdefault(person, []).append(where)
            for person in cleaned.get("invigilators") or ():
                if not any(branch.path.startswith(where) for where in paths.get(person.pk, ())):
                    text = _("%(name)s is not an invigilator for this branch.") % {"name": person.display_name}
                    self.add_error("invigilators", text)
        if not self.errors:
            self._try_rule()
        return cleaned

    def _try_rule(self) -> None:
        """The refusal of the rule stands above the form instead of at the end of the way."""
        before = ExamSession.objects.filter(pk=self.instance.pk).first() if self.instance.pk else None
        if before is None:
            return
        after = ExamSession(**{name: self.cleaned_data[name] for name in self._meta.fields})
        started = before.candidates.filter(attempt__isnull=False).exists()
        refusal = session_changes_refusal(before=before, after=after, started=started)
        if refusal:
            raise ValidationError(refusal)
        if after.seats < before.candidates.count():
            raise ValidationError(_("There are more candidates than seats."))

    def save(self, commit: bool = True) -> ExamSession:
        session = super().save(commit=False)
        try:
            return arrange_session(
                session=session,
                invigilators=list(self.cleaned_data["invigilators"]),
                actor=self.for_user,
                now=self.now,
            )
        except RuleViolation as refusal:
            raise ValidationError(refusal.message) from None

    def save_m2m(self) -> None:
        """The rule has written the invigilators."""


class SessionIndexView(ScopedIndexView):
    page_title = _("Exam sessions")
    add_item_label = _("Arrange a session")
    default_ordering = "-starts_at"
    list_export = ["quiz.code", "name", "branch.code", "room", "starts_at", "ends_at", "seats"]
    export_filename = "exam-sessions"

    @property
    def columns(self) -> list[Column]:
        return [
            title_column(self, "name", label=_("Session"), accessor="local_name"),
            Column("quiz", label=_("Exam"), accessor="quiz"),
            DateColumn("starts_at", label=_("Starts"), sort_key="starts_at"),
            Column("room", label=_("Room"), accessor="room"),
            Column("branch", label=_("Branch"), accessor="branch"),
            Column("candidates", label=_("Candidates"), accessor=lambda row: f"{row.entered}/{row.seats}"),
            Column("state", label=_("State"), accessor=session_state),
        ]

    def get_base_queryset(self) -> QuerySet:
        found = super().get_base_queryset().select_related("quiz", "branch")
        return found.annotate(entered=Count("candidates"))

    def get_edit_url(self, instance: ExamSession) -> str:
        return reverse("exam_sessions:session", args=[instance.pk])


def session_state(session: ExamSession) -> Any:
    now = timezone.now()
    if session.cancelled_at is not None:
        return _("Cancelled")
    if now < session.starts_at:
        return _("Coming")
    return _("Running") if now < session.ends_at else _("Over")


class RoomFirstMixin(SavedOnceCountedMixin):
    """Whether the room is free then, and how many candidates hear of a change, stands before it is saved."""

    def foreseen(self, form: SessionForm) -> list[str]:
        text = _t("Room %(room)s is taken at that time: %(name)s, %(from)s–%(until)s.")
        return [
            text
            % {
                "room": other.room,
                "name": other.local_name,
                "from": date_format(timezone.localtime(other.starts_at), "SHORT_DATETIME_FORMAT"),
                "until": f"{timezone.localtime(other.ends_at):%H:%M}",
            }
            for other in same_room(form.instance)
        ]


class SessionCreateView(RoomFirstMixin, generic.CreateView):
    page_title = _("Arrange a session")
    success_message = _("The session is arranged. Enter its candidates next.")

    def get_success_url(self) -> str:
        return reverse("exam_sessions:session", args=[self.object.pk])


class SessionEditView(RoomFirstMixin, ScopedEditView):
    success_message = _("Changed; candidates are notified of a new time or room.")

    def get_success_url(self) -> str:
        return reverse("exam_sessions:session", args=[self.object.pk])


class SessionViewSet(ScopedViewSet):
    scope = Scope.BRANCH
    model = ExamSession
    name = "exam_sessions"
    icon = "date"
    menu_label = _("Exam sessions")
    menu_order = 100
    scope_branch_path = "branch"
    list_filter = ["quiz", "branch"]
    search_fields = ["name", "name_en", "room", "quiz__title", "quiz__title_en", "quiz__code"]
    index_view_class = SessionIndexView
    add_view_class = SessionCreateView
    edit_view_class = SessionEditView
    left_out = ("delete", "usage", "history", "history_results")

    def get_form_class(self, for_update: bool = False) -> type[WagtailAdminModelForm]:
        return SessionForm

    def get_urlpatterns(self) -> list[Any]:
        return [
            *super().get_urlpatterns(),
            path("<int:pk>/", session_page, name="session"),
            path("<int:pk>/print/", print_list, name="print"),
        ]
