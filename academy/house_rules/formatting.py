"""A value of a house rule in words, with its unit, in both languages. Pure."""

import re
from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext as _

from academy.models import HouseRule

Text = dict[str, str]
Unit = HouseRule.Unit

# (Chinese, one in English, several in English); the figure stands before them.
WORDS: dict[str, tuple[str, str, str]] = {
    Unit.BASIS_POINTS: (" 个基点", "basis point", "basis points"),
    Unit.SECONDS: (" 秒", "second", "seconds"),
    Unit.MINUTES: (" 分钟", "minute", "minutes"),
    Unit.HOURS: (" 小时", "hour", "hours"),
    Unit.DAYS: (" 天", "day", "days"),
    Unit.WORKING_DAYS: (" 个工作日", "working day", "working days"),
    Unit.WEEKS: (" 周", "week", "weeks"),
    Unit.MONTHS: (" 个月", "month", "months"),
    Unit.TIMES: (" 次", "time", "times"),
    Unit.PEOPLE: (" 人", "person", "people"),
    Unit.PAGES: (" 页", "page", "pages"),
    Unit.RINGS: (" 声", "ring", "rings"),
    Unit.WINDOWS: (" 个窗口", "window", "windows"),
    Unit.FIRMS: (" 家", "firm", "firms"),
    Unit.POINTS: (" 分", "point", "points"),
}
# Large figures of money as Chinese counts them, the larger first.
LARGE = ((Decimal(100_000_000), "亿元"), (Decimal(10_000), "万元"))
TIME = re.compile(r"([01]?\d|2[0-3]):[0-5]\d")
PHONE = re.compile(r"[0-9+][0-9 -]{1,29}")
MOST = Decimal(10) ** 12
# What is a figure and what is none.
PLAIN = frozenset({Unit.TIME, Unit.PHONE, Unit.TEXT})


def said(unit: str, value: str, value_en: str = "") -> Text:
    """The value as lessons and papers print it. Raises ``ValueError`` where it is none of that unit."""
    value = value.strip()
    if unit == Unit.TEXT:
        return {"zh-hans": value, "en": value_en.strip() or value}
    if unit in PLAIN:
        return {"zh-hans": value, "en": value}
    figure = figure_of(value)
    if unit == Unit.YUAN:
        return {"zh-hans": _yuan(figure), "en": f"CNY {figure:,f}"}
    if unit == Unit.PERCENT:
        return dict.fromkeys(("zh-hans", "en"), f"{figure:f}%")
    if unit == Unit.AGE:
        return {"zh-hans": f"{figure:f} 岁", "en": f"{figure:f}"}
    chinese, singular, several = WORDS[unit]
    return {"zh-hans": f"{figure:f}{chinese}", "en": f"{figure:f} {singular if figure == 1 else several}"}


def figure_of(value: str) -> Decimal:
    """The figure without idle zeros. Raises ``ValueError``."""
    try:
        figure = Decimal(value.strip())
    except InvalidOperation:
        raise ValueError(value) from None
    if not figure.is_finite() or not 0 <= figure <= MOST:
        raise ValueError(value)
    whole = figure.to_integral_value()
    return whole if figure == whole else figure.normalize()


def value_fault(unit: str, value: str, value_en: str = "") -> str | None:
    """Why this cannot be a value of that unit, in words; None where it can."""
    value = value.strip()
    if not value:
        return _("A value is needed.")
    if unit == Unit.TIME:
        return None if TIME.fullmatch(value) else _("A time of day is needed, such as 15:30.")
    if unit == Unit.PHONE:
        return None if PHONE.fullmatch(value) else _("A telephone number is needed: digits, spaces and hyphens.")
    if unit == Unit.TEXT:
        return None if value_en.strip() else _("Words are needed in both languages.")
    try:
        figure_of(value)
    except ValueError:
        return _("A figure is needed here, without its unit.")
    return None


def _yuan(figure: Decimal) -> str:
    """``1,500 元``, ``3 万元``; a figure that is no round number of the larger unit stays as it is."""
    for size, unit in LARGE:
        parts = figure / size
        if parts >= 1 and parts == parts.quantize(Decimal("0.01")):
            return f"{figure_of(str(parts)):f} {unit}"
    return f"{figure:,f} 元"
