"""Cells become values: staff numbers, names, dates, yes and no. Pure; a cell that does not fit raises ``CellFault``."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import cached_property
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import TextChoices
from django.utils.functional import lazy

from academy.bilingual import in_every_language, listed
from academy.bilingual import said as _
from academy.importing.faults import AmbiguousDay, CellFault
from academy.importing.workbook import ErrorValue, Formula, day_of_serial
from academy.spreadsheets import RUNS_FIRST

EARLIEST, LATEST = date(1930, 1, 1), date(2199, 12, 31)
# How lists say "goes on": the last day is open.
OPEN_ENDED = {"", "-", "--", "/", "无", "至今", "长期", "永久", "present", "none", "n/a"}
IDENTIFIER = re.compile(r"[0-9A-Za-z][0-9A-Za-z-]{0,31}")
CODE = re.compile(r"[0-9A-Za-z][0-9A-Za-z._/-]{0,31}")
# ="000101": how exports keep Excel from dropping the zeros. It computes nothing.
KEPT_AS_TEXT = re.compile(r'="([0-9A-Za-z-]{1,32})"')
HAN = r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
HAN_LETTER = re.compile(HAN)
BETWEEN_HAN = re.compile(rf"(?<={HAN})\s+(?={HAN})")
INVISIBLE = dict.fromkeys(map(ord, "\u200b\u2060\ufeff"))
ISO = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})")
CHINESE = re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})[日号]?")
COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
YEAR_LAST = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = r"(?P<month>jan(uary)?|feb(ruary)?|mar(ch)?|apr(il)?|may|june?|july?|aug(ust)?|sept?(ember)?|oct(ober)?|nov(ember)?|dec(ember)?)"
NAMED_MONTH = re.compile(
    rf"(?:(?P<first>\d{{1,2}})[- /.])?{_MONTH}\.?[- /,]+(?:(?P<last>\d{{1,2}}),? )?(?P<year>\d{{4}})", re.I
)
CLOCK = re.compile(r"[ T]+\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?\s*([AP]M)?$", re.IGNORECASE)
# Which of day and month comes first where the year comes last: said once a file by a person, never guessed.
DAY_FIRST, MONTH_FIRST = "day", "month"
YES = {
    "是",
    "y",
    "yes",
    "1",
    "true",
    "t",
    "在",
    "在职",
    "在职在岗",
    "在岗",
    "在编",
    "正常",
    "有效",
    "试用",
    "试用期",
    "正式",
    "休假",
    "active",
    "√",
    "✓",
    "employed",
    "on leave",
    "probation",
}
NO = {
    "否",
    "n",
    "no",
    "0",
    "false",
    "f",
    "不在",
    "不在职",
    "离职",
    "已离职",
    "退休",
    "已退休",
    "离退",
    "辞职",
    "解除",
    "死亡",
    "inactive",
    "left",
    "resigned",
    "retired",
    "terminated",
    "×",
    "x",
}


def text_of(cell: Any) -> str:
    """What stands in a cell, in one line, without what nobody sees. Raises ``CellFault`` for what would run."""
    if cell is None:
        return ""
    if isinstance(cell, Formula):
        raise CellFault(_("The cell holds a formula; enter the value itself."))
    if isinstance(cell, ErrorValue):
        raise CellFault(_("The cell holds an error value (%(value)s).") % {"value": cell})
    if isinstance(cell, bool):
        return "1" if cell else "0"
    if isinstance(cell, float):
        return format(cell, "f").rstrip("0").rstrip(".")
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    text = " ".join(str(cell).translate(INVISIBLE).split())
    if not text.isprintable() and any(unicodedata.category(character) in ("Cc", "Cf", "Cs") for character in text):
        raise CellFault(_("The cell holds control characters."))
    return text


def words(limit: int) -> Callable[[Any], str]:
    """Free text up to a length."""

    def convert(cell: Any) -> str:
        text = text_of(cell)
        if isinstance(cell, str) and text.removeprefix("'").startswith(RUNS_FIRST):
            raise CellFault(_("The cell begins like a formula; enter the value itself."))
        if len(text) > limit:
            raise CellFault(_("Longer than %(limit)s characters.") % {"limit": limit})
        return text

    return convert


def name(cell: Any) -> str:
    """A person's name. Spaces that align 张　三 in a column are taken out; those of a Latin name stay."""
    return BETWEEN_HAN.sub("", words(120)(cell))


