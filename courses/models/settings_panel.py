"""In the editor of a course's words: what holds for the course in every language, and the way there."""

from typing import Any

from django.urls import reverse
from wagtail.admin.panels import Panel


class CourseSettingsPanel(Panel):
    """Shows topic, hours and quizzes; they are changed on the course's own screen, because they know no draft."""

    class BoundPanel(Panel.BoundPanel):
        template_name = "courses/admin/settings_panel.html"

        def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
            context = super().get_context_data(parent_context)
            course = self.instance.course if self.instance.course_id else None
            if course is not None:
                context.update(
                    course=course,
                    placements=course.placements.select_related("quiz"),
                    url=reverse("course_admin:edit", args=[course.pk]),
                )
            return context
