"""The range of each metric: no interval reaches beyond it."""

from __future__ import annotations

import math

from core.stats.interval import UNBOUNDED, Bounds

ROUNDING = 1e-6
LARGEST = 1e100
RANGES: dict[str, Bounds] = {
    "accuracy": (0.0, 1.0),
    "map": (0.0, 1.0),
    "recall@1": (0.0, 1.0),
    "r2": (-math.inf, 1.0),
}


def bounds(metric: str) -> Bounds:
    """(lowest, highest) value of a metric; the whole line of one that is not listed."""
    return RANGES.get(metric, UNBOUNDED)


def possible(metric: str, value: float) -> bool:
    """Whether a run can have come to this: a foreign folder may hold anything, and squares of it must not overflow."""
    low, high = bounds(metric)
    return low - ROUNDING <= value <= high + ROUNDING and abs(value) <= LARGEST
