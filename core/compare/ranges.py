"""Where a metric can lie at all: no interval of it reaches further."""

from __future__ import annotations

import math

from core.stats.interval import UNBOUNDED, Bounds

RANGES: dict[str, Bounds] = {
    "accuracy": (0.0, 1.0),
    "map": (0.0, 1.0),
    "recall@1": (0.0, 1.0),
    "r2": (-math.inf, 1.0),
}


def bounds(measure: str) -> Bounds:
    """(lowest, highest) value of a metric; the whole line of one that is not listed."""
    return RANGES.get(measure, UNBOUNDED)
