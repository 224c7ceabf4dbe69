"""课程学时: for how many hours each course counts. HR sets them here with a reason and a day, trainers beside the course's
other settings; either reads whom it concerns before it is saved."""

from datetime import date
from typing import Any

from django import forms
from django.db.models import F
from django.db.models.query import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from wagtail.admin import messages

from academy.calendar.clock import local_day
from academy.decisions.changing import change_is_asked
from academy.decisions.reasons import register_reason
from academy.errors.refusals import RuleViolation
from academy.journal.facts import reference_to
from academy.models import Proposal, Role, User
from academy.requests.asked import DayField
from academy.requests.signed_in import SignedInRequest
from academy.staff.access import bank_wide_refusal, has_role, people_visible_to
from academy.viewsets.base import Scope
from academy.viewsets.handing_in import tell_handed_in
from academy.viewsets.pages import PageViewSet, admin_page, viewer_with
from academy.viewsets.scoped import scope_of
from courses.hours.minutes import Minutes, minutes_of
from courses.models import Course, CourseHours, Enrolment
from courses.pages.settings import (
    SETTINGS,
    change_or_propose,
    hours_problem,
    later_hours,
    settings_of,
)

HOURS_CHANGED = register_reason(_("Hours of the course changed"))

# So many of those under way are named.
NAMED = 50


class HoursPart:
    """What a form of a course says of its hours: from which day, and whether it was read whom they concern."""

    instance: Course
    data: Any
    # Set where the hours are right, and are saved once it was read whom they concern.
    impact: dict[str, Any] | None = None

    def begin_with_later_hours(self: Any) -> None:
        later = later_hours(self.instance)
        if later is not None:
            self.initial |= {"hours": later.after, "hours_from": later.holds_from, "hours_reason": later.reason}

    def check_hours(self: Any, cleaned: dict[str, Any]) -> None:
        changed = {"hours", "hours_reason"} & set(self.changed_data)
        if changed and "hours" in cleaned:
            problem = hours_problem(cleaned["hours"], cleaned.get("hours_reason", ""), course=self.instance)
            if problem:
                self.add_error("hours", problem)
        if not self.errors and {"hours", "hours_from"} & set(self.changed_data):
            self._ask_to_read(cleaned)

    def clean_hours_from(self: Any) -> date | None:
        day: date | None = self.cleaned_data["hours_from"]
        # The day that stands may have come while the form was open.
        if day is not None and day < local_day(timezone.now()) and "hours_from" in self.changed_data:
            raise forms.ValidationError(_t("The day has passed. Leave it empty for today."))
        return day

    def _ask_to_read(self: Any, cleaned: dict[str, Any]) -> None:
        seen = f"{cleaned['hours']}@{cleaned['hours_from'] or ''}"
        if cleaned["hours_seen"] == seen or not under_way(self.instance).exists():
            return
        self.data = self.data.copy()
        self.data[self.add_prefix("hours_seen")] = seen
        self.impact = {"seen": seen, "hours": cleaned["hours"], "day": cleaned["hours_from"]}


def hours_from_field() -> DayField:
    return DayField(
        required=False,
        label=_("Hours hold from"),
        help_text=_("Empty: from today on. A later day: until then what is completed counts as it does now."),
    )


def hours_seen_field() -> forms.CharField:
    """What was read of the consequences: the hours and the day that they were told for."""
    return forms.CharField(required=False, widget=forms.HiddenInput)


def under_way(course: Course) -> QuerySet[Enrolment]:
    """Who is in the middle of the course."""
    return Enrolment.objects.filter(course=course, completed_at=None)


def hours_impact(asked: dict[str, Any], course: Course, viewer: User) -> dict[str, Any]:
    """Who is under way, those whom the viewer sees by name, and what they would get."""
    today, people = local_day(timezone.now()), under_way(course)
    seen = people_visible_to(viewer, today).filter(pk__in=people.values("learner")).order_by("staff_number")
    later = asked["day"] if asked["day"] and asked["day"] > today else None
    stored = Course.objects.values_list("hours", flat=True).get(pk=course.pk)
    return {**asked, "day": later, "count": people.count(), "people": seen[:NAMED], "stored": stored}


