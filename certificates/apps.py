"""App configuration of this floor."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CertificatesConfig(AppConfig):
    name = "certificates"
    verbose_name = _("Certificates")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from certificates import addresses, duties, facts, person_erasure, person_record, receivers  # noqa: F401
        from certificates.importing import appointments, history  # noqa: F401
