"""Parts of a page that are kept as they were rendered, but for the token of the request's forms."""

import secrets
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from academy.requests.form_token import form_token


@dataclass(frozen=True)
class KeptPart:
    """``place`` stands where the token belongs. Nobody can write it beforehand: each part has another."""

    html: str
    place: str

    def shown_to(self, request: HttpRequest) -> str:
        html = self.html.replace(self.place, form_token(request)) if self.place in self.html else self.html
        # It was escaped when it was rendered.
        return SafeString(html)  # nosec B703


def render_part(template: str, context: dict[str, Any]) -> KeptPart:
    place = secrets.token_hex(16)
    return KeptPart(render_to_string(template, {**context, "csrf_token": place}), place)
