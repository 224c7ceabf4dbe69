"""The drawing under the text: the same on every certificate of a design, so drawn once and stamped."""

import functools
import itertools
import math

from academy.operations.no_fetch import no_fetch

WIDTH, HEIGHT = 297.0, 210.0
JADE, GOLD, RED, IVORY = "#1d7a67", "#8a6a1f", "#a8281f", "#fdfcf7"


@functools.cache
def artwork_pdf(design: str) -> bytes:
    """One A4 page with the drawing of a design."""
    from weasyprint import HTML

    drawing = _plain() if design == "plain" else _guilloche()
    page = f"<style>@page{{size:297mm 210mm;margin:0}}body{{margin:0}}svg{{display:block;width:297mm;height:210mm}}</style>{drawing}"
    return HTML(string=page, url_fetcher=no_fetch).write_pdf(pdf_identifier=b"academy-artwork")


def artwork_svg(design: str) -> str:
    """The drawing itself."""
    return _plain() if design == "plain" else _guilloche()


def _svg(content: str) -> str:
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}mm" height="{HEIGHT}mm">{content}</svg>'


def _guilloche() -> str:
    parts = [f'<rect width="{WIDTH}" height="{HEIGHT}" fill="{IVORY}"/>']
    parts.append(f'<rect x="8" y="8" width="281" height="194" fill="none" stroke="{JADE}" stroke-width=".55"/>')
    parts.append(f'<rect x="16" y="16" width="265" height="178" fill="none" stroke="{GOLD}" stroke-width=".3"/>')
    for phase in range(4):
        parts.append(_wave(12, 12, 285, 12, phase * math.pi / 2, 66))
        parts.append(_wave(12, 198, 285, 198, phase * math.pi / 2, 66))
        parts.append(_wave(12, 12, 12, 198, phase * math.pi / 2, 45))
        parts.append(_wave(285, 12, 285, 198, phase * math.pi / 2, 45))
    for x, y in ((12, 12), (285, 12), (12, 198), (285, 198)):
        parts.append(f'<circle cx="{x}" cy="{y}" r="4.4" fill="{IVORY}" stroke="{JADE}" stroke-width=".3"/>')
        parts.append(_rosette(x, y, 1.2, 4.1, 12, 0.18, 0.9))
    parts.append(_rosette(148.5, 105, 22, 82, 48, 0.12, 0.2))
    return _svg("".join(parts))


def _wave(x1: float, y1: float, x2: float, y2: float, phase: float, waves: int) -> str:
    """A sine along a side, as smooth curves; four phases weave the band."""
    steps = waves * 4
    dx, dy = (x2 - x1) / steps, (y2 - y1) / steps
    horizontal = abs(dx) > abs(dy)
    points = []
    for step in range(steps + 1):
        swing = 2.9 * math.sin(phase + step * math.pi / 2)
        x, y = x1 + dx * step, y1 + dy * step
        points.append((x, y + swing) if horizontal else (x + swing, y))
    return f'<path d="{_smooth(points)}" fill="none" stroke="{JADE}" stroke-width=".2"/>'


def _smooth(points: list[tuple[float, float]]) -> str:
    path = [f"M{points[0][0]:.2f} {points[0][1]:.2f}"]
    for (x1, y1), (x2, y2) in itertools.pairwise(points):
        path.append(f"Q{x1:.2f} {y1:.2f} {(x1 + x2) / 2:.2f} {(y1 + y2) / 2:.2f}")
    return "".join(path)


def _rosette(cx: float, cy: float, inner: float, outer: float, petals: int, width: float, opacity: float) -> str:
    parts = []
    half = (outer - inner) / 2
    middle = inner + half
    for petal in range(petals):
        angle = 360 * petal / petals
        parts.append(
            f'<ellipse cx="{cx + middle:.2f}" cy="{cy}" rx="{half:.2f}" ry="{half / 5:.2f}" '
            f'transform="rotate({angle:.2f} {cx} {cy})"/>'
        )
    return f'<g fill="none" stroke="{JADE}" stroke-width="{width}" stroke-opacity="{opacity}">{"".join(parts)}</g>'


def _plain() -> str:
    return _svg(
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>'
        f'<rect x="12" y="12" width="273" height="186" fill="none" stroke="{GOLD}" stroke-width=".5"/>'
        f'<rect x="13.5" y="13.5" width="270" height="183" fill="none" stroke="{GOLD}" stroke-width=".15"/>'
        f'<rect x="128" y="12" width="41" height="1.6" fill="{RED}"/>'
    )
