"""A value in words: what lessons and papers print."""

import pytest

from academy.house_rules.formatting import said, value_fault


@pytest.mark.parametrize(
    ("unit", "value", "chinese", "english"),
    [
        ("yuan", "1500", "1,500 元", "CNY 1,500"),
        ("yuan", "180", "180 元", "CNY 180"),
        ("yuan", "30000", "3 万元", "CNY 30,000"),
        ("yuan", "15000", "1.5 万元", "CNY 15,000"),
        ("yuan", "12345", "12,345 元", "CNY 12,345"),
        ("yuan", "3000000", "300 万元", "CNY 3,000,000"),
        ("yuan", "200000000", "2 亿元", "CNY 200,000,000"),
        ("percent", "25", "25%", "25%"),
        ("percent", "12.50", "12.5%", "12.5%"),
        ("basis-points", "10", "10 个基点", "10 basis points"),
        ("minutes", "12", "12 分钟", "12 minutes"),
        ("hours", "1", "1 小时", "1 hour"),
        ("working-days", "2", "2 个工作日", "2 working days"),
        ("working-days", "1", "1 个工作日", "1 working day"),
        ("people", "1", "1 人", "1 person"),
        ("people", "100", "100 人", "100 people"),
        ("age", "65", "65 岁", "65"),
        ("time", "15:30", "15:30", "15:30"),
        ("phone", "400-000-0100", "400-000-0100", "400-000-0100"),
    ],
)
def test_a_value_is_printed_with_its_unit(unit, value, chinese, english):
    assert said(unit, value) == {"zh-hans": chinese, "en": english}
    assert value_fault(unit, value) is None


def test_words_have_both_languages():
    assert said("text", "值班主任", "the duty supervisor") == {"zh-hans": "值班主任", "en": "the duty supervisor"}
    assert value_fault("text", "值班主任")


@pytest.mark.parametrize(
    ("unit", "value"),
    [
        ("yuan", "三万"),
        ("hours", "3 小时"),
        ("hours", "-1"),
        ("hours", "NaN"),
        ("time", "25:00"),
        ("phone", "甲"),
        ("days", " "),
    ],
)
def test_what_is_no_value_of_the_unit_is_refused(unit, value):
    assert value_fault(unit, value)
