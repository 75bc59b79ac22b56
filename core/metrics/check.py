"""What every metric asks of its input before it measures: rows that belong together, numbers that are numbers."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from core.errors import MetricError


def rows(metric: str, axes: int, expected: int | None = None, **named: Tensor) -> None:
    """Each named tensor has `axes` axes, no NaN, and as many rows as the others (or `expected`), one at least."""
    for name, value in named.items():
        count = len(value) if value.dim() else 0
        expected = max(count, 1) if expected is None else expected
        if value.dim() != axes or count != expected:
            shape = f"({', '.join([str(expected), *'CDE'][:axes])}{',' if axes == 1 else ''})"
            raise MetricError("metric_shape", metric=metric, name=name, expected=shape, actual=tuple(value.shape))
        if value.is_floating_point() and not bool(value.isfinite().all()):
            raise MetricError("metric_values", metric=metric, name=name, expected="finite", actual="NaN or infinity")


def within(metric: str, name: str, value: Any, low: float, high: float) -> None:
    """low <= value <= high, for numbers and for all entries of a tensor."""
    least, most = (float(value.min()), float(value.max())) if isinstance(value, Tensor) else (value, value)
    if not (low <= least and most <= high):
        worst = least if least < low else most
        raise MetricError("metric_values", metric=metric, name=name, expected=f"{low:g}..{high:g}", actual=f"{worst:g}")