def identifier(cell: Any) -> str:
    """A staff number. Full-width digits become plain ones; a number too long for a spreadsheet's digits is refused."""
    return _code(cell, IDENTIFIER, _("A staff number has letters, digits and hyphens only, at most 32."))


def branch_code(cell: Any) -> str:
    return _code(cell, CODE, _("A branch code has letters, digits, hyphens, dots and slashes only, at most 32."))


def _code(cell: Any, pattern: re.Pattern[str], message: str) -> str:
    if isinstance(cell, bool) or (isinstance(cell, int | float) and abs(cell) >= 1e15):
        raise CellFault(_("The spreadsheet has rounded this number; format the column as text."))
    if isinstance(cell, str) and not isinstance(cell, Formula):
        kept = KEPT_AS_TEXT.fullmatch(cell.strip())
        cell = kept[1] if kept else cell.strip().removeprefix("'")
    text = unicodedata.normalize("NFKC", text_of(cell)).strip()
    if text and not pattern.fullmatch(text):
        if text.startswith(RUNS_FIRST):
            raise CellFault(_("The cell begins like a formula; enter the value itself."))
        raise CellFault(message)
    return text


def email(cell: Any) -> str | None:
    text = unicodedata.normalize("NFKC", words(254)(cell)).lower()
    if not text:
        return None
    try:
        validate_email(text)
    except ValidationError:
        raise CellFault(_("“%(value)s” is no e-mail address.") % {"value": text[:60]}) from None
    return text


def day(cell: Any, order: str = "") -> date | None:
    """A day: ISO, 2023/12/1, 2022年1月5日, 20231201, 1-Dec-2023, an Excel day number, or a date cell. None when empty.

    Of 03/04/2024 the ``order`` that a person said for the file tells what is meant; without one it is a fault, unless
    only one order makes a day of it.
    """
    if isinstance(cell, datetime):
        return _plausible(cell.date())
    if isinstance(cell, date):
        return _plausible(cell)
    if isinstance(cell, bool):
        raise CellFault(_("This is not a date; write it as 2023-12-01."))
    text = _text_of_day(cell)
    if not text:
        return None
    for pattern in (ISO, CHINESE, COMPACT):
        match = pattern.fullmatch(text)
        if match:
            return _made_of(*(int(group) for group in match.groups() if group.isdigit()), said=text)
    if named := NAMED_MONTH.fullmatch(text):
        month = MONTHS.index(named["month"][:3].lower()) + 1
        return _made_of(int(named["year"]), month, int(named["first"] or named["last"]), said=text)
    if year_last := YEAR_LAST.fullmatch(text):
        return _in_order(int(year_last[1]), int(year_last[3]), int(year_last[4]), text, order)
    if re.fullmatch(r"\d{4,6}(\.\d+)?", text) and not re.fullmatch(r"(19|20)\d{2}|(19|20)\d{4}", text):
        found_day = day_of_serial(float(text))
        if isinstance(found_day, ErrorValue):
            raise CellFault(_("There is no day %(value)s; write a day as in 2023-12-01.") % {"value": text})
        return _plausible(found_day.date() if isinstance(found_day, datetime) else found_day)
    raise CellFault(_("“%(value)s” is no date; write it as 2023-12-01.") % {"value": text[:40]})


def _text_of_day(cell: Any) -> str:
    text = unicodedata.normalize("NFKC", text_of(cell)).strip().removeprefix("'").strip()
    text = CLOCK.sub("", text)
    return text.replace(" ", "") if "年" in text else text


