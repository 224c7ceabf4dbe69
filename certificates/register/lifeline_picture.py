"""The picture of a person's certification on a time axis: pure geometry; the template draws it, a table says the same.

Lengths are units of the picture. A lane holds bars (spans of days) and marks (one day); what would touch stands in
another row of its lane.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from academy.dates.periods import add_months

WIDTH, ROW, HEADING, AXIS = 960, 22, 22, 28
MARK, GAP, LEAST = 12, 4, 3
STEPS = (1, 2, 3, 6, 12, 24, 60, 120)
# So far the lines of the axis stand apart at least.
TICK = 74
# So wide a day of the axis is written.
DAY_WIDTH = 56
WIDE_SIGN, NARROW_SIGN = 12.5, 7.0
# A shortened text is at least so wide.
FEWEST = 36


@dataclass(frozen=True)
class Span:
    """Days ``first`` to ``last``, both inclusive; None: it goes on. ``kind`` says what it is, ``words`` of what."""

    kind: str
    first: date
    last: date | None
    words: str = ""


@dataclass(frozen=True)
class Item:
    """What stands together in one row: the parts of a certification, or one span. A ``mark`` is one day.

    ``frames`` is off where it only lies behind: the axis does not reach further for its sake.
    """

    spans: tuple[Span, ...]
    words: str
    url: str = ""
    mark: bool = False
    frames: bool = True


@dataclass(frozen=True)
class Lane:
    label: str
    items: tuple[Item, ...]


@dataclass(frozen=True)
class Shape:
    """A bar from ``x`` on, or a mark whose middle is ``x``; ``y`` is its upper edge; ``text`` is what of its words fits into it."""

    span: Span
    item: Item
    x: float
    y: float
    width: float
    text: str = ""


@dataclass(frozen=True)
class DrawnLane:
    label: str
    y: float
    height: float
    shapes: tuple[Shape, ...]


@dataclass(frozen=True)
class Tick:
    day: date
    x: float


@dataclass(frozen=True)
class Picture:
    width: float
    height: float
    lanes: tuple[DrawnLane, ...]
    ticks: tuple[Tick, ...]
    today: float


def draw(lanes: Iterable[Lane], *, today: date) -> Picture:
    """Whole months from the first framing day to the last one, today among them. Lanes without items are left out."""
    filled = [lane for lane in lanes if lane.items]
    first, after = _frame(filled, today)
    scale = WIDTH / (after - first).days
    drawn, y = [], float(AXIS)
    for lane in filled:
        made = _lane(lane, first, after, scale, y)
        drawn.append(made)
        y += made.height
    ticks = tuple(Tick(day, _place(day, first, scale)) for day in _tick_days(first, after))
    # The last day of the axis is written whole, beyond what the lanes need.
    width = max(WIDTH, *(tick.x + DAY_WIDTH for tick in ticks)) if ticks else WIDTH
    return Picture(round(width, 2), y, tuple(drawn), ticks, _place(today, first, scale))


def _frame(lanes: list[Lane], today: date) -> tuple[date, date]:
    """The first day of the picture, and the first day after it."""
    items = [item for lane in lanes for item in lane.items]
    spans = [span for item in items if item.frames for span in item.spans]
    days = [today, *(span.first for span in spans), *(span.last for span in spans if span.last)]
    return min(days).replace(day=1), add_months(max(days).replace(day=1), 1)


def _tick_days(first: date, after: date) -> list[date]:
    months = (after.year - first.year) * 12 + after.month - first.month
    step = next((step for step in STEPS if WIDTH * step / months >= TICK), STEPS[-1])
    # Lines fall on the same months each year, so the first is the next month that the step divides.
    begin = add_months(first, -(first.year * 12 + first.month - 1) % step)
    days = []
    while begin < after:
        days.append(begin)
        begin = add_months(begin, step)
    return days


def _place(day: date, first: date, scale: float) -> float:
    return round((day - first).days * scale, 2)


def _lane(lane: Lane, first: date, after: date, scale: float, y: float) -> DrawnLane:
    rows: list[float] = []
    shapes: list[Shape] = []
    for item in sorted(lane.items, key=lambda item: item.spans[0].first):
        edges = [edge for span in item.spans if (edge := _edges(span, item, first, after, scale)) is not None]
        if not edges:
            continue
        left, right = edges[0][1], max(end for _span, _begin, end in edges)
        row = next((number for number, end in enumerate(rows) if left >= end), len(rows))
        rows[row : row + 1] = [right + GAP]
        # What lies over a bar leaves its words less room.
        begins = [begin for _span, begin, _end in edges]
        shapes += [
            _shape(span, item, begin, end, y + HEADING + row * ROW, min([end, *(x for x in begins if x > begin)]))
            for span, begin, end in edges
        ]
    return DrawnLane(lane.label, y, HEADING + len(rows) * ROW + GAP, tuple(shapes))


def _edges(span: Span, item: Item, first: date, after: date, scale: float) -> tuple[Span, float, float] | None:
    """Where a span begins and ends in the picture; None where it lies outside."""
    begin, end = max(span.first, first), min(span.last + timedelta(days=1) if span.last else after, after)
    if begin >= end:
        return None
    left, right = _place(begin, first, scale), _place(end, first, scale)
    if item.mark:
        middle = min(max(left, MARK / 2), WIDTH - MARK / 2)
        return span, round(middle - MARK / 2, 2), round(middle + MARK / 2, 2)
    return span, left, max(right, left + LEAST)


def _shape(span: Span, item: Item, left: float, right: float, y: float, free: float) -> Shape:
    """``free``: as far as nothing lies over it."""
    width = round(right - left, 2)
    if item.mark:
        return Shape(span, item, round(left + width / 2, 2), y, width)
    return Shape(span, item, left, y, width, _fitted(span.words or item.words, free - left - 8))


def _fitted(text: str, room: float) -> str:
    """The text, or its beginning where it is too wide; '' where too little of it would be left to say anything."""
    if _length(text) <= room:
        return text
    kept = text
    while kept and _length(kept) + WIDE_SIGN > room:
        kept = kept[:-1]
    # A word that is cut is said up to its last whole one where that leaves enough.
    whole = kept.rpartition(" ")[0] if kept != text and not text[len(kept) : len(kept) + 1].isspace() else kept
    kept = (whole if _length(whole) >= FEWEST else kept).rstrip(" ·")
    return f"{kept}…" if _length(kept) >= FEWEST else ""


def _length(text: str) -> float:
    """About how wide a text is."""
    return sum(WIDE_SIGN if ord(sign) > 0x2000 else NARROW_SIGN for sign in text)
