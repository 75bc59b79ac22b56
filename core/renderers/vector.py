"""A vector of features, drawn as a line over its coordinates.

{"values": [[F numbers] per sample]}      in index.json itself; more than `thin.POINTS` are thinned
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike

from core.renderers.base import Entry, Files, Shown, numbers
from core.renderers.thin import stretch, thin

DIGITS = 4  # that count


@dataclass(frozen=True)
class Vector(Shown):
    """`values`: (F,) numbers."""

    kind: ClassVar[str] = "vector"
    values: ArrayLike

    def check(self) -> None:
        numbers(self.values, "(features,)", 1)

    @classmethod
    def write(cls, shown: Sequence[Self], files: Files) -> Entry:
        raw = [np.asarray(one.values, np.float64) for one in shown]
        length = stretch(max(map(len, raw)))
        return {"values": [[float(f"{v:.{DIGITS}g}") for v in thin(x, length)] for x in raw]}
