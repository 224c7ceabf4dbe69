"""App configuration of this floor."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CertificatesConfig(AppConfig):
    name = "certificates"
    verbose_name = _("Certificates")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from certificates import addresses, receivers  # noqa: F401
        from certificates.importing import appointments, history  # noqa: F401
        from certificates.posts import duties  # noqa: F401
        from certificates.record import erasure as person_erasure  # noqa: F401
        from certificates.record import facts  # noqa: F401
        from certificates.record import tables as person_record  # noqa: F401
        from certificates.rules import counting  # noqa: F401
