"""A lesson says on what it rests, and when that was last compared; a lesson without says nothing."""

from datetime import date

import pytest

from courses.models import LessonPage
from courses.starter.basis import basis_of, read_sources
from courses.starter.loading import FOLDER, LANGUAGES
from tests.cast import bank, person
from tests.courses.factories import course_of
from tests.curriculum.files import courses

pytestmark = pytest.mark.django_db


def test_a_reader_sees_the_basis_at_the_end(client):
    course_of("complaints", lessons=1)
    page = LessonPage.objects.get()
    client.force_login(person("100001", "林见鹿", bank()["BJ01"]))
    assert 'class="basis"' not in client.get(page.get_url()).content.decode()

    page.basis = "《投诉管理办法》第 9 条\n\n《银行服务心得》"
    page.basis_checked_on = date(2026, 3, 2)
    page.save_revision().publish()

    read = client.get(page.get_url()).content.decode()
    assert read.index("</article>") > read.index("<li>《投诉管理办法》第 9 条</li><li>《银行服务心得》</li>")
    assert "2026年3月2日" in read or "2026-03-02" in read


def test_every_starter_lesson_names_its_basis_in_both_languages():
    sources = read_sources(FOLDER)
    silent = [
        (course.code, stem, language)
        for course in courses()
        for stem, lesson in course.lessons.items()
        for language in LANGUAGES
        if not basis_of(lesson[language].front, sources, language)["basis"]
    ]

    assert silent == []


def test_places_in_one_article_are_one_line():
    front = {"source": "A4b二；A4a；A1§3", "beyond": True}
    lines = basis_of(front, read_sources(FOLDER), "zh-hans")["basis"].splitlines()

    assert lines[:2] == ["《银行服务心得》", "《银行如何做好大客户营销》"]
    assert len(lines) == 3
