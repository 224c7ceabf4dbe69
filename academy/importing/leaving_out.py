"""Rows of a file that are about the list and no part of it: titles, sums, signatures, headings said again. Pure."""

import re
import unicodedata
from collections.abc import Sequence
from typing import Any

from academy.importing.columns import Layout
from academy.importing.reading import Row

SUM = re.compile(
    r"((本页|本表|人数|各项)?(合计|总计|小计|共计|累计|汇总|总人数|总数)|(grand |sub-?)?totals?|sums?)"
    r"(人数|数)?(\(.*\))?[:\s]*(\d[\d,]*)?(人|名|条|行|笔)?|共[计有]?\s*\d[\d,]*\s*(人|名|条|行|笔)"
)
ABOUT_THE_LIST = re.compile(
    r"(制表|填表|填报|上报|审核|复核|审批|经办|统计|打印|导出|报表|报送|备注|说明|注)(人|日期|时间|单位|部门|机构|员)?\s*[:(].*"
    r"|第\s*\d+\s*页.*|page \d+.*|(prepared|printed|exported|generated|reviewed|approved|created) (by|on|at|:).*|notes?:.*"
    # The row that shows how the house's own empty list is filled in.
    r"|(示例|example)\s*:.*"
)
TEXT_LIMIT = 80


class LeavingOut:
    """Says of each row below the headings whether it is left out. Titles above the headings may come back on each page."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.headings = [_plain(heading) for heading in layout.headings if heading]
        self.titles: set[str] = set()

    def is_left_out(self, row: Row) -> bool:
        filled = [cell for cell in row.cells if cell not in (None, "")]
        first, *second = [_plain(cell) for cell in filled[:2]] or [""]
        if row.number < self.layout.header:
            self.titles.add(first)
            return True
        if len(filled) == 1 and len(self.headings) > 2 and first in self.titles:
            return True
        # A sum may stand behind the running number of its row.
        if any(SUM.fullmatch(text) for text in (first, *second)) or ABOUT_THE_LIST.fullmatch(first):
            return True
        return first == self.headings[0] and [_plain(cell) for cell in filled] == self.headings


def text_of_row(cells: Sequence[Any]) -> str:
    """What HR reads of a row that was left out."""
    return " · ".join(str(cell).strip() for cell in cells if cell not in (None, "") and str(cell).strip())[:TEXT_LIMIT]


def _plain(cell: Any) -> str:
    return " ".join(unicodedata.normalize("NFKC", str(cell)).split()).casefold() if cell is not None else ""
