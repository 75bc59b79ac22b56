"""The variance of a mean over seeds and test samples: both are random, and every seed predicts every sample.

    y_si = mu + A_s + B_i + E_si                            S seeds, N samples: crossed random effects
    MS_seed   = N sum_s (y_s. - y)^2 / (S - 1)              expected  N var A + var E
    MS_sample = S sum_i (y_.i - y)^2 / (N - 1)              expected  S var B + var E
    MS_rest   = sum (y_si - y_s. - y_.i + y)^2 / ((S - 1)(N - 1))     var E
    Var(mean) = (MS_seed + MS_sample - MS_rest) / (S N)     never below MS_sample / (S N)

Of the variance, a = MS_seed / (S N) is known from S - 1 degrees of freedom and b = max(MS_sample - MS_rest, 0) / (S N) from
N - 1: `core.stats.mixture` is the law of a mean with two such parts. A second test with MS_sample / (S N) and N - 1 degrees
stands beside it, for seeds that lie close together by luck: the larger p counts, the wider interval.

Searle, Casella & McCulloch, Variance Components, 1992.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import special

from core.stats import mixture


@dataclass(frozen=True)
class Squares:
    """Mean squares of S x N scores, or of many such tables: each an array (...). `samples` is N, pseudo-samples included."""

    seeds: int
    samples: float
    mean: np.ndarray
    seed: np.ndarray
    sample: np.ndarray
    rest: np.ndarray

    @property
    def count(self) -> float:
        """Values in all: seeds times samples."""
        return self.seeds * self.samples

    @property
    def variance(self) -> np.ndarray:
        """(...) of the mean, as it is best known: no part of it below nothing."""
        best = np.maximum(self.seed + self.sample - self.rest, np.maximum(self.seed, self.sample))
        return np.asarray(best / self.count)

    def parts(self) -> tuple[np.ndarray, np.ndarray]:
        """(a, b) of the module's text."""
        return self.seed / self.count, np.maximum(self.sample - self.rest, 0) / self.count

    def p(self, distance: np.ndarray | float) -> np.ndarray:
        """(...) two-sided, of means that lie `distance` from what is claimed; NaN where nothing varies but this does."""
        size = np.abs(np.asarray(distance, float))
        a, b = self.parts()
        mixed = mixture.two_sided(_ratio(size, a + b), _share(a, b), self.seeds - 1, self.samples - 1)
        alone = 2 * special.stdtr(self.samples - 1, -_ratio(size, self.sample / self.count))
        p = np.where(a + b > 0, np.maximum(mixed, alone), alone)
        return np.asarray(np.where(size == 0, 1.0, np.where(self.variance > 0, p, np.nan)))

    def half(self, alpha: float) -> np.ndarray:
        """(...) half the width of intervals that miss with probability alpha."""
        a, b = self.parts()
        wide = special.stdtrit(self.samples - 1, 1 - alpha / 2) * np.sqrt(self.sample / self.count)
        limit = mixture.critical(_share(a, b), self.seeds - 1, self.samples - 1, alpha)
        return np.asarray(np.maximum(wide, limit * np.sqrt(a + b)))


def _ratio(size: np.ndarray, variance: np.ndarray) -> np.ndarray:
    """size / sqrt variance; infinite, or 0 for 0, where there is none."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.nan_to_num(size / np.sqrt(variance), nan=0.0, posinf=np.inf))


def _share(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    whole = a + b
    return np.asarray(np.divide(a, whole, out=np.zeros_like(whole), where=whole > 0))


def squares(scores: np.ndarray, unsure: float = 0.0) -> Squares:
    """scores (..., S, N), S and N at least 2 -> their mean squares.

    `unsure` adds that many pseudo-samples, half of them +1 above and half below for every seed: see `core.stats.share`.
    """
    seeds, real = scores.shape[-2:]
    samples = real + unsure
    of_seed, of_sample = scores.sum(-1, dtype=float), scores.sum(-2, dtype=float)
    total = of_seed.sum(-1)
    middle = total**2 / (seeds * samples)
    seed = (of_seed**2).sum(-1) / samples - middle
    sample = ((of_sample**2).sum(-1) + unsure * seeds**2) / seeds - middle
    rest = np.square(scores).sum((-2, -1), dtype=float) + unsure * seeds - middle - seed - sample
    return Squares(
        seeds,
        samples,
        total / (seeds * real),
        np.maximum(seed, 0.0) / (seeds - 1),
        np.maximum(sample, 0.0) / (samples - 1),
        np.maximum(rest, 0.0) / ((seeds - 1) * (samples - 1)),
    )


def pooled(found: Sequence[Squares]) -> Squares | None:
    """The mean of mean squares, over those with as many seeds and samples as the first; None of none."""
    alike = [one for one in found if (one.seeds, one.samples) == (found[0].seeds, found[0].samples)]
    if not alike:
        return None
    means = [np.mean([getattr(one, part) for one in alike], 0) for part in ("mean", "seed", "sample", "rest")]
    return Squares(alike[0].seeds, alike[0].samples, *means)
