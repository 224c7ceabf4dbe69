"""Wagtail's page that copies something for its translation, as the academy asks it."""

from wagtail.contrib.simple_translation.forms import SubmitTranslationForm
from wagtail.models import Locale


def _every_language() -> list[int]:
    return list(Locale.objects.values_list("pk", flat=True))


def tick_the_missing_languages() -> None:
    """Whoever comes here named the language already: of those that are offered, which lack it, each is ticked."""
    SubmitTranslationForm.base_fields["locales"].initial = _every_language
