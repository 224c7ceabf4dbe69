"""What holds of every listing of the admin: a way to it, dates as dates, headings that differ, filters of one look."""

import re
from collections.abc import Iterator
from datetime import timedelta
from itertools import product
from pathlib import Path

import pytest
from django.template import Context, Template
from django.urls import get_resolver, reverse
from django.utils import timezone, translation
from wagtail.admin.viewsets import viewsets

from academy.models import CareerLevel, Role
from academy.viewsets.listing import RuleListing
from certificates.models import CertificationTrack
from tests.architecture import FLOORS, ROOT
from tests.cast import bank, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def head_office(client):
    found = person("900001", "管理员", bank()["HO"], roles=list(Role))
    client.force_login(found)
    return found


def templates() -> Iterator[tuple[Path, str]]:
    for floor in FLOORS:
        for path in sorted((ROOT / floor / "templates").rglob("*.html")):
            yield path, path.read_text(encoding="utf-8")


def test_every_place_of_the_admin_stands_in_the_menu(client, head_office):
    home = client.get("/cms/").content.decode()
    places = {
        viewset.menu_url
        for viewset in viewsets.viewsets
        if type(viewset).__module__.partition(".")[0] in FLOORS
        and hasattr(viewset, "menu_url")
        and "chooser" not in viewset.name
    }

    assert len(places) > 15
    assert {place for place in places if place not in home} == set()


@pytest.mark.parametrize("days", [-11, 0, 400])
def test_a_date_is_written_as_a_date_wherever_wagtail_would_say_how_long_ago(days):
    moment = timezone.now() + timedelta(days=days)
    tags = ("{% human_readable_date value %}", "{% timesince_last_update value %}", "{{ value|timesince_simple }}")
    for value, tag in product((moment, moment.date()), tags):
        with translation.override("zh-hans"):
            shown = Template("{% load wagtailadmin_tags %}" + tag).render(Context({"value": value}))
        words = re.sub(r"<[^>]*>", "", shown)
        assert str(moment.year) in words and "前" not in words and "刚刚" not in words


def test_no_template_of_ours_says_how_long_ago_instead_of_when():
    # The time left of a paper stands beside the moment at which it ends.
    found = {
        path.name for path, text in templates() if re.search(r"\|timesince|\|timeuntil|\|time_left|naturaltime", text)
    }
    assert found == {"todo_rows.html", "start.html"}


def test_no_two_columns_of_a_table_have_one_name():
    """In Chinese, where two English words may become one."""
    wrong = []
    for path, text in templates():
        for head in re.findall(r"<thead>(.*?)</thead>", text, re.DOTALL):
            with translation.override("zh-hans"):
                names = [
                    translation.pgettext(context, word) if context else translation.gettext(word)
                    for word, context in re.findall(r'{% translate "([^"]+)"(?: context "([^"]+)")? %}', head)
                ]
            wrong += [(path.name, name) for name in set(names) if names.count(name) > 1]

    assert wrong == []


def test_days_are_asked_in_the_language_of_the_page():
    """The browser's own field for a day speaks the browser's language: mm/dd/yyyy on a Chinese page."""
    own = re.compile(r'"type": "date|type="date|input_type = "date')
    sources = [path for floor in FLOORS for path in (ROOT / floor).rglob("*") if path.suffix in (".py", ".html")]

    assert [path.name for path in sources if own.search(path.read_text(encoding="utf-8"))] == []


def test_a_calendar_stands_behind_each_field_for_a_day(client, head_office):
    page = client.get(reverse("journal:index")).content.decode()

    assert page.count("initDateChooser(") == 2
    assert page.index("date-time-chooser.js") < page.index("initDateChooser(")


def test_filters_stand_in_one_template():
    """One height, one label, one place for faults."""
    assert [path.name for path, text in templates() if "academy-filter" in text] == ["filter.html"]


WRONG = {
    "register:index": ("as_of=2026-02-31", "证书台账"),
    "register:lacking": ("track=XX", "达标情况"),
    "training_register:index": ("year=99999", "培训台账"),
    "board:index": ("on=2026-02-31", "持证看板"),
    "board:names": ("on=2026-02-31", "持证看板"),
    "wagtailusers_users:first_passwords": ("branch=NO", "发放初始密码"),
}


@pytest.mark.parametrize("place", WRONG)
def test_a_wrong_filter_has_the_title_of_its_page_and_the_way_to_it(client, head_office, track, place):
    query, title = WRONG[place]
    page = client.get(f"{reverse(place)}?{query}")

    assert page.status_code == 400
    crumbs = page.context_data["breadcrumbs_items"]
    assert str(page.context_data["header_title"]) == str(crumbs[-1]["label"]) == title
    assert crumbs[0]["url"] == reverse("wagtailadmin_home") and crumbs[-1]["url"] == reverse(place)


def rule_listings() -> list[type[RuleListing]]:
    """Every listing that stands at a place of its own: those of one row's parts are told by their own tests."""
    get_resolver().url_patterns  # noqa: B018 - loads every listing
    found, todo = [], [RuleListing]
    while todo:
        todo += (one := todo.pop()).__subclasses__()
        if one.name and one.place != "people":
            found.append(one)
    return sorted(found, key=lambda one: (one.name, one.place))


@pytest.fixture
def track():
    level = CareerLevel.objects.create(code="CM2", rank=2, name="等级", name_en="Level")
    return CertificationTrack.objects.create(code="cm2", name="认证", level=level)


def test_listings_of_rules_sort_by_every_column_that_says_so_and_show_the_columns_asked_for(client, head_office, track):
    found = {f"{one.name}:{one.place}" for one in rule_listings()}
    assert found >= {"register:index", "register:lacking", "training_register:index", "assignments:index"}
    for listing in rule_listings():
        page = client.get(reverse(f"{listing.name}:{listing.place}"))
        assert page.status_code == 200, listing
        view = page.context_data["view"]
        names = [column.name for column in view.every_column]
        assert [column.name for column in page.context_data["table"].columns.values() if column.name != "ticks"] == [
            name for name in names if name == names[0] or name in listing.usual
        ]
        for column in view.every_column:
            for ordering in (column.sort_key, f"-{column.sort_key}") if column.sort_key else ():
                wanted = column.name if column.name != names[0] else names[1]
                query = {"ordering": ordering, "columns": [wanted]}
                page = client.get(reverse(f"{listing.name}:{listing.place}_results"), query)
                shown = set(page.context_data["table"].columns) - {"ticks", names[0]}
                assert page.status_code == 200 and page.context_data["ordering"] == ordering, (listing, column.name)
                assert shown == {wanted}


def test_a_listing_of_a_rule_keeps_its_title_when_a_column_is_not_known(client, head_office, track):
    for listing in rule_listings():
        page = client.get(reverse(f"{listing.name}:{listing.place}"), {"columns": "nothing"})

        assert page.status_code == 400 and str(page.context_data["header_title"]) == str(listing.page_title)
        # The results alone say so in the place of the rows.
        results = client.get(reverse(f"{listing.name}:{listing.place}_results"), {"columns": "nothing"})
        assert results.status_code == 200 and "筛选条件有误" in results.content.decode()
