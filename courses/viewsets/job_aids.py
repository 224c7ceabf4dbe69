"""Job aids in the admin: each in both languages on one screen."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.panels import FieldPanel, FieldRowPanel, MultiFieldPanel, ObjectList
from wagtail.admin.ui.tables import BooleanColumn, Column

from academy.journal import register_action
from academy.viewsets.base import HouseViewSet, JournalledEditView, Scope
from courses.models import Course, JobAid, Lesson, LessonPage

CHANGE = register_action("courses.change_job_aid", _("Job aid changed"))


def lesson_titles() -> dict[int, str]:
    """By lesson its title, in the language of the page where it is there. One query."""
    pages = LessonPage.objects.live().values_list("locale__language_code", "lesson", "title")
    here = get_language()
    return {lesson: title for _code, lesson, title in sorted(pages, key=lambda page: page[0] == here)}


class NamedLessons:
    """Lessons by the names of their course and page."""

    titles: dict[int, str]

    def label_from_instance(self, lesson: Any) -> str:
        return f"{lesson.course.local_title} · {self.titles.get(lesson.pk, lesson.code)}"


class LessonsField(NamedLessons, forms.ModelMultipleChoiceField):
    """Some of them."""


class LessonField(NamedLessons, forms.ModelChoiceField):
    """One of them."""


class CourseField(forms.ModelChoiceField):
    """By its title in the language of the page."""

    def label_from_instance(self, course: Any) -> str:
        return str(course.local_title)


LESSONS = Lesson.objects.filter(withdrawn_at=None).select_related("course")


class JobAidForm(WagtailAdminModelForm):
    """A saved aid is a new version of its printed page."""

    taught_by = LessonField(
        LESSONS,
        required=False,
        label=_("Taught by"),
        help_text=_("Its minutes count in the course of this lesson, once."),
    )
    lessons = LessonsField(
        LESSONS,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        label=_("Named by the lessons"),
    )

    course = CourseField(
        Course.objects.all(),
        required=False,
        label=_("Guide to the course"),
        help_text=_("For a coach guide: only managers read it, on the pages of this course and of their people."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["goes_with"].queryset = JobAid.objects.for_everybody().exclude(pk=self.instance.pk)
        self.fields["lessons"].titles = self.fields["taught_by"].titles = lesson_titles()

    def save(self, commit: bool = True) -> Any:
        if self.changed_data:
            self.instance.changed_at = timezone.now()
        return super().save(commit)


class JobAidEditView(JournalledEditView):
    journal_action = CHANGE


class JobAidViewSet(HouseViewSet):
    scope = Scope.BANK
    model = JobAid
    icon = "doc-full-inverse"
    menu_label = _("Job aids")
    name = "job_aids"
    menu_order = 125
    add_to_admin_menu = True
    inspect_view_enabled = True
    copy_view_enabled = False
    edit_view_class = JobAidEditView
    search_fields = ["name", "name_en", "code", "body", "body_en"]
    list_display: list[Any] = [
        "local_name",
        Column("kind", label=_("kind"), accessor="get_kind_display"),
        BooleanColumn("active", label=_("in use")),
    ]
    _own_edit_handler = ObjectList(
        [
            FieldRowPanel([FieldPanel("name"), FieldPanel("name_en")]),
            FieldRowPanel([FieldPanel("purpose"), FieldPanel("purpose_en")]),
            FieldRowPanel(
                [FieldPanel("kind"), FieldPanel("large_print"), FieldPanel("active"), FieldPanel("sort_order")]
            ),
            FieldPanel("body"),
            FieldPanel("body_en"),
            MultiFieldPanel(
                [FieldPanel("taught_by"), FieldPanel("lessons")], heading=_("Lessons"), classname="collapsed"
            ),
            MultiFieldPanel(
                [FieldPanel("course"), FieldPanel("goes_with", widget=forms.CheckboxSelectMultiple)],
                heading=_("Coach guide"),
                classname="collapsed",
            ),
        ],
        base_form_class=JobAidForm,
    )

    def get_edit_handler(self) -> Any:
        return self._own_edit_handler.bind_to_model(self.model)
