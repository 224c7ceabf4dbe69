"""The worker's script: the source as it stands in the static files, behind what it must know of this site."""

import json
from functools import cache
from pathlib import Path

from django.conf import settings
from django.templatetags.static import PrefixNode, static
from django.urls import get_script_prefix, reverse

SOURCE = Path(__file__).resolve().parents[2] / "static" / "academy" / "service_worker.js"
# What the page without a line needs; all else is kept when a page that needs it is.
SHELL = (
    "mark.svg",
    "tokens.css",
    "tokens_dark.css",
    "base.css",
    "components.css",
    "rich.css",
    "device.js",
    "without_line.js",
)


def worker_script(*, keeps: bool) -> str:
    """Another text whenever a file of the shell is another, so that browsers take the new one."""
    known = {
        "keeps": keeps,
        "scope": get_script_prefix(),
        # Not by ``static``: a storage that names files by their digests knows no folder.
        "files": PrefixNode.handle_simple("STATIC_URL"),
        # Without digests in their names files change under the same address: the network goes first then.
        "digests": not settings.DEBUG,
        "shell": [static(f"academy/{name}") for name in SHELL],
        "withoutLine": {code: reverse("without_line", args=[code]) for code, _name in settings.LANGUAGES},
        "language": settings.LANGUAGE_CODE,
        "signOut": [reverse("account_logout"), reverse("wagtailadmin_logout")],
    }
    return f"self.ACADEMY = {json.dumps(known)};\n{source()}"


@cache
def source() -> str:
    return SOURCE.read_text(encoding="utf-8")
