"""Pictures come back from their sheet: grey and colour, of one size and of several."""

from __future__ import annotations

import numpy as np
from PIL import Image

from core.renderers import Files, Picture
from core.renderers.pixels import SMALLEST, tiles


def tile(files: Files, entry: dict, i: int) -> np.ndarray:
    (width, height), row, column = entry["sprite"], i // entry["columns"], i % entry["columns"]
    sheet = np.asarray(Image.open(files.folder / entry["file"]).convert("RGB"))
    return sheet[row * height : (row + 1) * height, column * width : (column + 1) * width]


def test_grey_pictures_are_enlarged_and_come_back(files: Files) -> None:
    pixels = np.random.default_rng(0).random((30, 6, 8))
    entry = Picture.write([Picture(p) for p in pixels], files)
    assert entry["sprite"] == [SMALLEST, SMALLEST * 6 // 8]
    for i in (0, 24, 25, 29):
        assert (tile(files, entry, i)[::6, ::6, 0] == (pixels[i] * 255).astype(np.uint8)).all()


def test_a_small_grey_one_among_colour_lies_in_the_middle() -> None:
    colour = np.zeros((3, 60, 60))
    colour[0] = 1.0
    sheet = tiles([colour, np.ones((20, 40))])
    assert sheet.shape == (2, 60, 60, 3) and (sheet[0] == [255, 0, 0]).all()
    assert (sheet[1, 20:40, 10:50] == 255).all() and sheet[1].sum() == 255 * 3 * 20 * 40
