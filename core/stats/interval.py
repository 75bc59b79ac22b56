"""A sample's mean, spread and t-interval.

    mean = sum x / n,   sd^2 = sum (x - mean)^2 / (n - 1)
    low, high = mean -+ t(1 - alpha/2; n - 1) sd / sqrt n

Student, The probable error of a mean, 1908. One value has a mean and neither spread nor interval: those are NaN.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special


@dataclass(frozen=True)
class Interval:
    n: int
    mean: float
    sd: float
    low: float
    high: float


def interval(values: Sequence[float], alpha: float = 0.05) -> Interval:
    """values (n,) in any unit -> the same unit. NaN and infinite ones are left out; none left: all NaN with n = 0."""
    x = np.asarray(values, float)
    x = x[np.isfinite(x)]
    if len(x) < 2:
        return Interval(len(x), float(x[0]) if len(x) else math.nan, math.nan, math.nan, math.nan)
    mean, sd = float(x.mean()), float(x.std(ddof=1))
    half = critical(len(x) - 1, alpha) * sd / math.sqrt(len(x))
    return Interval(len(x), mean, sd, mean - half, mean + half)


def critical(freedom: int, alpha: float) -> float:
    """The t that `freedom` degrees of freedom exceed, up or down, with probability alpha."""
    return float(special.stdtrit(freedom, 1 - alpha / 2))
