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


def test_a_refused_form_is_titled_by_the_name_that_stands(client):
    branches = bank()
    one = person("110033", "史可欣", branches["BJ01"])
    client.force_login(person("300001", "苏映雪", branches["HO"], roles=[Role.HR]))

    refused = client.post(f"/cms/users/edit/{one.pk}/", {"staff_number": "110033", "display_name": "史可昕"})

    title = refused.text.split("<title>")[1].split("</title>")[0]
    assert refused.context["form"].errors and "史可欣" in title and "史可昕" not in title
