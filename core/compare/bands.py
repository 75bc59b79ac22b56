"""A curve over seeds: the mean at every point with the lowest and the highest, of runs that differ in the seed alone.

The browser draws the same of runs that are still training (dashboard/live/static/bands.js); golden points hold both together.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from statistics import fmean

from core.compare.types import CurvePoint


def band(runs: Iterable[Iterable[Mapping[str, float]]], key: str) -> list[CurvePoint]:
    """Points by epoch, over the runs whose records hold this metric there."""
    by_epoch: dict[float, list[float]] = {}
    for records in runs:
        for record in records:
            if key in record:
                by_epoch.setdefault(record["epoch"], []).append(record[key])
    return [
        {"epoch": epoch, "mean": fmean(values), "low": min(values), "high": max(values)}
        for epoch, values in sorted(by_epoch.items())
    ]