def _made_of(year: int, month: int, number: int, *, said: str) -> date:
    try:
        return _plausible(date(year, month, number))
    except ValueError:
        raise CellFault(_("There is no day %(value)s; write a day as in 2023-12-01.") % {"value": said}) from None


def _in_order(first: int, second: int, year: int, text: str, order: str) -> date:
    possible = _orders(first, second)
    if not possible:
        raise CellFault(_("There is no day %(value)s; write a day as in 2023-12-01.") % {"value": text})
    if order and order not in possible:
        raise CellFault(
            _(
                "“%(value)s” does not have the order of day and month that was chosen for this file; write it as "
                "%(iso)s."
            )
            % {"value": text, "iso": f"{year}-{min(first, second):02}-{max(first, second):02}"}
        )
    if not order and len(possible) == 2 and first != second:
        raise AmbiguousDay(
            _("“%(value)s”: day or month first? Choose it with the columns, or write %(one)s or %(other)s.")
            % {"value": text, "one": f"{year}-{second:02}-{first:02}", "other": f"{year}-{first:02}-{second:02}"}
        )
    number, month = (first, second) if (order or min(possible)) == DAY_FIRST else (second, first)
    return _made_of(year, month, number, said=text)


def _orders(first: int, second: int) -> set[str]:
    return {order for order, month in ((DAY_FIRST, second), (MONTH_FIRST, first)) if 1 <= month <= 12}


def orders_of(cell: Any) -> set[str]:
    """In which orders of day and month a cell with the year last makes a day; none where it leaves nothing open."""
    found = YEAR_LAST.fullmatch(_text_of_day(cell)) if isinstance(cell, str) else None
    return _orders(int(found[1]), int(found[3])) if found and found[1] != found[3] else set()


def last_day(cell: Any, order: str = "") -> date | None:
    """A last day; 至今, 长期 and 9999-12-31 mean that it goes on."""
    if isinstance(cell, str) and cell.strip().lower() in OPEN_ENDED:
        return None
    if isinstance(cell, datetime | date) and cell.year >= 2999:
        return None
    if isinstance(cell, str | int):
        said = str(cell).strip()
        if re.fullmatch(r"(2999|9999)[-/.年]?12[-/.月]?31日?|(12[-/.]31|31[-/.]12)[-/.](2999|9999)", said):
            return None
    return day(cell, order)


def _plausible(found: date) -> date:
    if not EARLIEST <= found <= LATEST:
        raise CellFault(_("The day %(value)s cannot be right.") % {"value": found.isoformat()})
    return found


def yes_or_no(cell: Any) -> bool | None:
    """None when empty."""
    text = unicodedata.normalize("NFKC", text_of(cell)).strip().lower()
    if not text:
        return None
    if text in YES:
        return True
    if text in NO:
        return False
    raise CellFault(_("“%(value)s” is neither yes nor no (是 or 否).") % {"value": text[:20]})


class OneOf:
    """A word of a list: what the screens say in either language, or another of ``spellings``, which lead to the code.
    Empty stays empty."""

    def __init__(self, codes: type[TextChoices], spellings: Mapping[str, str]) -> None:
        self.codes, self.spellings = codes, spellings

    @property
    def choices(self) -> list[Any]:
        return [code.label for code in self.codes]

    @cached_property
    def spelled(self) -> dict[str, str]:
        said = {folded(word): code.value for code in self.codes for word in in_every_language(code.label).values()}
        return said | {folded(word): code for word, code in self.spellings.items()}

    def __call__(self, cell: Any) -> str:
        text = words(80)(cell)
        if not text:
            return ""
        found = self.spelled.get(folded(text))
        if found is None:
            raise CellFault(
                _("“%(value)s” is not known here; use one of: %(choices)s.")
                % {"value": text[:30], "choices": _listed(self)}
            )
        return found


_listed = lazy(lambda one_of: listed(one_of.choices), str)


def folded(text: str) -> str:
    """For comparing words: full-width and case make no difference, nor do spaces."""
    return re.sub(r"[\s_]+", "", unicodedata.normalize("NFKC", text)).casefold()
