"""A row of what is to be done says of its day what the day is: the last one for a duty, the one on which a session is."""

from datetime import date, timedelta

import pytest
from django.template.loader import render_to_string
from django.utils import translation

from academy.viewsets.panels import TodoItem, each_once, most_pressing_first

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


def test_what_is_under_way_is_one_row_with_the_last_day_of_its_duty():
    """Asked for or booked, a duty does not stand there a second time as if nothing had happened."""
    duty = TodoItem("礼仪", "必修", "/practice/", due_on=TODAY + timedelta(days=1), about="observation:1")
    other = TodoItem("课程", "必修", "/course/", due_on=TODAY, about="course:1")
    asked = TodoItem("礼仪", "已申请", "/observe/", takes_up="observation:1")
    booked = TodoItem(
        "礼仪", "14:00", "/observe/", due_on=TODAY + timedelta(days=3), event=True, takes_up="observation:1"
    )

    with translation.override("zh-hans"):
        waiting, late = each_once([duty, other, asked]), each_once([duty, other, booked])

    assert [item.url for item in waiting] == [item.url for item in late] == ["/course/", "/observe/"]
    assert waiting[1].due_on == duty.due_on and "必修" in waiting[1].text
    assert late[1].due_on == booked.due_on and "晚于期限 2026-11-24" in late[1].text


def test_what_somebody_waits_for_stands_before_whatever_has_time():
    """A time offered for a far day is to be answered now: it stands open in others' diaries."""
    late, soon, far = (TodoItem(f"{days}", "", "/", due_on=TODAY + timedelta(days=days)) for days in (-1, 1, 40))
    exam = TodoItem("考试", "", "/exam/", due_on=TODAY, event=True, order=10)
    running, undated = TodoItem("答卷", "", "/paper/", running=True), TodoItem("自选", "", "/own/")
    offered = TodoItem("礼仪", "", "/observe/", due_on=TODAY + timedelta(days=20), event=True, awaited=True)
    unanswered = TodoItem("3 人等待考评员", "", "/observe/", awaited=True)
    overdue = TodoItem("过期待答", "", "/late/", due_on=TODAY - timedelta(days=2), awaited=True)

    items = [undated, far, unanswered, soon, offered, late, running, exam, overdue]
    assert most_pressing_first(items, TODAY) == [running, overdue, late, exam, unanswered, offered, soon, far, undated]
