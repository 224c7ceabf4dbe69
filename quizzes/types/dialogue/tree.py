"""The tree of a dialogue as a drawing, made by the server: turns in rows, ends at the foot, dead ends marked."""

from dataclasses import dataclass
from html import escape
from typing import Any

from django.utils.translation import gettext as _

from academy.bilingual import pick
from quizzes.types.base import Body
from quizzes.types.dialogue.check import in_order
from quizzes.types.dialogue.kind import ENDINGS
from quizzes.types.dialogue.play import ANY_END, LOST, SCRAPED, WON

WIDTH, HEIGHT = 124, 46
GAP_X, GAP_Y = 14, 54
MARGIN = 12
# As on a learner's result.
SIGNS = {WON: "✓", SCRAPED: "◐", LOST: "✕"}


@dataclass(frozen=True)
class Box:
    """A turn, an end, or the place where a choice leads nowhere. ``sign`` stands above its label."""

    id: str
    label: str
    kind: str
    column: int
    row: int
    sign: str = ""

    @property
    def left(self) -> int:
        return MARGIN + self.column * (WIDTH + GAP_X)

    @property
    def top(self) -> int:
        return MARGIN + self.row * (HEIGHT + GAP_Y)


@dataclass(frozen=True)
class Way:
    """A choice from one box to another."""

    start: Box
    goal: Box
    label: str
    points: int


def lay_out(body: Body, language: str) -> tuple[list[Box], list[Way]]:
    """Boxes and ways: a turn stands below every turn that leads to it."""
    turns = {turn["id"]: turn for turn in body["turns"]}
    rows = _rows(body, turns)
    used: dict[int, int] = {}
    boxes: dict[str, Box] = {}
    for name in in_order(body):
        row = rows[name]
        dead = not turns[name]["choices"]
        label = pick(turns[name].get("title"), language) or pick(turns[name]["says"], language)
        boxes[name] = Box(name, label, "dead" if dead else "turn", used.get(row, 0), row)
        used[row] = used.get(row, 0) + 1
    foot = max(rows.values(), default=-1) + 1
    ends = [
        Box(end["id"], str(ENDINGS[end["kind"]]), end["kind"], column, foot + 1, SIGNS[end["kind"]])
        for column, end in enumerate(body["ends"])
    ]
    boxes |= {box.id: box for box in ends}
    by_needs = Box(ANY_END, _("by what was reached"), "needs", 0, foot, "◇")
    lost = Box("", _("nowhere"), "dead", 1, foot)
    ways = []
    for name, turn in turns.items():
        for choice in turn["choices"]:
            target = choice.get("goes_to") or ""
            goal = by_needs if target == ANY_END else boxes.get(target, lost)
            ways.append(Way(boxes[name], goal, choice["id"], choice["points"]))
    if any(way.goal is by_needs for way in ways):
        ways += [Way(by_needs, end, "", 0) for end in ends]
    drawn = list(boxes.values())
    drawn += [box for box in (by_needs, lost) if any(way.goal is box for way in ways)]
    return drawn, ways


def _rows(body: Body, turns: dict[str, Any]) -> dict[str, int]:
    rows = dict.fromkeys(turns, 0)
    order = in_order(body)
    place = {name: number for number, name in enumerate(order)}
    for name in order:
        for choice in turns[name]["choices"]:
            target = choice.get("goes_to", "")
            # A way back, in a draft with a loop, moves nothing.
            if target in rows and place[target] > place[name]:
                rows[target] = max(rows[target], rows[name] + 1)
    return rows


def draw_tree(body: Body, language: str, address: str = "") -> str:
    """An SVG of its own; ``address`` with ``{turn}`` makes every turn a link. Texts are escaped."""
    boxes, ways = lay_out(body, language)
    if not boxes:
        return ""
    width = max(box.left for box in boxes) + WIDTH + MARGIN
    height = max(box.top for box in boxes) + HEIGHT + MARGIN
    parts = [
        f'<svg class="dialogue-tree" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}" role="group" aria-label="{escape(_("Tree of the dialogue; the same is listed below"))}">'
    ]
    parts += [_line(way, number) for number, way in enumerate(ways)]
    for box in boxes:
        drawn = _box(box)
        if address and box.kind in ("turn", "dead") and box.id:
            drawn = f'<a href="{escape(address.replace("{turn}", box.id))}">{drawn}</a>'
        parts.append(drawn)
    return "".join([*parts, "</svg>"])


def _box(box: Box) -> str:
    wide = sum(2 if character > "\u2e7f" else 1 for character in box.label) > 18
    label = f"{box.label[: 8 if box.label > '\u2e7f' else 15]}…" if wide else box.label
    return (
        f'<g class="dialogue-tree__box dialogue-tree__box--{box.kind}"><title>{escape(box.label)}</title>'
        f'<rect x="{box.left}" y="{box.top}" width="{WIDTH}" height="{HEIGHT}" rx="8"/>'
        f'<text x="{box.left + WIDTH / 2}" y="{box.top + 19}" class="dialogue-tree__id">{escape(box.sign or box.id or "✕")}</text>'
        f'<text x="{box.left + WIDTH / 2}" y="{box.top + 36}">{escape(label)}</text></g>'
    )


def _line(way: Way, number: int) -> str:
    """A curve from foot to head; choices of one turn leave side by side."""
    shift = (number % 4 - 1.5) * 22
    x1, y1 = way.start.left + WIDTH / 2 + shift, way.start.top + HEIGHT
    x2, y2 = way.goal.left + WIDTH / 2 + shift / 2, way.goal.top
    bend = max(24.0, abs(y2 - y1) / 2)
    return (
        f'<g class="dialogue-tree__way dialogue-tree__way--{min(max(way.points, 0), 3)}'
        f'{" dialogue-tree__way--dead" if way.goal.kind == "dead" else ""}">'
        f'<path d="M{x1} {y1}C{x1} {y1 + bend} {x2} {y2 - bend} {x2} {y2}"/>'
        f'<text x="{x1 + 3}" y="{y1 + 13}">{escape(way.label)}</text></g>'
    )


def tree_as_list(body: Body, language: str) -> list[dict[str, Any]]:
    """The same for who does not see it: each turn with its choices and where they lead."""
    ends = {end["id"]: str(ENDINGS[end["kind"]]) for end in body["ends"]} | {ANY_END: _("by what was reached")}
    places = {row["id"] for row in body["turns"]} | set(ends)
    return [
        {
            "id": turn["id"],
            "title": pick(turn.get("title"), language) or pick(turn["says"], language),
            "choices": [
                {
                    "id": choice["id"],
                    "text": pick(choice["text"], language),
                    "mood": f"{choice['mood']:+d}" if choice["mood"] else "0",
                    "points": choice["points"],
                    "breach": bool(choice.get("breach")),
                    "goes_to": ends.get(choice.get("goes_to", ""), choice.get("goes_to", "")),
                    "dead": choice.get("goes_to") not in places,
                }
                for choice in turn["choices"]
            ],
        }
        for turn in body["turns"]
    ]
