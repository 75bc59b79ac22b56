"""The paired test: two methods on the same seeds, and where their answers are kept on the same test samples.

    d_s = a_s - b_s                       one per seed: luck that both share cancels
    t   = mean d / (sd d / sqrt n),       p from t with n - 1 degrees of freedom, two-sided
    d_z = mean d / sd d                   effect in units of the paired spread (Cohen 1988)

With a score of every sample, d_si = a_si - b_si over seeds and samples (`core.stats.crossed`): the claim is then about other
first weights and other test samples, not about these samples alone.

Over seeds alone, differences that do not vary leave t undefined. If neither method varies at all, the seeds say nothing of
luck and the test samples are not known: no p (NaN). If the values vary and their difference does not, which coarse
accuracies do by luck, the signs alone are tested: p = 2^(1 - n).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import special

from core.errors import MetricError
from core.stats.crossed import Squares, squares
from core.stats.interval import ROUNDING, UNBOUNDED, Bounds, interval, within
from core.stats.power import detectable, smallest_detectable
from core.stats.share import difference_squares

SEEDS, SAMPLES = "seeds", "seeds and samples"  # what luck was drawn over


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
    constant: bool = False  # neither method varies over the seeds
    over: str = SEEDS
    samples: int = 0  # of the test set, where the claim is over them too


def paired(
    a: Sequence[float],
    b: Sequence[float],
    alpha: float = 0.05,
    power: float = 0.8,
    methods: int = 2,
    bounds: Bounds = UNBOUNDED,
) -> Paired:
    """a, b (n,) of the same seeds in the same order. Seeds where either is NaN or infinite are left out.

    One seed gives a difference and nothing else; none gives NaN. Unequal lengths are a MetricError. `methods`: how many are
    compared in all, which `detectable` has to allow for.
    """
    first, second = np.asarray(a, float), np.asarray(b, float)
    if first.shape != second.shape or first.ndim != 1:
        raise MetricError("unequal_values", first=str(first.shape), second=str(second.shape))
    both = np.isfinite(first) & np.isfinite(second)
    first, second = first[both], second[both]
    spread = interval(list(first - second), alpha, _apart(bounds))
    nan = math.nan
    unknown = Paired(spread.n, spread.mean, spread.sd, nan, nan, nan, nan, nan, nan)
    if spread.n < 2:
        return unknown
    largest = float(max(np.abs(first).max(), np.abs(second).max()))
    if spread.sd <= ROUNDING * largest:
        return _without_spread(unknown, first, second, largest)
    t = spread.mean / (spread.sd / math.sqrt(spread.n))
    p = 2 * float(special.stdtr(spread.n - 1, -abs(t)))
    shown = smallest_detectable(spread.sd, spread.n, alpha, power, methods)
    return Paired(spread.n, spread.mean, spread.sd, spread.low, spread.high, t, p, spread.mean / spread.sd, shown)


def differences(a: np.ndarray, b: np.ndarray, share: bool) -> Squares:
    """a, b (S, N): the scores of S seeds on N test samples, 2 at least of either, in the same order; share: they lie in 0..1."""
    if a.shape != b.shape or a.ndim != 2:
        raise MetricError("unequal_values", first=str(a.shape), second=str(b.shape))
    return difference_squares(a - b) if share else squares(a - b)


def paired_on_samples(
    found: Squares,
    alpha: float = 0.05,
    power: float = 0.8,
    methods: int = 2,
    bounds: Bounds = UNBOUNDED,
    like: Squares | None = None,
) -> Paired:
    """The paired test from the `differences` of two methods; `like`: mean squares that the power is judged by, if not these."""
    mean, sd = float(found.mean), math.sqrt(float(found.seed) / found.samples)
    half = float(found.half(alpha))
    low, high = within(mean - half, mean + half, _apart(bounds))
    error = math.sqrt(float(found.variance))
    t = mean / error if error else 0.0
    effect = mean / sd if sd > ROUNDING else math.nan
    shown = detectable(found, alpha, power, methods, like)
    p = float(found.p(mean))
    return Paired(found.seeds, mean, sd, low, high, t, p, effect, shown, over=SAMPLES, samples=int(found.samples))


def _apart(bounds: Bounds) -> Bounds:
    """How far two values within these bounds can lie apart."""
    widest = bounds[1] - bounds[0]
    return -widest, widest


def _without_spread(unknown: Paired, first: np.ndarray, second: np.ndarray, largest: float) -> Paired:
    constant = bool(max(np.ptp(first), np.ptp(second)) <= ROUNDING * largest)
    if abs(unknown.difference) <= ROUNDING * largest:
        return replace(unknown, difference=0.0, sd=0.0, p=1.0, constant=constant)
    p = math.nan if constant else 2.0 ** (1 - len(first))
    return replace(unknown, sd=0.0, p=p, constant=constant)
