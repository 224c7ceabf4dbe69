"""最短阅读时间: the one setting of how long a lesson has to be read before it counts."""

from typing import Any

from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import Column

from academy.journal import register_action
from academy.viewsets.base import HouseViewSet, JournalledEditView, Scope
from courses.models import LeastReading
from courses.progress.reading_times import reading_times
from courses.viewsets.job_aids import lesson_titles

CHANGE = register_action("courses.change_least_reading", _("Least reading time changed"))


class LeastReadingEditView(JournalledEditView):
    journal_action = CHANGE
    template_name = "courses/admin/least_reading.html"

    def get_page_subtitle(self) -> str:
        return str(capfirst(self.model._meta.verbose_name))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        titles = lesson_titles()
        rows = [
            {
                "time": time,
                "title": f"{time.lesson.course.local_title} · {titles.get(time.lesson.pk, time.lesson.code)}",
                "minutes": time.seconds / 60 if time.seconds is not None else None,
                "share": round(time.seconds / 60 / time.stated * 100) if time.seconds and time.stated else None,
            }
            for time in reading_times(timezone.now())
        ]
        return {**super().get_context_data(**kwargs), "reading_times": rows}


class LeastReadingViewSet(HouseViewSet):
    scope = Scope.BANK
    model = LeastReading
    icon = "time"
    menu_label = _("Least reading time")
    name = "least_reading"
    menu_order = 140
    inspect_view_enabled = True
    edit_view_class = LeastReadingEditView
    list_display: list[Any] = [Column("share", label=_("Least reading time"), accessor=str)]
    form_fields = ["share"]
    left_out = ("add", "delete", "usage", "history")
