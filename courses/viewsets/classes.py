"""Classroom sessions in the admin: the list of the viewer's part of the bank, arranging and changing one."""

from datetime import datetime
from typing import Any

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Count, Q
from django.db.models.query import QuerySet
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.ui.tables import Column
from wagtail.admin.views import generic

from academy.errors.refusals import RuleViolation
from academy.models import Branch, User
from academy.viewsets.base import Scope
from academy.viewsets.columns import title_column
from academy.viewsets.mixing import WagtailPart
from academy.viewsets.noticed import SavedOnceCountedMixin
from academy.viewsets.panels import WaitingItem
from academy.viewsets.scoped import ScopedEditView, ScopedIndexView, ScopedViewSet, scope_of
from courses.classroom.access import branches_organised_by, may_organise, sessions_visible_to
from courses.classroom.sessions import arrange_session, session_refusal
from courses.models import Attendee, ClassSession, HourCategory
from courses.viewsets import class_page


class ClassForm(WagtailAdminModelForm):
    taught_by_number = forms.CharField(
        label=_("Lecturer's staff number"),
        required=False,
        max_length=32,
        help_text=_(
            "Where a colleague teaches: it counts for levels that ask for a course taught, once the session is reviewed."
        ),
    )

    class Meta:
        model = ClassSession
        fields = [
            "title",
            "title_en",
            "course",
            "form",
            "category",
            "hours",
            "branch",
            "starts_at",
            "ends_at",
            "place",
            "lecturer",
            "seats",
            "open_to_all",
            "walk_ins",
            "late_minutes",
            "scored",
            "pass_score",
            "note",
            "note_en",
        ]
        labels = {"category": _("Training category")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.now, today = timezone.now(), timezone.localdate()
        mine = branches_organised_by(self.for_user, today) if self.for_user else Branch.objects.none()
        self.fields["branch"].queryset = mine.filter(closed_on=None)
        self.order_fields([*self._meta.fields[: self._meta.fields.index("seats")], "taught_by_number"])
        if self.instance.taught_by is not None:
            self.initial["taught_by_number"] = self.instance.taught_by.staff_number

    def clean_taught_by_number(self) -> User | None:
        number = self.cleaned_data["taught_by_number"].strip()
        if not number:
            return None
        lecturer = User.objects.filter(staff_number=number).first()
        if lecturer is None:
            raise ValidationError(_("No person with this staff number."))
        return lecturer

    def clean(self) -> dict[str, Any]:
        """The rule's refusal stands above the form instead of at the end of the way."""
        cleaned = super().clean()
        starts, ends = cleaned.get("starts_at"), cleaned.get("ends_at")
        if starts and ends and ends <= starts:
            self.add_error("ends_at", _("A session ends after it starts."))
        if not self.errors:
            before = ClassSession.objects.filter(pk=self.instance.pk).first() if self.instance.pk else None
            after = ClassSession(
                **{name: cleaned[name] for name in self._meta.fields}, taught_by=cleaned["taught_by_number"]
            )
            seated = before.attendees.seated().count() if before else 0
            refusal = session_refusal(before=before, after=after, seated=seated)
            if refusal:
                raise ValidationError(refusal)
        return cleaned

    def save(self, commit: bool = True) -> ClassSession:
        session = super().save(commit=False)
        session.taught_by = self.cleaned_data["taught_by_number"]
        try:
            return arrange_session(session=session, actor=self.for_user, now=self.now)
        except RuleViolation as refused:
            raise ValidationError(refused.message) from None

    def save_m2m(self) -> None:
        """Nothing hangs on a session yet."""


class ClassScope(WagtailPart):
    """Sessions are seen by those who answer for the organising branch; all else is a 404."""

    def scope_queryset(self, queryset: QuerySet) -> QuerySet:
        viewer, today = scope_of(self.request)
        return queryset.filter(pk__in=sessions_visible_to(viewer, today).values("pk"))


def over_and_open(now: datetime) -> Q:
    """A condition on sessions: over, and without their hours."""
    return Q(ends_at__lte=now, cancelled_at=None, closed_at=None)


def to_be_reviewed_by(viewer: User) -> Q:
    """A condition on sessions: closed by somebody else, and not gone through."""
    return Q(closed_at__isnull=False, reviewed_at=None) & ~Q(closed_by=viewer)


class ClassFilterSet(WagtailFilterSet):
    state = django_filters.ChoiceFilter(
        label=_("State"),
        choices=[
            ("coming", _("Coming")),
            ("to_close", _("Over, to be closed")),
            ("to_review", _("Closed, to be reviewed")),
            ("closed", _("Hours entered")),
            ("cancelled", _("Cancelled")),
        ],
        method="filter_state",
        empty_label=_("All"),
    )
    category = django_filters.ChoiceFilter(
        label=_("Training category"), choices=HourCategory.choices, empty_label=_("All")
    )

    class Meta:
        model = ClassSession
        fields: list[str] = []

    def filter_state(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        now = timezone.now()
        return {
            "coming": queryset.filter(ends_at__gt=now, cancelled_at=None),
            "to_close": queryset.filter(over_and_open(now)),
            "to_review": queryset.filter(to_be_reviewed_by(self.request.user)),
            "closed": queryset.filter(closed_at__isnull=False),
            "cancelled": queryset.filter(cancelled_at__isnull=False),
        }[value]


class ClassIndexView(ClassScope, ScopedIndexView):
    page_title = _("Classroom sessions")
    add_item_label = _("Arrange a session")
    default_ordering = "-starts_at"
    list_export = ["title", "branch.code", "place", "lecturer", "starts_at", "ends_at", "hours", "seats"]
    export_filename = "classroom-sessions"

    @property
    def columns(self) -> list[Column]:
        return [
            title_column(self, "title", label=_("Topic"), accessor="local_title"),
            Column("starts_at", label=_("Starts"), accessor=_starts, sort_key="starts_at"),
            Column("place", label=_("Place"), accessor="place"),
            Column("lecturer", label=_("Lecturer"), accessor="lecturer"),
            Column("branch", label=_("Organiser"), accessor="branch"),
            Column("hours", label=_("Hours"), accessor=lambda row: f"{row.hours.normalize():f}", sort_key="hours"),
            Column("people", label=_("People"), accessor=lambda row: f"{row.seated_count}/{row.seats}"),
            Column("state", label=_("State"), accessor=class_page.session_state),
        ]

    def get_base_queryset(self) -> QuerySet:
        found = super().get_base_queryset().select_related("branch")
        return found.annotate(seated_count=Count("attendees", filter=Q(attendees__standing=Attendee.Standing.SEATED)))

    def get_edit_url(self, instance: ClassSession) -> str:
        return reverse("class_sessions:session", args=[instance.pk])


def _starts(session: ClassSession) -> str:
    return date_format(timezone.localtime(session.starts_at), "SHORT_DATETIME_FORMAT")


class ClassCreateView(generic.CreateView):
    page_title = _("Arrange a session")
    success_message = _("The session is arranged. Invite its people next.")

    def get_success_url(self) -> str:
        return reverse("class_sessions:session", args=[self.object.pk])


class ClassEditView(SavedOnceCountedMixin, ClassScope, ScopedEditView):
    success_message = _("Changed; those coming are notified of a new time or place.")

    def get_success_url(self) -> str:
        return reverse("class_sessions:session", args=[self.object.pk])


class ClassViewSet(ScopedViewSet):
    scope = Scope.BRANCH
    model = ClassSession
    name = "class_sessions"
    icon = "group"
    menu_label = _("Classroom sessions")
    menu_order = 90
    filterset_class = ClassFilterSet
    search_fields = ["title", "title_en", "place", "lecturer"]
    index_view_class = ClassIndexView
    add_view_class = ClassCreateView
    edit_view_class = ClassEditView
    left_out = ("delete", "usage", "history", "history_results")

    def get_form_class(self, for_update: bool = False) -> type[WagtailAdminModelForm]:
        return ClassForm

    def get_urlpatterns(self) -> list[Any]:
        return [
            *super().get_urlpatterns(),
            path("<int:pk>/", class_page.session_page, name="session"),
            path("<int:pk>/print/", class_page.print_list, name="print"),
            path("<int:pk>/code/", class_page.code_screen, name="code"),
            path("attendance/<int:pk>/", class_page.attendance_page, name="attendance"),
        ]


def waiting_items(request: Any) -> list[WaitingItem]:
    """Sessions that are over and wait for their hours, and those that a second person is to go through."""
    viewer, today = scope_of(request)
    if not may_organise(viewer, today):
        return []
    index, now = reverse("class_sessions:index"), timezone.now()
    mine = sessions_visible_to(viewer, today)
    to_close, to_review = mine.filter(over_and_open(now)).count(), mine.filter(to_be_reviewed_by(viewer)).count()
    return [
        WaitingItem(
            to_close,
            ngettext_lazy(
                "classroom session is over and waits for its hours",
                "classroom sessions are over and wait for their hours",
                "count",
            ),
            f"{index}?state=to_close",
            order=330,
        ),
        WaitingItem(
            to_review,
            ngettext_lazy(
                "classroom session waits for review by a second person",
                "classroom sessions wait for review by a second person",
                "count",
            ),
            f"{index}?state=to_review",
            order=340,
        ),
    ]
