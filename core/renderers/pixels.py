"""Pictures as bytes: several of any size become tiles of one size on a sheet."""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from PIL import Image

from core.renderers.base import Array, WrongShown, numbers

SMALLEST = 48  # pixels a side at least, enlarged without smoothing
COLOURS = 256  # of a colour sheet


def check_picture(pixels: npt.ArrayLike, frames: bool = False) -> None:
    """WrongShown unless grey (H, W) or colour (3, H, W), with a dimension of frames before it where there are several."""
    time = "frames, " if frames else ""
    expected = f"({time}height, width), ({time}3, height, width)"
    array = numbers(pixels, expected, 2 + frames, 3 + frames)
    if array.ndim == 3 + frames and array.shape[frames] != 3:
        raise WrongShown(expected, str(tuple(array.shape)))


def tiles(pictures: Sequence[npt.ArrayLike]) -> npt.NDArray[np.uint8]:
    """Grey (H, W) or colour (3, H, W) pictures in 0..1, of any sizes -> (N, height, width) grey or (N, height, width, 3).

    All are enlarged by one whole number so that the largest has SMALLEST pixels a side; smaller ones lie in the middle of black.
    """
    arrays = [np.asarray(p) for p in pictures]
    colour = any(a.ndim == 3 for a in arrays)
    arrays = [_last_channel(a) if colour else a for a in arrays]
    height, width = (max(a.shape[side] for a in arrays) for side in (0, 1))
    sheet = np.zeros((len(arrays), height, width, *((3,) if colour else ())), np.uint8)
    for tile, a in zip(sheet, arrays, strict=True):
        top, left = (height - a.shape[0]) // 2, (width - a.shape[1]) // 2
        tile[top : top + a.shape[0], left : left + a.shape[1]] = (a.clip(0, 1) * 255).astype(np.uint8)
    grow = max(1, SMALLEST // max(height, width))
    return sheet.repeat(grow, 1).repeat(grow, 2)


def sheet_png(images: npt.NDArray[np.uint8], columns: int) -> bytes:
    """Tiles (N, height, width) or (N, height, width, 3), `columns` a row, as a PNG."""
    height, width = images.shape[1:3]
    sheet = np.zeros((-(-len(images) // columns) * height, columns * width, *images.shape[3:]), np.uint8)
    for i, tile in enumerate(images):
        row, column = divmod(i, columns)
        sheet[row * height : (row + 1) * height, column * width : (column + 1) * width] = tile
    image = Image.fromarray(sheet)
    if image.mode == "RGB":  # noise in three channels does not compress: a palette is a fifth of the bytes
        image = image.quantize(COLOURS, dither=Image.Dither.NONE)
    file = io.BytesIO()
    image.save(file, "PNG", optimize=True)
    return file.getvalue()


def _last_channel(array: Array) -> Array:
    return array.transpose(1, 2, 0) if array.ndim == 3 else np.stack([array] * 3, -1)
