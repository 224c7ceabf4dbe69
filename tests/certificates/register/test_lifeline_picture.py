"""The picture of a certification in time: where a day lies, what stands beside what, and what fits."""

from datetime import date
from itertools import pairwise

import pytest

from certificates.register.lifeline_picture import AXIS, DAY_WIDTH, HEADING, MARK, ROW, WIDTH, Item, Lane, Span, draw

D = date
TODAY = D(2026, 7, 1)


def bar(first, last, words="", kind="held", **more):
    return Item((Span(kind, first, last),), words, **more)


def mark(day, kind="evidence"):
    return Item((Span(kind, day, day),), "x", mark=True)


def drawn(*items, today=TODAY):
    return draw([Lane("CM2", items)], today=today)


def test_the_picture_begins_and_ends_with_whole_months():
    picture = drawn(bar(D(2026, 1, 17), D(2026, 12, 31)))

    (shape,) = picture.lanes[0].shapes
    # 365 days in the picture, the bar from the 17th on.
    assert shape.x == pytest.approx(16 * WIDTH / 365, abs=0.01)
    assert shape.x + shape.width == pytest.approx(WIDTH, abs=0.02)
    assert picture.today == pytest.approx(181 * WIDTH / 365, abs=0.01)


def test_both_days_of_a_span_are_in_the_bar():
    picture = drawn(bar(D(2026, 1, 1), D(2026, 12, 31)), bar(D(2026, 3, 1), D(2026, 3, 31)))

    march = picture.lanes[0].shapes[1]
    assert march.width == pytest.approx(31 * WIDTH / 365, abs=0.02)


def test_parts_of_one_certification_stand_in_one_row_without_a_gap():
    held, window, grace = (
        Span("held", D(2026, 1, 1), D(2026, 12, 31)),
        Span("window", D(2026, 10, 1), D(2026, 12, 31)),
        Span("grace", D(2027, 1, 1), D(2027, 3, 31)),
    )
    shapes = drawn(Item((held, window, grace), "CM2")).lanes[0].shapes

    assert [shape.span.kind for shape in shapes] == ["held", "window", "grace"]
    assert len({shape.y for shape in shapes}) == 1
    # The window ends with the last valid day, and grace begins where both end.
    assert [shape.x + shape.width for shape in shapes[:2]] == pytest.approx([shapes[2].x] * 2, abs=0.02)


def test_what_overlaps_stands_in_another_row_and_the_lane_grows():
    apart = drawn(bar(D(2026, 1, 1), D(2026, 3, 31)), bar(D(2026, 6, 1), D(2026, 12, 31))).lanes[0]
    together = drawn(bar(D(2026, 1, 1), D(2026, 6, 30)), bar(D(2026, 6, 1), D(2026, 12, 31))).lanes[0]

    assert [shape.y for shape in apart.shapes] == [AXIS + HEADING] * 2
    assert [shape.y for shape in together.shapes] == [AXIS + HEADING, AXIS + HEADING + ROW]
    assert together.height == apart.height + ROW


def test_two_marks_of_one_day_do_not_hide_each_other():
    shapes = drawn(bar(D(2026, 1, 1), D(2026, 12, 31)), mark(D(2026, 5, 5)), mark(D(2026, 5, 5))).lanes[0].shapes

    assert len({(shape.x, shape.y) for shape in shapes}) == 3


@pytest.mark.parametrize("day", [D(2026, 1, 1), D(2026, 12, 31)])
def test_a_mark_at_the_edge_is_whole(day):
    shapes = drawn(bar(D(2026, 1, 1), D(2026, 12, 31)), mark(day)).lanes[0].shapes

    (found,) = [shape for shape in shapes if shape.item.mark]
    assert MARK / 2 <= found.x <= WIDTH - MARK / 2


def test_what_goes_on_reaches_the_edge_and_what_lies_behind_is_cut():
    picture = draw(
        [
            Lane("Posts", (bar(D(2010, 1, 1), None, kind="post", frames=False),)),
            Lane("CM2", (bar(D(2026, 1, 1), D(2026, 12, 31)),)),
        ],
        today=TODAY,
    )

    post = picture.lanes[0].shapes[0]
    assert (post.x, post.width) == (0, WIDTH)


def test_words_stand_in_a_bar_only_where_they_fit():
    long, short = (
        drawn(bar(D(2026, 1, 1), last, "客户经理 · 首次取得"), bar(D(2026, 1, 1), D(2026, 12, 31))).lanes[0]
        for last in (D(2026, 9, 30), D(2026, 1, 20))
    )

    assert long.shapes[0].text == "客户经理 · 首次取得"
    assert short.shapes[0].text == ""


def test_words_that_are_too_long_are_cut_at_a_word_and_never_run_into_what_lies_over_the_bar():
    words = "Corporate client manager · Xuhui Sub-branch"
    (lane,) = drawn(bar(D(2026, 1, 1), D(2026, 3, 31), words), bar(D(2026, 1, 1), D(2026, 12, 31))).lanes
    held = Item(
        (Span("held", D(2026, 1, 1), D(2026, 12, 31)), Span("window", D(2026, 3, 1), D(2026, 12, 31))), "x" * 30
    )
    (over,) = draw([Lane("CM2", (held,))], today=TODAY).lanes

    assert lane.shapes[0].text == "Corporate client manager…"
    assert over.shapes[0].text.endswith("…") and len(over.shapes[0].text) < 25


@pytest.mark.parametrize(("years", "most"), [(1, 13), (2, 13), (5, 13), (15, 13), (40, 13)])
def test_the_lines_of_the_axis_never_crowd(years, most):
    picture = drawn(bar(D(2026 - years, 7, 1), D(2026, 6, 30)))

    places = [tick.x for tick in picture.ticks]
    assert 2 <= len(places) <= most
    assert all(after - before >= 70 for before, after in pairwise(places))


def test_an_empty_lane_is_left_out_and_an_empty_life_is_one_month():
    picture = draw([Lane("Leave", ())], today=TODAY)

    assert picture.lanes == ()
    assert [tick.day for tick in picture.ticks] == [D(2026, 7, 1)]


@pytest.mark.parametrize("first", [D(2023, 12, 1), D(2025, 2, 1), D(2026, 6, 1)])
def test_the_last_day_of_the_axis_is_written_whole(first):
    picture = drawn(bar(first, D(2027, 1, 31)))

    assert picture.width >= WIDTH
    assert all(tick.x + DAY_WIDTH <= picture.width for tick in picture.ticks)
