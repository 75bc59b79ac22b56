"""A sample's mean, spread and interval, over seeds alone or over seeds and test samples.

    mean = sum x / n,   sd^2 = sum (x - mean)^2 / (n - 1)
    low, high = mean -+ t(1 - alpha/2; n - 1) sd / sqrt n          over seeds alone

Student, The probable error of a mean, 1908. One value has a mean and neither spread nor interval: those are NaN. An interval
never leaves the bounds of its values: an accuracy is not above 1.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from core.stats.crossed import squares
from core.stats.share import share_interval

Bounds = tuple[float, float]
UNBOUNDED: Bounds = (-math.inf, math.inf)
ROUNDING = 1e-12  # relative to the values: a spread below it is the computer's, not the seeds'


@dataclass(frozen=True)
class Interval:
    """Mean, standard deviation and confidence bounds of n values, in the values' unit; NaN where n is too small."""

    n: int
    mean: float
    sd: float
    low: float
    high: float


def interval(values: Sequence[float], alpha: float = 0.05, bounds: Bounds = UNBOUNDED) -> Interval:
    """values (n,) in any unit -> the same unit. NaN and infinite ones are left out; none left: all NaN with n = 0."""
    x = np.asarray(values, float)
    x = x[np.isfinite(x)]
    if len(x) < 2:
        return Interval(len(x), float(x[0]) if len(x) else math.nan, math.nan, math.nan, math.nan)
    mean, sd = float(x.mean()), float(x.std(ddof=1))
    half = critical(len(x) - 1, alpha) * sd / math.sqrt(len(x))
    return Interval(len(x), mean, sd, *within(mean - half, mean + half, bounds))


def sampled_interval(
    scores: np.ndarray, share: bool, alpha: float = 0.05, bounds: Bounds = UNBOUNDED
) -> tuple[float, float]:
    """scores (S, N) of S seeds on N test samples, 2 at least of either -> (low, high) of their mean; share: they lie in 0..1."""
    if share:
        low, high = share_interval(scores, alpha)
        return float(low), float(high)
    found = squares(scores)
    mean, half = float(found.mean), float(found.half(alpha))
    return within(mean - half, mean + half, bounds)


def within(low: float, high: float, bounds: Bounds) -> Bounds:
    """The part of an interval that can be."""
    return max(low, bounds[0]), min(high, bounds[1])


def critical(freedom: int, alpha: float) -> float:
    """The t that `freedom` degrees of freedom exceed, up or down, with probability alpha."""
    return float(special.stdtrit(freedom, 1 - alpha / 2))
