"""The colours of classes and the shapes of modalities: one file, read here and by the live views (assets/palette.json).

    classes    16 colours on a light ground and 16 on a dark one; 8 that can be told on both, for pictures on no ground
    shapes     8 outlines, one per modality: a radius, or corners in radii, y downwards; a ninth modality has the first again
    marks      what a class bears besides its colour: none for the first eight, then a hole, a slit, a crossbar for eight each

The first four colours of the light ground are those of Okabe & Ito (https://jfly.uni-koeln.de/color/), the others were searched for:
all reach a contrast of 3 : 1 with their ground (WCAG 2.2, 1.4.11), and within the eight of one mark no two are closer than .075 in
Oklab to eyes with full colour vision, or without red, green or blue cones. Hence 32 classes differ in colour or mark.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import Any

from core.paths import PALETTE


@dataclass(frozen=True)
class Outline:
    """A shape around (0, 0), in radii, y downwards: a circle of that radius, or a polygon."""

    name: str
    radius: float = 0.0
    corners: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True)
class Palette:
    """Colours as #RRGGBB by ground ("light", "dark", "both")."""

    classes: dict[str, tuple[str, ...]]
    shapes: tuple[Outline, ...]
    marks: tuple[Outline | None, ...]

    def colour(self, label: int, ground: str) -> str:
        """A class's colour; they repeat when there are more classes."""
        colours = self.classes[ground]
        return colours[label % len(colours)]

    def shape(self, modality: int) -> Outline:
        """The shape of the modality at this place."""
        return self.shapes[modality % len(self.shapes)]


@cache
def palette() -> Palette:
    """What stands in the file."""
    read = json.loads(PALETTE.read_text(encoding="utf-8"))
    return Palette(
        {ground: tuple(colours) for ground, colours in read["classes"].items()},
        tuple(_outline(shape) for shape in read["shapes"]),
        tuple(mark and _outline(mark) for mark in read["marks"]),
    )


def _outline(read: dict[str, Any]) -> Outline:
    return Outline(read["name"], read.get("radius", 0.0), tuple((x, y) for x, y in read.get("corners", ())))
