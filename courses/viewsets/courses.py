"""Courses in the admin: one row a course whatever its languages, and one screen that leads to everything of it."""

from collections import defaultdict
from typing import Any

import django_filters
from django import forms
from django.db.models import Count, Q
from django.db.models.query import QuerySet
from django.http import HttpResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import get_language
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.ui.tables import Column
from wagtail.admin.views import generic
from wagtail.admin.widgets.button import HeaderButton
from wagtail.blocks import BlockField, StreamBlock, StreamValue
from wagtail.models import Locale
from wagtail.snippets.blocks import SnippetChooserBlock
from wagtail.snippets.widgets import AdminSnippetChooser

from academy.decisions.publishing import waiting_publications
from academy.decisions.reasons import register_reason
from academy.decisions.submitting import needs_another
from academy.errors.refusals import RuleViolation
from academy.models import Proposal
from academy.viewsets.base import HouseIndexView, HouseViewSet, Scope
from academy.viewsets.columns import title_column
from academy.viewsets.handing_in import tell_handed_in
from academy.viewsets.panels import Shortcut
from courses.hours.minutes import minutes_of, otherwise
from courses.models import CataloguePage, Course, CoursePage, Enrolment, LessonPage, Topic
from courses.pages.counting import course_counts
from courses.pages.settings import change_or_propose, later_hours, quiz_refusal
from courses.pages.submitting import drafts_of_course, pages_offline, quizzes_offline
from courses.viewsets.course_hours import HoursPart, hours_from_field, hours_impact, hours_seen_field, minutes_words
from courses.viewsets.drawings import drawing
from courses.viewsets.submitting import submit_course
from quizzes.viewsets.quiz_chooser import FOR_COURSE

SETTINGS_CHANGED = register_reason(_("Course settings changed"))


class CourseQuizChooser(AdminSnippetChooser):
    """Offers what a course may ask to be passed."""

    def get_chooser_modal_url(self) -> str:
        return f"{super().get_chooser_modal_url()}?{FOR_COURSE}=1"


class CourseQuizBlock(SnippetChooserBlock):
    @cached_property
    def widget(self) -> CourseQuizChooser:
        return CourseQuizChooser(self.target_model, icon="form")


