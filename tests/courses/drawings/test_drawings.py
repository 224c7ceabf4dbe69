"""The drawings the program ships: sound, safe to stand in a page, and said in words in both languages."""

import re

import pytest
from defusedxml import ElementTree
from django.db import connection
from django.template import Context, Template
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from django.utils.html import escape
from wagtail.blocks import StructBlockValidationError
from wagtail_factories import ImageFactory

from academy.models import Role
from courses.drawings.pictures import FOLDER, alternative, alternatives, explaining, picture
from courses.models import CoursePage, LessonPage
from courses.models.blocks import DrawingBlock, drawing_choices
from courses.starter.loading import FOLDER as CURRICULUM
from courses.starter.markdown import Unreadable, read_lesson
from tests.cast import bank, person
from tests.courses.factories import course_of

FILES = sorted(FOLDER.glob("*.svg"))
COURSES = sorted(path.parent.name for path in CURRICULUM.glob("*/course.yaml"))
LANGUAGES = ["zh-hans", "en"]
DRAWN = {"svg", "g", "path", "circle", "rect", "text", "tspan"}


def name_of(path) -> str:
    return path.stem.split(".")[0]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_drawing_is_sound_and_brings_nothing_that_runs_or_loads(path):
    root = ElementTree.parse(path).getroot()
    for element in root.iter():
        assert element.tag.removeprefix("{http://www.w3.org/2000/svg}") in DRAWN
        for attribute, value in element.attrib.items():
            assert (
                attribute not in {"style", "id", "class"} and not attribute.startswith("on") and "href" not in attribute
            )
            assert "url(" not in value and "//" not in value
            assert not re.search(r"#[0-9a-f]{3}", value), "colours come from the theme"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_drawing_is_said_in_words_and_exists_in_both_languages(path, language):
    assert alternative(name=name_of(path), language=language)
    assert picture(name=name_of(path), language=language).startswith("<svg ")


def test_no_words_without_a_drawing():
    assert set(alternatives()) == {name_of(path) for path in FILES}


@pytest.mark.parametrize("code", COURSES)
def test_every_course_has_a_cover(code):
    assert picture(name=code, language="en")


@pytest.mark.parametrize("name", ["", "../pictures", "/etc/passwd", "nothing", "business-etiquette.svg"])
def test_an_unknown_name_draws_nothing(name):
    assert Template("{% load course_tags %}{% drawing name %}").render(Context({"name": name})) == ""


def test_the_words_follow_the_language_of_the_page():
    template = Template('{% load course_tags %}{% drawing "business-etiquette" %}')
    with translation.override("en"):
        assert 'role="img" aria-label="Two people at a counter' in template.render(Context())
    with translation.override("zh-hans"):
        assert 'aria-label="柜台两侧的两个人' in template.render(Context())


@pytest.mark.django_db
def test_the_catalogue_and_the_course_show_the_cover(client, django_user_model):
    client.force_login(django_user_model.objects.create_user("wang", password="academy-demo"))
    course_of("business-etiquette")
    course_of("of-the-bank")
    page = CoursePage.objects.get(course__code="business-etiquette")
    catalogue = client.get(page.get_parent().url).content.decode()

    assert catalogue.count('class="drawing"') == 1
    assert 'class="drawing"' in client.get(page.url).content.decode()


@pytest.mark.parametrize("path", [path for path in FILES if "." in path.stem], ids=lambda path: path.stem)
def test_words_in_a_drawing_can_be_read_on_a_phone(path):
    root = ElementTree.parse(path).getroot()
    assert root.get("viewBox").split()[2] == "320"
    sizes = [float(element.get("font-size")) for element in root.iter() if element.get("font-size")]
    assert sizes and min(sizes) >= 12


def test_the_bars_say_the_same_figures_in_both_languages():
    chinese, english = (picture(name="the-bars-that-move", language=language) for language in LANGUAGES)
    millions = [round(float(value) * 100) for value in re.findall(r">(\d\.\d\d)<", chinese)]

    assert millions == [146, 175, 228, 215, 230, 160] * 2
    assert [int(value) for value in re.findall(r">(\d{3})<", english)] == millions


