"""A run's map as a small picture for lists: circles and squares in the colours of the classes, on nothing.

Four times too large and then shrunk, since Pillow draws without smoothing. The colours are those of the live map
(Okabe & Ito, https://jfly.uni-koeln.de/color/).
"""

from __future__ import annotations

import io
from collections.abc import Sequence

from PIL import Image, ImageDraw

from core.projection.neighbours import Array

WIDTH, HEIGHT, LARGER, DOT = 120, 72, 4, 1.6
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#8A7A00", "#8C8C8C")


def thumbnail(xy: Array, labels: Sequence[int]) -> bytes:
    """xy int16 (M, N, 2) of a picture, labels (N,) -> a PNG of 120 x 72 pixels. What is NOWHERE is left out."""
    sheet = Image.new("RGBA", (WIDTH * LARGER, HEIGHT * LARGER))
    pen = ImageDraw.Draw(sheet)
    side, radius = HEIGHT * LARGER / 2.1, DOT * LARGER
    for m, points in enumerate(xy / 32767.0):
        shape = pen.ellipse if m % 2 == 0 else pen.rectangle
        for (x, y), label in zip(points, labels, strict=True):
            if x < -1:
                continue
            left, top = WIDTH * LARGER / 2 + x * side, HEIGHT * LARGER / 2 - y * side
            shape((left - radius, top - radius, left + radius, top + radius), fill=COLOURS[label % len(COLOURS)])
    file = io.BytesIO()
    sheet.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS).save(file, "PNG", optimize=True)
    return file.getvalue()