class CourseForm(HoursPart, WagtailAdminModelForm):
    """Topic, hours and quizzes: what holds for every language of the course, at once."""

    quizzes = BlockField(
        block=StreamBlock([("quiz", CourseQuizBlock("quizzes.Quiz", label=_("Quiz")))], required=False),
        required=False,
        label=_("Quizzes"),
        help_text=_("Each quiz has to be passed to complete the course. Practice dialogues are listed for practice."),
    )

    hours_from = hours_from_field()
    hours_seen = hours_seen_field()
    field_order = ("topic", "hours", "hours_from", "hours_reason")

    class Meta:
        model = Course
        fields = ["topic", "hours", "hours_reason", "days_needed", "quizzes_after_lessons"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        block = self.fields["quizzes"].block
        placed = [placement.quiz for placement in self.instance.placements.select_related("quiz")]
        # Each with an id of its own, from which Wagtail makes the heading that a screen reader tells them apart by.
        self.begin_with_later_hours()
        self.initial["quizzes"] = StreamValue(block, [("quiz", quiz, f"quiz-{quiz.pk}") for quiz in placed])

    def clean_quizzes(self) -> list[Any]:
        chosen = [block.value for block in self.cleaned_data["quizzes"] if block.value is not None]
        refusal = quiz_refusal(chosen, course=self.instance, actor=self.for_user, now=timezone.now())
        if refusal:
            raise forms.ValidationError(refusal)
        return chosen

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean()
        self.check_hours(cleaned)
        return cleaned

    proposal: Proposal | None = None

    def save(self, commit: bool = True) -> Course:
        data = self.cleaned_data
        try:
            self.proposal = change_or_propose(
                course=self.instance,
                reason=str(SETTINGS_CHANGED),
                topic=data["topic"],
                hours=data["hours"],
                hours_reason=data["hours_reason"],
                hours_from=data["hours_from"],
                days_needed=data["days_needed"],
                quizzes_after_lessons=data["quizzes_after_lessons"],
                quizzes=data["quizzes"],
                now=timezone.now(),
                actor=self.for_user,
            )
        except RuleViolation as refusal:
            raise forms.ValidationError(refusal.message) from None
        return self.instance

    def save_m2m(self) -> None:
        """The rule has placed the quizzes."""


class CourseFilterSet(WagtailFilterSet):
    topic = django_filters.ModelChoiceFilter(label=_("Topic"), queryset=Topic.objects.all(), empty_label=_("All"))
    state = django_filters.ChoiceFilter(
        label=_("State"),
        choices=[
            ("live", _("Published")),
            ("draft", _("Draft")),
            ("one_language", _("In one language only")),
            ("no_quiz", _("Without a quiz")),
            ("hours", _("Other hours than its minutes give")),
        ],
        method="filter_state",
        empty_label=_("All"),
    )

    class Meta:
        model = Course
        fields: list[str] = []

    def filter_state(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        live = Count("pages", filter=Q(pages__live=True), distinct=True)
        return {
            "live": queryset.filter(pages__live=True).distinct(),
            "draft": queryset.exclude(pages__live=True),
            "one_language": queryset.annotate(live_pages=live).filter(live_pages=1),
            "no_quiz": queryset.filter(placements=None),
            "hours": queryset.filter(pk__in=[course.pk for course in otherwise(queryset)] if value == "hours" else []),
        }[value]


class CourseIndexView(HouseIndexView):
    default_ordering = "topic__sort_order"

    @property
    def columns(self) -> list[Column]:
        return [
            title_column(self, "code", label=_("Course"), accessor=_title, sort_key="code"),
            Column(
                "topic", label=_("Topic"), accessor=lambda course: course.topic or "–", sort_key="topic__sort_order"
            ),
            Column("hours", label=_("Hours"), sort_key="hours"),
            Column("lessons", label=_("Lessons"), accessor="lesson_count"),
            Column("quizzes", label=_("Quizzes"), accessor="quiz_count"),
            Column("languages", label=_("Published in"), accessor=_languages),
            Column("people", label=_("Learning now"), accessor="open_count"),
        ]

    def get_base_queryset(self) -> QuerySet:
        lessons = Count("lessons", filter=Q(lessons__withdrawn_at=None), distinct=True)
        opened = Count("enrolments", filter=Q(enrolments__completed_at=None), distinct=True)
        return (
            super()
            .get_base_queryset()
            .select_related("topic")
            .prefetch_related("pages__locale")
            .annotate(lesson_count=lessons, quiz_count=Count("placements", distinct=True), open_count=opened)
        )

    def search_queryset(self, queryset: QuerySet) -> QuerySet:
        for word in self.search_query.split() if self.is_searching else []:
            queryset = queryset.filter(
                Q(title__icontains=word)
                | Q(title_en__icontains=word)
                | Q(code__icontains=word)
                | Q(pages__title__icontains=word)
                | Q(pages__draft_title__icontains=word)
            ).distinct()
        return queryset

    @property
    def header_buttons(self) -> list[HeaderButton]:
        url = new_course_url(self.request.user)
        return [HeaderButton(_t("New course"), url=url, icon_name="plus")] if url else []


def new_course_url(user: Any) -> str:
    """Where a course is begun, in the trainer's language; empty for those who may not."""
    catalogue_pages = list(CataloguePage.objects.select_related("locale"))
    catalogue_pages.sort(key=lambda page: page.locale.language_code != get_language())
    if not catalogue_pages or not catalogue_pages[0].permissions_for_user(user).can_add_subpage():
        return ""
    return reverse("wagtailadmin_pages:add", args=["courses", "coursepage", catalogue_pages[0].pk])


def shortcuts(request: Any) -> list[Shortcut]:
    url = new_course_url(request.user)
    return [Shortcut(_("New course"), url, "openquote", 110)] if url else []


def _title(course: Course) -> str:
    """The published title, else the draft's."""
    if course.titles:
        return course.local_title
    drafts = sorted(course.pages.all(), key=lambda page: page.locale.language_code != get_language())
    return drafts[0].draft_title if drafts else course.code


def _languages(course: Course) -> str:
    live = {page.locale.language_code for page in course.pages.all() if page.live}
    names = {"zh-hans": _t("Chinese"), "en": _t("English")}
    return " · ".join(name for code, name in names.items() if code in live) or "–"


class CourseEditView(generic.EditView):
    template_name = "courses/admin/course.html"

    def form_valid(self, form: Any) -> HttpResponse:
        """Where others are under way it is first read whom the hours concern: nothing is wrong, and nothing saved yet."""
        if form.impact is not None:
            self.form = form
            return self.render_to_response(self.get_context_data(form=form))
        return super().form_valid(form)

    def get_success_message(self) -> Any:
        """Nothing is said to have changed where a second person changes it."""
        if self.form.proposal is None:
            return _t("The settings of “%(course)s” are saved.") % {"course": _title(self.object)}
        tell_handed_in(self.request, self.form.proposal)
        return None

    def get_page_subtitle(self) -> str:
        return _title(self.object)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user = self.request.user
        locales = list(Locale.objects.order_by("pk"))
        pages = {page.locale_id: page for page in self.object.pages.select_related("locale")}
        words: dict[Any, dict[int, LessonPage]] = defaultdict(dict)
        for page in LessonPage.objects.filter(lesson__course=self.object).order_by("path").defer("body"):
            words[page.lesson_id][page.locale_id] = page
        lessons = sorted(words.values(), key=lambda row: min(page.path for page in row.values())[-4:])
        languages = [_words_of(locale, pages, user) for locale in locales]
        cells = [[_lesson_cell(row, locale, pages, user) for locale in locales] for row in lessons]
        for place, language in enumerate(languages):
            # What the other language has already is translated: a new one would have no pair.
            language["lacks"] = any(row[place].get("translate_url") for row in cells)
        enrolments = Enrolment.objects.filter(course=self.object)
        impact = kwargs["form"].impact if "form" in kwargs else None
        now = timezone.now()
        drafts = drafts_of_course(course=self.object, user=user, now=now)
        return super().get_context_data(
            **kwargs,
            languages=languages,
            lessons=cells,
            counts=course_counts(self.object),
            minutes_words=minutes_words(minutes_of([self.object])[self.object.pk]),
            unpublished=len(drafts),
            by_two=needs_another(drafts=drafts, actor=user, now=now),
            offline=pages_offline(self.object),
            quizzes_offline=quizzes_offline(self.object),
            waiting=waiting_publications([self.object]),
            impact=hours_impact(impact, self.object, user) if impact else None,
            later=later_hours(self.object),
            learning=enrolments.filter(completed_at=None).count(),
            completed=enrolments.exclude(completed_at=None).count(),
        )


def _words_of(locale: Locale, pages: dict[int, CoursePage], user: Any) -> dict[str, Any]:
    """One language of the course: its page and what may be done with it."""
    page = pages.get(locale.pk)
    found: dict[str, Any] = {"locale": locale, **_cell(page, user)}
    if page is not None:
        if page.permissions_for_user(user).can_add_subpage():
            found["add_url"] = reverse("wagtailadmin_pages:add", args=["courses", "lessonpage", page.pk])
        if page.permissions_for_user(user).can_reorder_children():
            found["order_url"] = reverse("wagtailadmin_explore", args=[page.pk]) + "?ordering=ord"
    elif pages and user.has_perm("simple_translation.submit_translation"):
        twin = next(iter(pages.values()))
        found["translate_url"] = reverse("simple_translation:submit_page_translation", args=[twin.pk])
    return found


def _lesson_cell(row: dict[int, LessonPage], locale: Locale, pages: dict[int, CoursePage], user: Any) -> dict[str, Any]:
    """A lesson in one language; where it is not written yet, the way to its translation."""
    page = row.get(locale.pk)
    cell = _cell(page, user)
    if page is None and locale.pk in pages and user.has_perm("simple_translation.submit_translation"):
        twin = next(iter(row.values()))
        cell["translate_url"] = reverse("simple_translation:submit_page_translation", args=[twin.pk])
    return cell


def _cell(page: Any, user: Any) -> dict[str, Any]:
    if page is None:
        return {"page": None}
    may = page.permissions_for_user(user)
    return {
        "page": page,
        "title": page.draft_title or page.title,
        "edit_url": reverse("wagtailadmin_pages:edit", args=[page.pk]) if may.can_edit() else "",
        "live_url": page.get_url() if page.live else "",
    }


class CourseViewSet(HouseViewSet):
    scope = Scope.CONTENT
    model = Course
    name = "course_admin"
    url_prefix = "courses"
    icon = "openquote"
    menu_label = _("Courses")
    menu_order = 120
    add_to_admin_menu = True
    index_view_class = CourseIndexView
    edit_view_class = CourseEditView
    filterset_class = CourseFilterSet
    search_fields = ["title", "title_en", "code"]
    left_out = ("add", "delete")
    copy_view_enabled = False
    inspect_view_enabled = False

    def get_form_class(self, for_update: bool = False) -> type[CourseForm]:
        return CourseForm

    def get_urlpatterns(self) -> list[Any]:
        return [
            *super().get_urlpatterns(),
            path("<int:pk>/submit/", submit_course, name="submit"),
            path("drawings/<slug:name>/", drawing, name="drawing"),
        ]
