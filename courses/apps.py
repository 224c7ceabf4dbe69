"""App configuration of this floor."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CoursesConfig(AppConfig):
    name = "courses"
    verbose_name = _("Courses")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from courses import addresses, receivers  # noqa: F401
        from courses.hours import file, record  # noqa: F401
        from courses.pages import counting  # noqa: F401
        from courses.record import erasure as person_erasure  # noqa: F401
        from courses.record import tables as person_record  # noqa: F401
