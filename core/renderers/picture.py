"""A picture: one sheet of all samples, cut into tiles by the browser.

{"file": "picture-0.png", "sprite": [width, height], "columns": tiles a row}
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

from numpy.typing import ArrayLike

from core.renderers.base import Entry, Files, Shown
from core.renderers.pixels import check_picture, sheet_png, tiles

COLUMNS = 25


@dataclass(frozen=True)
class Picture(Shown):
    """`pixels`: (height, width) grey or (3, height, width) colour, in 0..1; shown in the 256 colours that suit all best."""

    kind: ClassVar[str] = "picture"
    pixels: ArrayLike

    def check(self) -> None:
        check_picture(self.pixels)

    @classmethod
    def write(cls, shown: Sequence[Self], files: Files) -> Entry:
        images = tiles([one.pixels for one in shown])
        height, width = images.shape[1:3]
        file = files.write(cls.kind, ".png", sheet_png(images, COLUMNS))
        return {"file": file, "sprite": [width, height], "columns": COLUMNS}
