"""The manifest: under which name, colours and icons the academy stands on a device. One a language, since browsers ask for
it without saying who they are."""

from typing import Any

from django.templatetags.static import static
from django.urls import get_script_prefix
from django.utils.translation import get_language
from django.utils.translation import gettext as _

# Page and frame of the light theme; the dark ones are named by the pages themselves (``base.html``), which a manifest cannot.
PAGE, FRAME = "#f7f6f2", "#ffffff"
ICONS = (("icon-192.png", 192, "any"), ("icon-512.png", 512, "any"), ("icon-maskable-512.png", 512, "maskable"))


def manifest() -> dict[str, Any]:
    """In the language that is active."""
    start = get_script_prefix()
    return {
        "id": start,
        "name": _("Client Manager Academy"),
        "short_name": _("Academy"),
        "description": _("Learn it, show it, be certified."),
        "lang": "en" if get_language() == "en" else "zh-Hans",
        "dir": "ltr",
        "start_url": start,
        "scope": start,
        "display": "standalone",
        "background_color": PAGE,
        "theme_color": FRAME,
        "icons": [
            {"src": static(f"academy/icons/{name}"), "sizes": f"{size}x{size}", "type": "image/png", "purpose": purpose}
            for name, size, purpose in ICONS
        ],
    }
