"""The icons of the installed academy, drawn from the lines of ``mark.svg``; by hand, after the mark changed:
``python -m academy.operations.device.icons``. The results are kept beside it."""

from itertools import pairwise
from pathlib import Path

from PIL import Image, ImageDraw

FOLDER = Path(__file__).resolve().parents[2] / "static" / "academy" / "icons"
GREEN, WHITE = "#0b6455", "#ffffff"
# The steps of the mark, on its field of 30.
FIELD = 30
STEPS = ((7, 22), (12, 22), (12, 17.5), (16.5, 17.5), (16.5, 13), (21, 13), (21, 8.5), (23.5, 8.5))
FINER = 4


def draw_icon(size: int, *, rounded: bool) -> Image.Image:
    """What a device cuts to a form of its own fills the square; the steps stand well inside of what is never cut."""
    side = size * FINER
    image = Image.new("RGBA", (side, side), (0, 0, 0, 0) if rounded else GREEN)
    pen = ImageDraw.Draw(image)
    if rounded:
        pen.rounded_rectangle((0, 0, side - 1, side - 1), radius=side * 7 / FIELD, fill=GREEN)
    # The line is two units wide.
    half = scale = side / FIELD
    for (x, y), (to_x, to_y) in pairwise(STEPS):
        left, right = sorted((x * scale, to_x * scale))
        top, bottom = sorted((y * scale, to_y * scale))
        # Mitred corners within the line, blunt ends.
        lies = top == bottom
        first, last = (x, y) == STEPS[0], (to_x, to_y) == STEPS[-1]
        pen.rectangle(
            (
                left - (half if not (lies and first) else 0),
                top - half,
                right + (half if not (lies and last) else 0),
                bottom + half,
            ),
            fill=WHITE,
        )
    return image.resize((size, size), Image.Resampling.LANCZOS)


def draw_all() -> None:
    FOLDER.mkdir(exist_ok=True)
    for size in (192, 512):
        draw_icon(size, rounded=True).save(FOLDER / f"icon-{size}.png", optimize=True)
    draw_icon(512, rounded=False).save(FOLDER / "icon-maskable-512.png", optimize=True)
    draw_icon(180, rounded=False).convert("RGB").save(FOLDER / "apple-touch-180.png", optimize=True)


if __name__ == "__main__":
    draw_all()
