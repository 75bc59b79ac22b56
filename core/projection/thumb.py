"""A run's map as a small picture for lists: the shapes of the modalities in the colours of the classes, on nothing.

Four times too large and then shrunk, since Pillow draws without smoothing. A list may be light or dark, so the colours are those
that can be told on both grounds.
"""

from __future__ import annotations

import io
from collections.abc import Sequence

from PIL import Image, ImageDraw

from core.projection.neighbours import Array
from core.projection.palette import Outline, palette

WIDTH, HEIGHT, LARGER, DOT = 120, 72, 4, 1.6


def thumbnail(xy: Array, labels: Sequence[int]) -> bytes:
    """xy int16 (M, N, 2) of a picture, labels (N,) -> a PNG of 120 x 72 pixels. What is NOWHERE is left out."""
    sheet = Image.new("RGBA", (WIDTH * LARGER, HEIGHT * LARGER))
    pen = ImageDraw.Draw(sheet)
    side, radius = HEIGHT * LARGER / 2.1, DOT * LARGER
    for m, points in enumerate(xy / 32767.0):
        shape = palette().shape(m)
        for (x, y), label in zip(points, labels, strict=True):
            if x < -1:
                continue
            centre = WIDTH * LARGER / 2 + x * side, HEIGHT * LARGER / 2 - y * side
            _draw(pen, shape, centre, radius, palette().colour(label, "both"))
    file = io.BytesIO()
    sheet.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS).save(file, "PNG", optimize=True)
    return file.getvalue()


def _draw(pen: ImageDraw.ImageDraw, shape: Outline, centre: tuple[float, float], radius: float, fill: str) -> None:
    x, y = centre
    if shape.corners:
        pen.polygon([(x + dx * radius, y + dy * radius) for dx, dy in shape.corners], fill=fill)
    else:
        r = shape.radius * radius
        pen.ellipse((x - r, y - r, x + r, y + r), fill=fill)
