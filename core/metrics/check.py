"""What every metric requires of its input. The rule, written down once:

    numbers    embeddings, probabilities, targets: finite, in the shape that is named, one row at least
    scores     what is only ordered (logits, log-probabilities, similarities): -inf says "never"; NaN and +inf are no scores
    ties       equal scores share what they tie for: a figure of order is its mean over all orders of equal scores
    rounding   what varies by no more than rounding does not vary; half precision is taken to double first
    undefined  R2 of a constant target, uniformity of one row: nobody knows. No metric returns NaN or infinity for it

Whatever breaks the rule is a MetricError that names the metric, the input, what was expected and what is there. So nothing
that is no number counts as a hit, and nothing undefined is written down; who may meet it (`Objective.judge`) leaves the key out.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from core.errors import MetricError

ROUNDING = 8  # steps of a type, at the largest number, that a sum in another order may make


def rows(metric: str, axes: int, expected: int | None = None, **named: Tensor) -> None:
    """Each named tensor has `axes` axes, no NaN, and as many rows as the others (or `expected`), one at least."""
    for name, value in named.items():
        count = len(value) if value.dim() else 0
        expected = max(count, 1) if expected is None else expected
        _shape(metric, axes, expected, name, value)
        if value.is_floating_point() and not bool(value.isfinite().all()):
            raise MetricError("metric_values", metric=metric, name=name, expected="finite", actual="NaN or infinity")


def shaped(metric: str, axes: int, expected: int | None = None, **named: Tensor) -> None:
    """As `rows`, for what is checked for NaN on the way."""
    for name, value in named.items():
        expected = max(len(value) if value.dim() else 0, 1) if expected is None else expected
        _shape(metric, axes, expected, name, value)


def scores(metric: str, expected: int | None = None, **named: Tensor) -> None:
    """Each named tensor is (N, C) of scores that can be ordered, one row and one column at least."""
    for name, value in named.items():
        count = len(value) if value.dim() else 0
        expected = max(count, 1) if expected is None else expected
        _shape(metric, 2, expected, name, value)
        if value.is_floating_point() and not float(value.max()) < math.inf:  # which NaN is not, and is the largest
            what = "numbers, or -inf for never"
            raise MetricError("metric_values", metric=metric, name=name, expected=what, actual="NaN or infinity")


def classes(metric: str, count: int, below: int | None = None, **named: Tensor) -> None:
    """Each named tensor is (count,) of whole numbers from 0, below `below` where that is given."""
    for name, value in named.items():
        rows(metric, 1, expected=max(count, 1), **{name: value})
        if value.is_floating_point() or value.is_complex():
            raise MetricError("metric_values", metric=metric, name=name, expected="whole numbers", actual=value.dtype)
        within(metric, name, value, 0, math.inf if below is None else below - 1)


def enough(metric: str, name: str, count: int, least: int) -> None:
    """At least so many rows."""
    if count < least:
        raise MetricError("metric_values", metric=metric, name=name, expected=f"{least} rows or more", actual=count)


def within(metric: str, name: str, value: Any, low: float, high: float) -> None:
    """low <= value <= high, for numbers and for all entries of a tensor."""
    least, most = (float(value.min()), float(value.max())) if isinstance(value, Tensor) else (value, value)
    if not (low <= least and most <= high):
        worst = most if low <= least else least
        raise MetricError("metric_values", metric=metric, name=name, expected=f"{low:g}..{high:g}", actual=f"{worst:g}")


def settled(metric: str, value: float) -> float:
    """The value itself, where it is a number: finite input may be too large to be squared."""
    if not math.isfinite(value):
        raise MetricError(
            "metric_values", metric=metric, name="its input", expected="of a size to compute with", actual=value
        )
    return value


def varies(z: Tensor) -> Tensor:
    """(..., D) of z (..., N, D): whether a column varies by more than rounding."""
    low, high = z.amin(-2), z.amax(-2)
    step = torch.finfo(z.dtype).eps if z.is_floating_point() else 0.0
    return high - low > ROUNDING * step * torch.maximum(low.abs(), high.abs())


def centred(z: Tensor) -> Tensor:
    """z (N, D) in double precision, each column's mean taken out; a column that does not vary is 0 and not rounding."""
    away = z.double() - z.double().mean(0)
    return away * varies(z)


def unit(metric: str, z: Tensor) -> Tensor:
    """z (N, D) scaled to unit length, rows of 0 stay 0; neither huge nor tiny rows are lost on the way."""
    shaped(metric, 2, z=z)
    z = z.double() if z.element_size() < 4 or not z.is_floating_point() else z
    largest = z.abs().amax(1, keepdim=True)
    if not (float(largest.min()) > 1 / _LARGE and float(largest.max()) < _LARGE):
        rows(metric, 2, z=z)
        odd = (largest > _LARGE) | ((largest < 1 / _LARGE) & (largest > 0))
        z = torch.where(odd, z / torch.where(odd, largest, torch.ones_like(largest)), z)
    return torch.nn.functional.normalize(z, dim=1)


_LARGE = 1e10  # its square, and that of its inverse, still fit single precision many times over


def _shape(metric: str, axes: int, expected: int, name: str, value: Tensor) -> None:
    count = len(value) if value.dim() else 0
    if value.dim() != axes or count != expected or not value.numel():
        shape = f"({', '.join([str(expected), *'CDE'][:axes])}{',' if axes == 1 else ''})"
        raise MetricError("metric_shape", metric=metric, name=name, expected=shape, actual=tuple(value.shape))
