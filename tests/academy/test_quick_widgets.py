"""Fields of forms are drawn as Django draws them."""

from pathlib import Path

import django.forms
import pytest
from django import forms
from django.forms.renderers import DjangoTemplates, get_default_renderer
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy

from academy.templatetags.quick_widgets import QUICK, QuickRenderer

HARD = [
    "",
    None,
    0,
    1234567,
    True,
    False,
    "<b>&'\"",
    mark_safe("<i>ready</i>"),
    gettext_lazy("Yes"),
    ("a", "b"),
    1.5,
    "行 内",
]
ATTRIBUTES = {
    "class": "w-a <b>",
    "required": True,
    "disabled": False,
    "data-x": mark_safe("&amp;"),
    "max": 10,
    "x<": "y",
}
CHOICES = [
    ("", "---"),
    (1, "一 <"),
    ("b", mark_safe("<b>fett</b>")),
    ("组 <1>", [(1234567, 1234567), (None, "nothing"), (True, gettext_lazy("Yes"))]),
    (gettext_lazy("No"), [("x", "y")]),
]


class WithOptionsOfItsOwn(forms.Select):
    option_template_name = "django/forms/widgets/input_option.html"


def drawn(widget: forms.Widget, value: object, attributes: dict) -> list[str]:
    return [widget.render("name <&>", value, attributes, renderer=one) for one in (QuickRenderer(), DjangoTemplates())]


@pytest.mark.parametrize("attributes", [{}, ATTRIBUTES], ids=["plain", "attributes"])
@pytest.mark.parametrize("name", sorted(QUICK))
def test_each_is_drawn_as_by_django(name, attributes):
    kind = type("Kind", (forms.Select if "select" in name else forms.TextInput,), {"template_name": name})
    for value in HARD:
        ours, theirs = drawn(kind(), value, attributes)
        assert ours == theirs
        assert ours.startswith("<select" if "select" in name else "<input")


@pytest.mark.parametrize("widget", [forms.Select, forms.SelectMultiple, forms.NullBooleanSelect, WithOptionsOfItsOwn])
@pytest.mark.parametrize("attributes", [{}, ATTRIBUTES], ids=["plain", "attributes"])
def test_options_are_drawn_as_by_django(widget, attributes):
    made = widget(attrs=attributes) if widget is forms.NullBooleanSelect else widget(attrs=attributes, choices=CHOICES)
    for value in ("", None, *([], ["1", "b"]) * (widget is not forms.NullBooleanSelect), "b", 1234567, True):
        ours, theirs = drawn(made, value, {"id": "x"})
        assert ours == theirs
        assert "</select>" in ours


@pytest.mark.parametrize("widget", [forms.Textarea(), forms.RadioSelect(choices=CHOICES), forms.ClearableFileInput()])
def test_what_has_a_template_of_its_own_is_drawn_by_it(widget):
    ours, theirs = drawn(widget, "<x>", ATTRIBUTES)
    assert ours == theirs != ""


def test_forms_are_drawn_by_it():
    assert isinstance(get_default_renderer(), QuickRenderer)


def test_django_draws_these_inputs_by_one_template():
    """Fails where a new Django gives one of them a template of its own, or another to all."""
    folder = Path(django.forms.__file__).parent / "templates"
    texts = {
        name: (folder / name).read_text().strip()
        for name in QUICK
        if not name.endswith(("/input.html", "/select.html"))
    }
    assert set(texts.values()) == {'{% include "django/forms/widgets/input.html" %}'}
