"""A clip: some frames per second, one row of a sheet per sample, SHEET samples a sheet (a browser decodes large ones badly).

{"files": ["clip-3-0.png", ...], "sprite": [width, height], "sheet": samples a file, "frames": [of each sample], "rate": Hz}
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np
import numpy.typing as npt
from numpy.typing import ArrayLike

from core.renderers.base import Entry, Files, Shown, positive_rate
from core.renderers.pixels import check_picture, sheet_png, tiles

SHEET = 25


@dataclass(frozen=True)
class Clip(Shown):
    """`frames`: (T, height, width) grey or (T, 3, height, width) colour, in 0..1; `rate`: frames per second, for all samples."""

    kind: ClassVar[str] = "clip"
    frames: ArrayLike
    rate: float

    def check(self) -> None:
        check_picture(self.frames, frames=True)
        positive_rate(self.rate)

    @classmethod
    def write(cls, shown: Sequence[Self], files: Files) -> Entry:
        clips = [np.asarray(one.frames) for one in shown]
        images, counts = tiles([frame for clip in clips for frame in clip]), [len(clip) for clip in clips]
        height, width = images.shape[1:3]
        rows = _rows(images, counts)
        sheets = [rows[start : start + SHEET] for start in range(0, len(rows), SHEET)]
        return {
            "files": [files.write(cls.kind, ".png", sheet_png(sheet, 1), part) for part, sheet in enumerate(sheets)],
            "sprite": [width, height],
            "sheet": SHEET,
            "frames": counts,
            "rate": shown[0].rate,
        }


def _rows(images: npt.NDArray[np.uint8], counts: list[int]) -> npt.NDArray[np.uint8]:
    """The frames of each clip side by side, black after the last of a short one: (N, height, longest * width, ...)."""
    height, width = images.shape[1:3]
    rows = np.zeros((len(counts), height, max(counts) * width, *images.shape[3:]), np.uint8)
    at = 0
    for row, count in zip(rows, counts, strict=True):
        for k in range(count):
            row[:, k * width : (k + 1) * width] = images[at + k]
        at += count
    return rows
