"""What Wagtail draws around every page of the admin is put together once: the sidebar until what it depends on changes,
the list of shortcuts once a process.

The sidebar asks some sixty entries, each by grants, permissions of groups and pages, whether it is shown. All of that
raises the version of its person or of everybody (``academy.requests.kept``), so it is kept under both. What Wagtail's own
profile says of a person is read with every request and stands in the key.
"""

from typing import Any, cast

from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from wagtail.admin.templatetags import wagtailadmin_tags

from academy.models import User
from academy.requests.kept.answers import kept_answer, versions_of
from academy.requests.signed_in import SignedInRequest

DIALOG = "wagtailadmin/shared/keyboard_shortcuts_dialog.html"

_put_together = wagtailadmin_tags.sidebar_props
_shortcuts = wagtailadmin_tags.keyboard_shortcuts_dialog
_dialogs: dict[tuple[str | None, str], SafeString] = {}


def sidebar_props(context: Any) -> SafeString:
    """As Wagtail's: the script element with the sidebar of the request's person."""
    request: SignedInRequest = context["request"]
    person = request.user
    kept: str = kept_answer(
        "sidebar",
        lambda: str(_put_together(context)),
        person=person.pk,
        under=(versions_of(request, person.pk), _own_settings(person)),
        now=timezone.now(),
    )
    # ``json_script`` escaped it when it was put together.
    return SafeString(kept)  # nosec B703


def _own_settings(person: User) -> tuple[str, str]:
    """The picture that a person chose, and which entries they put away."""
    profile = getattr(person, "wagtail_userprofile", None)
    return (str(profile.avatar), repr(profile.dismissibles)) if profile is not None else ("", "")


def keyboard_shortcuts_dialog(context: Any) -> SafeString:
    """As Wagtail's: by language, kind of keyboard and whether the person wants shortcuts at all."""
    said = _shortcuts(context)
    key = (get_language(), repr(said))
    if key not in _dialogs:
        _dialogs[key] = render_to_string(DIALOG, said)
    return _dialogs[key]


def keep_sidebar() -> None:
    """Called once, when the admin's places are registered."""
    for tag in (sidebar_props, keyboard_shortcuts_dialog):
        cast(Any, wagtailadmin_tags.register).simple_tag(tag, takes_context=True)
