"""A series: several channels over time, on one scale per channel over all samples, so that samples can be compared.

    {"file": "series-2.bin", "rate": points per second, "range": [[low, high] per channel], "offsets": [..., in points]}

The file holds, sample by sample, unsigned 16-bit numbers (channels, points), little end first: 0 is a channel's low, 65535 its
high. A longer series than `thin.POINTS` is drawn by the lowest and highest values of equal stretches, and `rate` counts those.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike

from core.renderers.base import Array, Entry, Files, Shown, numbers, positive_rate
from core.renderers.thin import stretch, thin

DIGITS = 6  # of a channel's ends


@dataclass(frozen=True)
class Series(Shown):
    """`values`: (channels, T), the same channels in all samples; `rate`: values per second, the same for all samples."""

    kind: ClassVar[str] = "series"
    values: ArrayLike
    rate: float

    def check(self) -> None:
        numbers(self.values, "(channels, time)", 2)
        positive_rate(self.rate)

    @classmethod
    def write(cls, shown: Sequence[Self], files: Files) -> Entry:
        raw = [np.asarray(one.values, np.float64) for one in shown]
        length = stretch(max(x.shape[1] for x in raw))
        curves = [thin(x, length) for x in raw]
        low, high = np.min([x.min(1) for x in raw], 0), np.max([x.max(1) for x in raw], 0)  # (channels,)
        file = files.write(cls.kind, ".bin", b"".join(_levels(x, low, high).tobytes() for x in curves))
        return {
            "file": file,
            "rate": shown[0].rate if length == 1 else 2 * shown[0].rate / length,
            "range": [[float(f"{v:.{DIGITS}g}") for v in ends] for ends in zip(low, high, strict=True)],
            "offsets": np.cumsum([0, *(x.shape[1] for x in curves)]).tolist(),
        }


def _levels(values: Array, low: Array, high: Array) -> Array:
    span = np.where(high > low, high - low, 1.0)
    return np.round((values - low[:, None]) / span[:, None] * 65535).astype("<u2")
