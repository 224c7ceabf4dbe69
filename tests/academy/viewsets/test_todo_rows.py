"""A row of what is to be done says of its day what the day is: the last one for a duty, the one on which a session is."""

from datetime import date, timedelta

import pytest
from django.template.loader import render_to_string
from django.utils import translation

from academy.viewsets.panels import TodoItem

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("left", "duty", "event"),
    [
        (-1, "已逾期（2026-11-22）", "2026-11-22"),
        (0, "今天截止", "今天"),
        (6, "还剩 6 天", "6 天后"),
        (40, "2027-01-02 截止", "2027-01-02"),
    ],
)
def test_a_session_is_not_due(left, duty, event):
    def shown(**values) -> str:
        item = TodoItem("研讨", "", "/", due_on=TODAY + timedelta(days=left), **values)
        with translation.override("zh-hans"):
            page = render_to_string("academy/parts/todo_rows.html", {"items": [item], "today": TODAY})
        return page.split('class="tag')[1].split(">", 1)[1].split("<")[0].strip()

    assert (shown(), shown(event=True)) == (duty, event)
