"""Pictures of question statistics: points in a frame, in whole units of a view box."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

WIDTH, HEIGHT, EDGE = 480, 300, 36


@dataclass(frozen=True)
class Point:
    """Where it stands, how it looks and what it says when one rests on it."""

    x: int
    y: int
    tone: str
    title: str
    url: str = ""


def scatter(rows: Sequence[Any]) -> dict[str, Any] | None:
    """Right answers (across, 0 to 100) by discrimination (up, −50 to 100); None where nothing can be placed."""
    points = []
    for row in rows:
        facility, discrimination = row.kept.figures.get("facility"), row.kept.figures.get("discrimination_index")
        if facility is None or discrimination is None:
            continue
        tone = "look" if row.kept.to_look_at else "retire" if row.kept.suggest_retire else "good"
        said = f"{row.title} · {facility * 100:.0f} % · {discrimination:.0f}"
        points.append(Point(_across(facility), _up(discrimination), tone, said, row.url))
    if not points:
        return None
    lines = [{"y": _up(value), "label": value} for value in (-50, 0, 20, 50, 100)]
    marks = [{"x": _across(share / 100), "label": share} for share in (0, 25, 50, 75, 100)]
    return {"width": WIDTH, "height": HEIGHT, "edge": EDGE, "points": points, "lines": lines, "marks": marks}


def _across(share: float) -> int:
    return round(EDGE + share * (WIDTH - 2 * EDGE))


def _up(discrimination: float) -> int:
    clipped = max(-50.0, min(100.0, discrimination))
    return round(HEIGHT - EDGE - (clipped + 50) / 150 * (HEIGHT - 2 * EDGE))


def curve(points: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    """The item characteristic: the share earned here (up) by the share that the whole paper earned (across)."""
    found = [
        Point(
            _across((point["lowest"] + point["highest"]) / 2),
            round(HEIGHT - EDGE - point["mean_share"] * (HEIGHT - 2 * EDGE)),
            "good",
            f"{point['lowest'] * 100:.0f}–{point['highest'] * 100:.0f} %: {point['mean_share'] * 100:.0f} % ({point['count']})",
        )
        for point in points
        if point["mean_share"] is not None
    ]
    if len(found) < 2:
        return None
    lines = [{"y": round(HEIGHT - EDGE - share / 100 * (HEIGHT - 2 * EDGE)), "label": share} for share in (0, 50, 100)]
    marks = [{"x": _across(share / 100), "label": share} for share in (0, 25, 50, 75, 100)]
    way = " ".join(f"{point.x},{point.y}" for point in found)
    frame = {"width": WIDTH, "height": HEIGHT, "edge": EDGE, "points": found, "lines": lines, "marks": marks}
    return frame | {"way": way}
