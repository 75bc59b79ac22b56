"""The palette can be told apart: by its ground, by its neighbours, by eyes that lack a kind of cones; so can the shapes."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from PIL import Image, ImageDraw

from core.projection.palette import Outline, palette

GROUNDS = {"light": ("#FFFFFF",), "dark": ("#0F1216",), "both": ("#FFFFFF", "#0F1216")}  # .streamlit/config.toml
PER_MARK = 8
# Machado, Oliveira & Fernandes 2009, severity 1, on linear RGB (https://doi.org/10.1109/TVCG.2009.113)
EYES = {
    "all cones": np.eye(3),
    "no red cones": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "no green cones": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "no blue cones": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
# Ottosson 2020, Oklab (https://bottosson.github.io/posts/oklab/)
TO_CONES = [
    [0.4122214708, 0.5363325363, 0.0514459929],
    [0.2119034982, 0.6806995451, 0.1073969566],
    [0.0883024619, 0.2817188376, 0.6299787005],
]
TO_LAB = [
    [0.2104542553, 0.7936177850, -0.0040720468],
    [1.9779984951, -2.4285922050, 0.4505937099],
    [0.0259040371, 0.7827717662, -0.8086757660],
]


def linear(colours: tuple[str, ...]) -> np.ndarray:
    """#RRGGBB -> linear RGB (N, 3)."""
    srgb = np.array([[int(c[i : i + 2], 16) for i in (1, 3, 5)] for c in colours]) / 255
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)


def closest(colours: tuple[str, ...], eyes: str) -> float:
    """The least Oklab distance of two colours to these eyes."""
    simulated = np.clip(linear(colours) @ np.array(EYES[eyes]).T, 0, 1)
    lab = np.cbrt(simulated @ np.array(TO_CONES).T) @ np.array(TO_LAB).T
    return min(float(np.linalg.norm(a - b)) for a, b in itertools.combinations(lab, 2))


def luminance(colours: tuple[str, ...]) -> np.ndarray:
    return linear(colours) @ [0.2126, 0.7152, 0.0722]


@pytest.mark.parametrize("ground", GROUNDS)
def test_every_colour_stands_out_from_its_ground(ground: str) -> None:
    ours = luminance(palette().classes[ground])
    for behind in luminance(GROUNDS[ground]):
        assert ((np.maximum(ours, behind) + 0.05) / (np.minimum(ours, behind) + 0.05)).min() >= 3


@pytest.mark.parametrize("eyes", EYES)
@pytest.mark.parametrize("ground", GROUNDS)
def test_colours_of_one_mark_differ_to_all_eyes(ground: str, eyes: str) -> None:
    colours = palette().classes[ground]
    assert len(colours) % PER_MARK == 0
    for first in range(0, len(colours), PER_MARK):
        assert closest(colours[first : first + PER_MARK], eyes) >= 0.075


def test_the_measure_knows_colours_that_do_not_differ() -> None:
    """Vermilion and olive, which stood in one palette, are one colour without red cones."""
    assert closest(("#D55E00", "#8A7A00"), "no red cones") < 0.025 < 0.1 < closest(("#D55E00", "#8A7A00"), "all cones")


def test_sixteen_colours_and_four_marks_tell_32_classes_apart() -> None:
    marks = palette().marks
    for ground in ("light", "dark"):
        looks = {(palette().colour(k, ground), marks[k // PER_MARK % len(marks)]) for k in range(32)}
        assert len(looks) == 32 and closest(palette().classes[ground], "all cones") >= 0.08


def raster(shape: Outline, side: int = 96) -> np.ndarray:
    """The shape at the size of a circle of its area."""
    image = Image.new("1", (side, side))
    scale, middle, pen = side / 5, side / 2, ImageDraw.Draw(image)
    if shape.corners:
        x, y = np.array(shape.corners).T
        scale *= np.sqrt(np.pi / abs(float(x @ np.roll(y, 1) - y @ np.roll(x, 1)) / 2))
        pen.polygon([(middle + a * scale, middle + b * scale) for a, b in shape.corners], fill=1)
    else:
        r = scale * shape.radius
        pen.ellipse((middle - r, middle - r, middle + r, middle + r), fill=1)
    return np.asarray(image)


def test_eight_shapes_cover_each_other_badly() -> None:
    assert len(palette().shapes) >= 8
    for a, b in itertools.combinations(palette().shapes, 2):
        one, two = raster(a), raster(b)
        assert (one & two).sum() / (one | two).sum() < 0.85, (a.name, b.name)
    hexagon = Outline("hexagon", 0.0, ((1.15, 0), (0.58, 1), (-0.58, 1), (-1.15, 0), (-0.58, -1), (0.58, -1)))
    one, two = raster(palette().shapes[0]), raster(hexagon)
    assert (one & two).sum() / (one | two).sum() > 0.9  # so a hexagon is none of them


def test_shapes_are_about_equally_large() -> None:
    areas = [float(raster_area(shape)) for shape in palette().shapes]
    assert max(areas) / min(areas) < 1.5


def raster_area(shape: Outline) -> float:
    if not shape.corners:
        return np.pi * shape.radius**2
    x, y = np.array(shape.corners).T
    return abs(float(x @ np.roll(y, 1) - y @ np.roll(x, 1)) / 2)
