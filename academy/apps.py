"""App configuration of the ground floor."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate
from django.utils.translation import gettext_lazy as _


class AcademyConfig(AppConfig):
    name = "academy"
    verbose_name = _("Academy")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from academy import receivers  # noqa: F401
        from academy.addresses import ground, libraries  # noqa: F401
        from academy.decisions.review import retire_workflow
        from academy.person_record import ground_erasure, tables  # noqa: F401
        from academy.requests.kept.triggers import lay_triggers, lift_triggers
        from academy.staff.groups import ensure_groups
        from academy.viewsets.choosers import speak_every_language
        from academy.viewsets.translating import tick_the_missing_languages

        speak_every_language()
        tick_the_missing_languages()
        pre_migrate.connect(lift_triggers, sender=self, dispatch_uid="academy.requests.kept")
        post_migrate.connect(ensure_groups, dispatch_uid="academy.groups")
        post_migrate.connect(retire_workflow, dispatch_uid="academy.review")
        post_migrate.connect(lay_triggers, sender=self, dispatch_uid="academy.requests.kept")
