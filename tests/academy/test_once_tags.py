"""A part that says the same to everybody is rendered once, and never says one person's to another."""

from datetime import date
from uuid import UUID

import pytest
from django.template import Context, Template, TemplateSyntaxError
from django.utils import translation
from django.utils.functional import SimpleLazyObject
from django.utils.safestring import mark_safe

from academy.models import User
from academy.templatetags.once_tags import RenderedOnce

HEAD = "{% load once_tags i18n %}"


def test_the_same_values_are_rendered_once_and_others_anew():
    page = Template(
        HEAD + "{% for one in all %}{% rendered_once one=one %}[{{ one.text }}]{% endrendered_once %}{% endfor %}"
    )
    first = [{"text": "甲", "right": True}, {"text": "乙", "right": False}]

    assert page.render(Context({"all": first})) == "[甲][乙]"
    assert page.render(Context({"all": [*reversed(first), {"text": "<b>", "right": False}]})) == "[乙][甲][&lt;b&gt;]"
    first[0]["text"] = "丙"
    assert page.render(Context({"all": first})) == "[丙][乙]"


def test_values_that_are_equal_and_say_something_else_are_kept_apart():
    page = Template(HEAD + "{% rendered_once value=value %}{{ value }}{% endrendered_once %}")

    for value, text in ((True, "True"), (1, "1"), ("<i>", "&lt;i&gt;"), (mark_safe("<i>"), "<i>")):
        for _turn in range(2):
            assert page.render(Context({"value": value})) == text


def test_each_language_has_its_own():
    page = Template(HEAD + '{% rendered_once number=1 %}{% translate "Save" %}{% endrendered_once %}')
    with translation.override("en"):
        english = page.render(Context())
    with translation.override("zh-hans"):
        chinese = page.render(Context())

    assert (english, chinese) == ("Save", "保存")


def test_the_block_sees_nothing_but_what_it_names():
    page = Template(HEAD + "{% rendered_once one=one %}{{ one }}{{ person }}{{ request }}{% endrendered_once %}")

    assert page.render(Context({"one": "x", "person": "欧阳文澜", "request": "r"})) == "x"


def test_a_block_without_values_is_the_same_for_everybody():
    page = Template(HEAD + '{% rendered_once %}{% translate "Save" %}{{ person }}{% endrendered_once %}')

    assert [page.render(Context({"person": name})) for name in ("甲", "乙")] == ["保存", "保存"]


def test_a_value_that_waits_to_be_asked_is_kept_as_what_it_is():
    page = Template(HEAD + "{% rendered_once one=one %}[{{ one }}]{% endrendered_once %}")

    for value in (3, True, "<i>", ["甲"], 3):
        expected = page.render(Context({"one": value}))
        assert page.render(Context({"one": SimpleLazyObject(lambda value=value: value)})) == expected
    kept = page.nodelist.get_nodes_by_type(RenderedOnce)[0].kept
    assert len(kept) == 4
    assert "SimpleLazyObject" not in repr([*kept])


def test_a_row_is_no_value():
    page = Template(HEAD + "{% rendered_once person=person %}{{ person.display_name }}{% endrendered_once %}")
    with pytest.raises(TypeError):
        page.render(Context({"person": User(display_name="欧阳文澜")}))
    with pytest.raises(TypeError):
        page.render(Context({"person": SimpleLazyObject(lambda: User(display_name="欧阳文澜"))}))
    with pytest.raises(TemplateSyntaxError):
        Template(HEAD + "{% rendered_once one %}{% endrendered_once %}")


OPEN = HEAD + (
    "{% rendered_once one=one %}\n  {% also around name=name token=csrf_token|as_field uuid=uuid %}"
    "[{{ one }} {{ name }} {{ token }} {% url 'quizzes:attempt' uuid %} {{ uuid }}]{% endrendered_once %}"
)


def test_what_is_left_open_is_each_pages_own():
    page = Template(OPEN)
    pages = [
        {"one": one, "name": name, "csrf_token": token, "uuid": uuid}
        for one in (1, 2)
        for name, token, uuid in (("<甲>", "t1", UUID(int=1)), (mark_safe("<i>乙</i>"), "", UUID(int=2)))
    ]

    found = [page.render(Context(one)) for one in pages]

    plain = Template(HEAD + "[{{ one }} {{ name }} {% csrf_token %} {% url 'quizzes:attempt' uuid %} {{ uuid }}]")
    assert found == [plain.render(Context(one)) for one in pages]
    assert "&lt;甲&gt;" in found[0]
    assert "<i>乙</i>" in found[1]
    kept = page.nodelist.get_nodes_by_type(RenderedOnce)[0].kept
    assert len(kept) == 2
    assert "甲" not in repr(kept)


def test_what_is_left_open_is_printed_as_it_stands():
    page = Template(HEAD + "{% rendered_once around value=value %}{{ value }}{% endrendered_once %}")

    for value in (1234567, None, 1.5, date(2026, 11, 29), SimpleLazyObject(lambda: "<b>")):
        assert page.render(Context({"value": value})) == Template("{{ value }}").render(Context({"value": value}))


@pytest.mark.parametrize(
    "block",
    [
        "{% if name %}x{% endif %}",
        "{{ name|upper }}",
        "{{ one|default:name }}",
        "{% include 'x' with name=name only %}",
        "{% rendered_once name=name %}{{ name }}{% endrendered_once %}",
    ],
)
def test_what_is_left_open_decides_nothing(block):
    with pytest.raises(TemplateSyntaxError):
        Template(
            HEAD
            + "{% rendered_once one=one around name=name %}"
            + block
            + "{% endrendered_once %}{% if name %}{% endif %}"
        )


def test_a_name_that_only_looks_alike_decides():
    page = Template(
        HEAD
        + "{% rendered_once one=one around name=one.name %}{% if one.name and 'name' %}{{ name }}{% endif %}"
        + "{% endrendered_once %}{% if name %}!{% endif %}"
    )

    assert page.render(Context({"one": {"name": "甲"}, "name": 1})) == "甲!"


def test_a_value_is_found_where_a_template_finds_it():
    words = (
        HEAD + "{% rendered_once value=PATH around open=PATH %}{{ value }}{{ open }}{% endrendered_once %}|{{ PATH }}"
    )
    named = {"key": {"items": "乙"}, "make": lambda: "丙", "inner": {"make": lambda: "丁"}, "number": 12345, "few": -7}

    for path in (
        "key.items",
        "inner.keys",
        "make",
        "inner.make",
        "number",
        "few",
        "absent",
        "key.absent",
        "number.real",
    ):
        kept, plain = Template(words.replace("PATH", f"named.{path}")).render(Context({"named": named})).split("|")
        assert kept == plain * 2, path
