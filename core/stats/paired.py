"""The paired t-test: two methods on the same seeds, judged by their differences.

    d_s = a_s - b_s                       one per seed: luck that both share cancels
    t   = mean d / (sd d / sqrt n),       p from t with n - 1 degrees of freedom, two-sided
    d_z = mean d / sd d                   effect in units of the paired spread (Cohen 1988)

Smallest detectable difference: the true difference m that this test would have found with probability `power`, if the
spread is the sd seen here. t then follows a non-central t with non-centrality m sqrt n / sd, so m solves

    P(|T(n - 1, m sqrt n / sd)| > t(1 - alpha/2; n - 1)) = power

Differences that do not vary at all leave t undefined. If neither method varies over three seeds or more, chance has no
part in it: p = 0 (or 1 when they are equal). If the values vary and their difference does not, which coarse accuracies do
by luck, the signs alone are tested: p = 2^(1 - n).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import optimize, special

from core.errors import MetricError
from core.stats.interval import critical, interval

_ROUNDING = 1e-12  # relative to the values: a spread below it is the computer's, not the seeds'
_POINTS = 4096  # quantiles of a spread: power to about 1e-4
_DETERMINISTIC = 3  # seeds without any change before a method counts as one that luck does not touch


@dataclass(frozen=True)
class Paired:
    """Differences are a - b in the values' unit; `effect` is d_z. What cannot be known is NaN."""

    n: int
    difference: float
    sd: float
    low: float
    high: float
    t: float
    p: float
    effect: float
    detectable: float
    deterministic: bool = False


def paired(a: Sequence[float], b: Sequence[float], alpha: float = 0.05, power: float = 0.8) -> Paired:
    """a, b (n,) of the same seeds in the same order. Seeds where either is NaN or infinite are left out.

    One seed gives a difference and nothing else; none gives NaN. Unequal lengths are a MetricError.
    """
    first, second = np.asarray(a, float), np.asarray(b, float)
    if first.shape != second.shape or first.ndim != 1:
        raise MetricError("unequal_values", first=str(first.shape), second=str(second.shape))
    both = np.isfinite(first) & np.isfinite(second)
    first, second = first[both], second[both]
    seen = interval(list(first - second), alpha)
    if seen.n < 2:
        return Paired(seen.n, seen.mean, math.nan, math.nan, math.nan, math.nan, math.nan, math.nan, math.nan)
    largest = float(max(np.abs(first).max(), np.abs(second).max()))
    if seen.sd <= _ROUNDING * largest:
        return _without_spread(first, second, seen.mean, largest)
    t = seen.mean / (seen.sd / math.sqrt(seen.n))
    p = 2 * float(special.stdtr(seen.n - 1, -abs(t)))
    detectable = smallest_detectable(seen.sd, seen.n, alpha, power)
    return Paired(seen.n, seen.mean, seen.sd, seen.low, seen.high, t, p, seen.mean / seen.sd, detectable)


def smallest_detectable(sd: float, n: int, alpha: float = 0.05, power: float = 0.8) -> float:
    """The true difference that n >= 2 pairs with a spread of sd would show with probability `power`; unit of sd."""
    return _noncentrality(n - 1, alpha, power) * sd / math.sqrt(n)


@lru_cache(maxsize=256)
def _noncentrality(freedom: int, alpha: float, power: float) -> float:
    """The shift c at which |T(freedom, c)| exceeds its limit with probability `power`.

    T = (Z + c) / s with s^2 = chi^2 / freedom, so P(T > t) is the mean of Phi(c - t s) over s, taken at its quantiles.
    scipy's own non-central t gives NaN where few seeds put t at 12.
    """
    limit = critical(freedom, alpha)
    quantile = (np.arange(_POINTS) + 0.5) / _POINTS
    s = np.sqrt(special.chdtri(freedom, quantile) / freedom)

    def short(c: float) -> float:
        return float((special.ndtr(c - limit * s) + special.ndtr(-c - limit * s)).mean()) - power

    high = 1.0
    while short(high) < 0:
        high *= 2
    return float(optimize.brentq(short, 0, high))


def _without_spread(first: np.ndarray, second: np.ndarray, difference: float, largest: float) -> Paired:
    n = len(first)
    still = n >= _DETERMINISTIC and bool(max(np.ptp(first), np.ptp(second)) <= _ROUNDING * largest)
    if abs(difference) <= _ROUNDING * largest:
        return Paired(n, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, still)
    t = math.copysign(math.inf, difference)
    p = 0.0 if still else 2.0 ** (1 - n)
    return Paired(n, difference, 0.0, difference, difference, t, p, t, 0.0, still)
