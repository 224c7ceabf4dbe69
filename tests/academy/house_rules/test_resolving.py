"""The nearest scope wins, and in one scope the value that began last."""

from datetime import date

import pytest
from django.utils import timezone

from academy.house_rules.quoting import codes_in, codes_of_tags, filled, filled_html, filled_text
from academy.house_rules.reading import values_for, values_of_bank
from academy.house_rules.resolving import Scope, ScopedValue, of_day, resolve, resolve_elsewhere, scopes_of
from tests.academy.house_rules.factories import rule_of, value_of
from tests.cast import bank, person

DAY = date(2026, 11, 23)
BANK, BEIJING, OUTLET = "", "/1/2/", "/1/2/3/"


def value(said: str, line: str = "", path: str = "", since: date | None = None, until: date | None = None):
    return ScopedValue({"en": said}, Scope(line, path), "", since, until)


@pytest.mark.parametrize(
    ("line", "path", "wanted"),
    [
        ("retail", "/1/9/", "bank"),
        ("corporate", "/1/9/", "line"),
        ("corporate", BEIJING, "branch"),
        ("retail", OUTLET, "outlet"),
        ("corporate", OUTLET, "outlet and line"),
        ("", "", "bank"),
    ],
)
def test_the_nearest_scope_wins(line, path, wanted):
    values = [
        value("bank"),
        value("line", "corporate"),
        value("branch", "", BEIJING),
        value("outlet", "", OUTLET),
        value("outlet and line", "corporate", OUTLET),
    ]
    assert resolve(of_day(values, DAY), Scope(line, path)) == {"en": wanted}


def test_what_other_lines_are_told_is_said_where_it_differs():
    values = of_day([value("bank"), value("line", "corporate"), value("same", "retail", OUTLET)], DAY)
    assert resolve_elsewhere(values, Scope("corporate", BEIJING)) == [("", {"en": "bank"})]
    assert resolve_elsewhere(values, Scope("operations", BEIJING)) == [("corporate", {"en": "line"})]
    assert resolve_elsewhere(of_day([value("bank"), value("bank", "retail")], DAY), Scope()) == []


def test_a_value_holds_from_its_day_and_until_the_next_one():
    values = [value("old"), value("new", since=date(2026, 12, 1)), value("gone", "retail", until=date(2026, 11, 22))]
    assert resolve(of_day(values, date(2026, 11, 30)), Scope("retail")) == {"en": "old"}
    assert resolve(of_day(values, date(2026, 12, 1)), Scope("retail")) == {"en": "new"}
    assert resolve(of_day(values, date(2026, 11, 22)), Scope("retail")) == {"en": "gone"}


def test_every_line_and_branch_with_words_of_its_own_is_looked_at():
    table = {"a": [value("x"), value("y", "corporate")], "b": [value("z", "", BEIJING)]}
    assert set(scopes_of(table, ["a", "b"])) == {
        Scope(), Scope("corporate"), Scope("", BEIJING), Scope("corporate", BEIJING),
    }  # fmt: skip


def test_quotes_are_found_and_filled_in_the_language_of_their_text():
    body = {
        "stem": {"zh-hans": "于{{rule:first-reply}}内", "en": "within {{ rule:first-reply }}"},
        "options": [{"id": "a"}],
    }
    values = {"first-reply": {"zh-hans": "3 小时", "en": "3 hours"}}
    assert codes_in(body) == {"first-reply"}
    assert filled(body, values)["stem"] == {"zh-hans": "于3 小时内", "en": "within 3 hours"}
    assert codes_of_tags("decides-limit, rule:gift-each") == {"gift-each"}


@pytest.mark.parametrize(
    ("said", "figure"),
    [("CNY 1,500", "1500"), ("3 hours", "3"), ("0.35%", "0.35"), ("65", "65")],
)
def test_the_figure_of_a_rule_stands_without_unit_and_commas(said, figure):
    assert filled_text("{{ rule:limit figure }}", {"limit": {"zh-hans": "0.15 万元", "en": said}}, "zh-hans") == figure
    assert codes_in("{{rule:limit  figure}}") == {"limit"}


@pytest.mark.parametrize("said", ["08:35", "the branch manager"])
def test_what_is_no_figure_is_not_taken_for_one(said):
    assert "limit" in filled_text("{{ rule:limit figure }}", {"limit": {"en": said}}, "en")


def test_an_unknown_code_is_a_mark_that_nobody_overlooks():
    assert "no-such-code" in filled_text("{{ rule:no-such-code }}", {}, "en")


def test_a_value_is_text_in_a_lesson():
    assert (
        filled_html("<p>{{ rule:who }}</p>", {"who": {"en": "<b>A & B</b>"}}, "en")
        == "<p>&lt;b&gt;A &amp; B&lt;/b&gt;</p>"
    )


@pytest.mark.django_db
def test_a_person_reads_what_holds_for_their_line_and_branch(django_assert_num_queries):
    branches = bank()
    rule = rule_of(value="3")
    value_of(rule, "5", branch=branches["SH"])
    value_of(rule, "2", line="corporate")
    beijing = person("100001", "林见鹿", branches["BJ01"])
    shanghai = person("100002", "沈知夏", branches["SH01"])
    now = timezone.now()
    assert values_for(beijing.pk, now=now)["first-reply"]["en"] == "3 hours"
    assert values_for(shanghai.pk, now=now)["first-reply"]["en"] == "5 hours"
    assert values_of_bank(now)["first-reply"]["zh-hans"] == "3 小时"
    with django_assert_num_queries(1):
        values_for(shanghai.pk, now=now)


@pytest.mark.django_db
def test_a_changed_value_is_read_at_once():
    branches = bank()
    rule = rule_of(value="3")
    learner = person("100001", "林见鹿", branches["BJ01"])
    assert values_for(learner.pk, now=timezone.now())["first-reply"]["en"] == "3 hours"
    rule.values.update(value="4")
    assert values_for(learner.pk, now=timezone.now())["first-reply"]["en"] == "4 hours"