def minutes_words(minutes: Minutes) -> str:
    """What the course's hours follow from."""
    if not minutes.total:
        return _t(
            "Nothing published gives it minutes yet: lessons, quizzes and job aids count once they are published. Other "
            "hours need a reason."
        )
    text = _t(
        "Its %(total)s minutes give %(hours)s hours of 45 minutes: lessons %(lessons)s, dialogues %(dialogues)s, "
        "quizzes %(quizzes)s, job aids %(aids)s. Other hours need a reason. What is completed already keeps its hours."
    )
    parts = {"lessons": minutes.lessons, "dialogues": minutes.dialogues, "quizzes": minutes.quizzes}
    return text % {**parts, "aids": minutes.aids, "total": minutes.total, "hours": minutes.hours}


class CourseHoursForm(HoursPart, forms.ModelForm):
    """Hours, reason and day of one course; the rest of its settings stays."""

    hours_from = hours_from_field()
    hours_seen = hours_seen_field()
    field_order = ("hours", "hours_from", "hours_reason")

    class Meta:
        model = Course
        fields = ("hours", "hours_reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.begin_with_later_hours()

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        self.check_hours(cleaned)
        return cleaned


def listed(request: SignedInRequest) -> HttpResponse:
    """Every course with its minutes, the hours that they give and those that hold."""
    viewer, today = viewer_with(request, Role.HR)
    courses = list(Course.objects.select_related("topic").order_by("topic__sort_order", "code"))
    taken = minutes_of(courses)
    later = {row.course_id: row for row in CourseHours.objects.filter(taken_over=False)}
    waiting = _waiting_changes(courses)
    rows = [(course, taken[course.pk], later.get(course.pk), waiting.get(course.pk)) for course in courses]
    context = {"rows": rows, "refusal": bank_wide_refusal(viewer, today, Role.HR)}
    return admin_page(request, "courses/admin/course_hours.html", context, title=_t("Hours of courses"), icon="time")


def _waiting_changes(courses: list[Course]) -> dict[int, Proposal]:
    """By course, the change of its settings that waits for a second person. One query."""
    keys = {reference_to(course): course.pk for course in courses}
    rows = Proposal.objects.filter(
        action=SETTINGS, state=Proposal.State.WAITING, objects_concerned__reference__in=keys
    ).annotate(reference=F("objects_concerned__reference"))
    return {keys[proposal.reference]: proposal for proposal in rows.order_by("pk")}


def edit(request: SignedInRequest, pk: int) -> HttpResponse:
    """The hours of one course: asked, shown whom they concern, then saved or handed to a second person."""
    viewer, today = viewer_with(request, Role.HR)
    course, now = get_object_or_404(Course, pk=pk), timezone.now()
    refusal = bank_wide_refusal(viewer, today, Role.HR)
    form = CourseHoursForm(request.POST or None, instance=Course.objects.get(pk=pk))
    if request.method == "POST":
        if refusal:
            raise Http404
        if form.is_valid() and form.impact is None and _saved(request, form, course):
            return redirect("course_hours:index")
    context = {
        "form": form,
        "course": course,
        "refusal": refusal,
        "minutes_words": minutes_words(minutes_of([course])[course.pk]),
        "by_two": change_is_asked(code=SETTINGS, thing=course, actor=viewer, now=now),
        "impact": hours_impact(form.impact, course, viewer) if form.impact else None,
        "later": later_hours(course),
    }
    title = course.local_title or course.code
    above = [(reverse("course_hours:index"), _t("Hours of courses"))]
    return admin_page(request, "courses/admin/course_hours_of.html", context, title=title, icon="time", above=above)


def _saved(request: SignedInRequest, form: CourseHoursForm, course: Course) -> bool:
    data = form.cleaned_data
    asked = {name: data[name] for name in ("hours", "hours_reason", "hours_from")}
    try:
        proposal: Proposal | None = change_or_propose(
            course=course,
            reason=str(HOURS_CHANGED),
            now=timezone.now(),
            actor=request.user,
            **{**settings_of(course), **asked},
        )
    except RuleViolation as refused:
        form.add_error(None, str(refused.message))
        return False
    if proposal is not None:
        tell_handed_in(request, proposal)
    else:
        messages.success(request, _t("Saved."))
    return True


class CourseHoursViewSet(PageViewSet):
    """For HR, who have no part in the courses' words."""

    scope = Scope.BANK
    name = "course_hours"
    icon = "time"
    menu_label = _("Hours of courses")
    menu_order = 105

    def get_urlpatterns(self) -> list[Any]:
        return [path("", listed, name="index"), path("<int:pk>/", edit, name="edit")]

    def is_for(self, request: SignedInRequest) -> bool:
        return has_role(*scope_of(request), Role.HR)
