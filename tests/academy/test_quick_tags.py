"""The academy's own ``{% extends %}``, ``{% include %}`` and ``{% url %}`` give what Django's give."""

from uuid import uuid4

import pytest
from django.conf import settings
from django.template import Context, Engine, TemplateSyntaxError, engines
from django.test import RequestFactory, override_settings
from django.urls import NoReverseMatch, get_script_prefix, reverse, set_script_prefix

FILES = {
    "root": "<{% block a %}a{% endblock %}|{% block b %}b{% block c %}c{% endblock %}{% endblock %}>",
    "middle": '{% extends "root" %}{% block b %}[{{ block.super }}]{% endblock %}',
    "leaf": "{% extends parent %}{% block c %}leaf{% endblock %}{% block a %}{{ block.super }}!{% endblock %}",
    "plain": "{% extends 'root' %} {% block c %}{{ name }}{% with name='in' %}{{ name }}{% endwith %}"
    "{% firstof 'set' as kept %}{% endblock %}{% block a %}<{{ kept }}{{ name }}>{% block d %}d{% endblock %}{% endblock %}",
    "plainer": "{% extends 'plain' %}{% block d %}[{{ kept }}]{% endblock %}",
    "above": "{% extends 'plainer' %}{% block d %}{{ block.super }}+{% endblock %}",
    "within": "{% extends 'tagged' %}{% block a %}{{ name }}{% endblock %}",
    "tagged": "{% if name %}{% block a %}a{% endblock %}{% endif %}",
    "part": "({{ name }}{{ secret }}{{ forloop.counter }}{% if depth %}"
    "{% include 'part' with name=depth only %}{% endif %})",
    "parts": "{% for name in names %}{% include 'part' with name=name depth=secret only %}"
    "{% include 'part' with name=name %}{% include part with name=name only %}{{ name }}{% endfor %}{{ secret }}",
}


def engine(*builtins: str) -> Engine:
    loaders = [("django.template.loaders.cached.Loader", [("django.template.loaders.locmem.Loader", FILES)])]
    return Engine(loaders=loaders, builtins=list(builtins))


@pytest.mark.parametrize("parent", ["middle", "root"])
def test_pages_are_put_together_as_by_django(parent):
    ours, theirs = engine("academy.templatetags.quick_tags"), engine()
    for _turn in range(2):
        pages = [one.get_template("leaf").render(Context({"parent": parent})) for one in (ours, theirs)]
        assert pages[0] == pages[1]
        assert "leaf" in pages[0]
    with pytest.raises(TemplateSyntaxError):
        ours.get_template("leaf").render(Context({"parent": ""}))


@pytest.mark.parametrize("page", ["plain", "plainer", "above", "within"])
def test_pages_laid_out_once_are_those_of_django(page):
    """With blocks in blocks, ``block.super``, a block that stands in a tag, and names that a block sets for itself."""
    ours, theirs = engine("academy.templatetags.quick_tags"), engine()
    for name in ("<一>", "二", ""):
        pages = [one.get_template(page).render(Context({"name": name})) for one in (ours, theirs)]
        assert pages[0] == pages[1]
        assert name == "" or name.strip("<>") in pages[0]


def test_a_template_in_front_of_another_of_its_name_extends_that_one():
    front = {"page": "{% extends 'page' %}{% block a %}front{% endblock %}"}
    behind = {"page": "behind {% block a %}{% endblock %}"}
    loaders = [
        ("django.template.loaders.cached.Loader", [("django.template.loaders.locmem.Loader", files)])
        for files in (front, behind)
    ]
    ours = Engine(loaders=loaders, builtins=["academy.templatetags.quick_tags"])
    for _turn in range(2):
        assert ours.get_template("page").render(Context()) == "behind front"


def test_parts_are_those_of_django_and_see_only_what_they_are_given():
    ours, theirs = engine("academy.templatetags.quick_tags"), engine()
    for turn in range(2):
        values = {"names": ["<一>", turn], "secret": "密", "part": "part"}
        pages = [one.get_template("parts").render(Context(values)) for one in (ours, theirs)]
        assert pages[0] == pages[1]
        assert pages[0].startswith("(&lt;一&gt;(密))(&lt;一&gt;密1)(&lt;一&gt;)&lt;一&gt;")


def rendered(text: str, **values) -> str:
    return engines["django"].from_string(text).render(values, RequestFactory().get("/"))


def test_addresses_are_those_of_reverse():
    one, other = uuid4(), uuid4()
    for uuid in (one, other):
        assert rendered("{% url 'quizzes:attempt' uuid %}", uuid=uuid) == reverse("quizzes:attempt", args=[uuid])
        assert rendered("{% url 'quizzes:attempt' uuid=uuid %}", uuid=uuid) == reverse("quizzes:attempt", args=[uuid])
    assert rendered("{% url 'quizzes:start' code %}", code="a") == reverse("quizzes:start", args=["a"])
    assert rendered("{% url 'home' as here %}[{{ here }}]") == f"[{reverse('home')}]"
    assert rendered("{% url 'nowhere' as here %}[{{ here }}]") == "[]"
    for _turn in range(2):
        with pytest.raises(NoReverseMatch):
            rendered("{% url 'nowhere' %}")


def test_another_place_of_the_whole_academy_has_other_addresses():
    assert rendered("{% url 'home' %}") == "/"
    before = get_script_prefix()
    set_script_prefix("/academy/")
    try:
        assert rendered("{% url 'home' %}") == "/academy/"
    finally:
        set_script_prefix(before)
    with override_settings(ROOT_URLCONF="tests.bench.urls"):
        assert rendered("{% url 'bench_upsert' %}") == "/bench/upsert/"
    with pytest.raises(NoReverseMatch):
        rendered("{% url 'bench_upsert' %}")


def test_no_template_changes_the_language_on_the_way():
    """What a page renders once it renders in the language that the page began with."""
    for folder in ("academy", "quizzes", "courses", "certificates"):
        for file in (settings.BASE_DIR / folder).rglob("*.html"):
            assert "{% language " not in file.read_text(), file
