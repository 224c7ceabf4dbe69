"""Fields of forms as Django draws them, without a template for each option of a select and each attribute of an input.

A form for a quiz has some thousand options; drawing them was two fifths of its page. What has a template of its own is
drawn by it.
"""

from collections.abc import Callable, Mapping
from typing import Any

from django.forms.renderers import DjangoTemplates
from django.template import Context
from django.template.base import render_value_in_context
from django.utils.html import escape
from django.utils.safestring import SafeData

FOLDER = "django/forms/widgets/"
OPTION = f"{FOLDER}select_option.html"
# Each is ``input.html`` under the name of a type.
INPUTS = (
    *("input", "text", "number", "email", "url", "tel", "search", "color", "hidden", "password", "file", "checkbox"),
    *("date", "datetime", "time"),
)


class QuickRenderer(DjangoTemplates):
    """Gives the texts that Django's own renderer gives."""

    def render(self, template_name: str, context: dict[str, Any], request: Any = None) -> str:
        draw = QUICK.get(template_name)
        drawn = draw(context["widget"]) if draw is not None else None
        return super().render(template_name, context, request) if drawn is None else drawn


def _input(widget: Mapping[str, Any]) -> str:
    value = "" if widget["value"] is None else f' value="{_text(widget["value"])}"'
    return f'<input type="{_printed(widget["type"])}" name="{_printed(widget["name"])}"{value}{_attributes(widget)}>'


def _select(widget: Mapping[str, Any]) -> str | None:
    """None where an option has a template of its own."""
    parts = [f'<select name="{_printed(widget["name"])}"{_attributes(widget)}>']
    for name, options, _index in widget["optgroups"]:
        if name:
            parts.append(f'\n  <optgroup label="{_printed(name)}">')
        for option in options:
            if option["template_name"] != OPTION:
                return None
            value, label = _text(option["value"]), _printed(option["label"])
            parts.append(f'\n  <option value="{value}"{_attributes(option)}>{label}</option>\n')
        if name:
            parts.append("\n  </optgroup>")
    parts.append("\n</select>")
    return "".join(parts)


def _attributes(widget: Mapping[str, Any]) -> str:
    return "".join(
        [
            f" {_printed(name)}" if value is True else f' {_printed(name)}="{_text(value)}"'
            for name, value in widget["attrs"].items()
            if value is not False
        ]
    )


def _text(value: Any) -> str:
    """As ``{{ value|stringformat:'s' }}`` prints it."""
    return str(value) if isinstance(value, SafeData) else escape(str(value))


def _printed(value: Any) -> str:
    """As ``{{ value }}`` prints it."""
    return escape(value) if type(value) is str else render_value_in_context(value, Context())


QUICK: dict[str, Callable[[Mapping[str, Any]], str | None]] = {
    **{f"{FOLDER}{name}.html": _input for name in INPUTS},
    f"{FOLDER}select.html": _select,
}
