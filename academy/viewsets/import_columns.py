"""The columns of a file as their page shows them: the heading, what it means, and how its cells begin."""

import re
from typing import Any

from django.utils.translation import gettext as _t

from academy.importing.columns import Layout
from academy.importing.workbook import Formula

EXAMPLES = 3
# What stands in such columns is shown to nobody.
SECRET, HIDDEN = re.compile(r"passw|secret|密码|口令", re.IGNORECASE), "•••"


def column_rows(layout: Layout, examples: list[list[str]]) -> list[dict[str, Any]]:
    return [
        {
            "at": at,
            "heading": heading,
            "key": key,
            "examples": [
                HIDDEN if SECRET.search(heading) else cells[at] for cells in examples if at < len(cells) and cells[at]
            ],
        }
        for at, (heading, key) in enumerate(zip(layout.headings, layout.keys, strict=True))
        if heading
    ]


def examples_of(source: Any, layout: Layout) -> list[list[str]]:
    found: list[list[str]] = []
    for row in source.rows(layout.sheet):
        if row.number > layout.header:
            found.append(
                [
                    _t("formula") if isinstance(cell, Formula) else "" if cell is None else str(cell)[:40]
                    for cell in row.cells
                ]
            )
        if len(found) == EXAMPLES:
            break
    return found
