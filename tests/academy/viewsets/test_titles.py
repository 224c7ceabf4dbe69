"""Titles and counts of the admin, also of Wagtail's own pages, are put together as the reader's language does it."""

import pytest

from academy.models import Role
from courses.starter.loading import ensure_catalogues
from tests.cast import bank, person

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("language", "title", "rows"),
    [("zh-hans", "浏览页面：全部页面", "页面共 2 项"), ("en", "Exploring: All pages", "2 pages")],
)
def test_the_top_of_the_page_tree_is_titled_and_counted_in_the_readers_language(client, language, title, rows):
    ensure_catalogues([])
    client.force_login(person("200001", "宋知远", bank()["HO"], roles=[Role.TRAINER], language=language))
    page = " ".join(client.get("/cms/pages/").text.split())
    assert title in page and rows in page and "Root" not in page