def shown(language: str) -> list[tuple[str, str, str]]:
    """(drawing, course, number of the lesson) of all lessons, with a caption each."""
    found = []
    for path in sorted(CURRICULUM.glob(f"*/lessons/*.{language}.md")):
        for kind, value in read_lesson(path)[1]:
            if kind == "drawing":
                assert value["caption"], path
                found.append((value["name"], path.parts[-3], path.name[:2]))
    return sorted(found)


def test_each_picture_stands_once_and_in_the_same_lesson_in_both_languages():
    chinese, english = (shown(language) for language in LANGUAGES)

    assert chinese == english
    assert [name for name, *_place in english] == explaining()


def test_a_drawing_there_is_not_is_refused_with_its_file(tmp_path):
    path = tmp_path / "01-a.en.md"
    path.write_text("---\ntitle: A\n---\n::: drawing nothing\n:::\n", encoding="utf-8")
    with pytest.raises(Unreadable, match=r"01-a\.en\.md: ::: drawing nothing"):
        read_lesson(path)


@pytest.mark.django_db
def test_a_lesson_with_a_drawing_carries_its_words(client, django_user_model):
    client.force_login(django_user_model.objects.create_user("wang", password="academy-demo"))
    course_of("etiquette")
    lesson = LessonPage.objects.get(slug="lesson-1")
    lesson.body = [("drawing", {"name": "who-serves-whom", "caption": "隔着一线"})]
    lesson.save_revision().publish()
    html = client.get(lesson.url).content.decode()

    assert f'aria-label="{alternative(name="who-serves-whom", language="zh-hans")}"' in html
    assert "<figcaption" in html and "隔着一线" in html
    assert ">二线<" in html


@pytest.mark.django_db
def test_a_cover_of_its_own_stands_in_the_drawings_place(client, django_user_model, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    client.force_login(django_user_model.objects.create_user("wang", password="academy-demo"))
    course_of("business-etiquette")
    page = CoursePage.objects.get(course__code="business-etiquette")
    catalogue = page.get_parent().url
    client.get(catalogue)
    with CaptureQueriesContext(connection) as drawn:
        client.get(catalogue)
    assert not [query for query in drawn if "wagtailimages" in query["sql"]]

    page.cover = ImageFactory()
    page.save_revision().publish()

    for url in (catalogue, page.url):
        html = client.get(url).content.decode()
        assert '<svg class="drawing"' not in html
        assert 'class="drawing"' in html and "fill-640x280" in html
    with CaptureQueriesContext(connection) as own:
        client.get(catalogue)
    assert len([query for query in own if "wagtailimages" in query["sql"]]) == 2


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_trainer_chooses_a_drawing_by_a_short_name_of_its_own(language):
    with translation.override(language):
        offered = drawing_choices()
        field = str(DrawingBlock().child_blocks["name"].field.widget.render("d", "who-serves-whom"))
    said = [words for _name, words in offered]
    assert len(set(said)) == len(said) == len(explaining()) and max(map(len, said)) <= 48
    assert escape(alternative(name="who-serves-whom", language=language)) in field
    assert 'data-drawings="/cms/courses/drawings/name/"' in field
    assert 'data-picture="/cms/courses/drawings/who-serves-whom/"' in field
    option = field.split('value="who-serves-whom"')[1].split(">", maxsplit=1)[0]
    assert all(escape(alternative(name="who-serves-whom", language=either)) in option for either in LANGUAGES)


@pytest.mark.django_db
def test_the_trainer_sees_the_drawing_that_is_chosen(client):
    client.force_login(person("200001", "宋知远", bank()["BJ"], roles=[Role.TRAINER]))
    shown = client.get("/cms/courses/drawings/who-serves-whom/")
    assert shown["Content-Type"] == "image/svg+xml" and "--color-accent:" in shown.text
    ElementTree.fromstring(shown.text)
    assert client.get("/cms/courses/drawings/nothing/").status_code == 404


def test_no_drawing_is_taken_that_is_not_shipped():
    with pytest.raises(StructBlockValidationError):
        DrawingBlock().clean({"name": "nothing", "caption": ""})
