"""App configuration of this floor."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class QuizzesConfig(AppConfig):
    name = "quizzes"
    verbose_name = _("Quizzes")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from quizzes import addresses, receivers  # noqa: F401
        from quizzes.pools import counting  # noqa: F401
        from quizzes.record import erasure as person_erasure  # noqa: F401
        from quizzes.record import tables as person_record  # noqa: F401
