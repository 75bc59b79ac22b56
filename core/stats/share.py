"""An interval for a share (accuracy, R@1) over seeds and test samples that is never empty and never leaves 0..1.

    n_eff = p (1 - p) / Var(p)                                  as many independent samples would say as much
    (p + q^2 / 2 n_eff -+ q sqrt(p (1 - p) / n_eff + q^2 / 4 n_eff^2)) / (1 + q^2 / n_eff)

q: the critical value of the crossed model (`core.stats.crossed`). Var(p) is that of the samples and half a sample more that
is right and half a one that is wrong for every seed, so that 256 samples without an error are not taken for certainty; a
difference of two shares gets a quarter of one in either direction for the same reason (half of what Agresti and Min add).

Wilson 1927; Korn & Graubard, Confidence intervals for proportions with small expected number of positive counts, 1998;
Agresti & Min, Simple improved confidence intervals for comparing matched proportions, 2005.
"""

from __future__ import annotations

import numpy as np

from core.stats.crossed import Squares, squares

_ADDED = 1.0  # samples, half of them right
ADDED_TO_DIFFERENCES = 0.5  # samples, half of them in favour of either


def share_interval(scores: np.ndarray, alpha: float = 0.05) -> tuple[np.ndarray, np.ndarray]:
    """scores (..., S, N) in 0..1, S and N at least 2 -> (low, high), each (...)."""
    found = squares(2 * scores - 1, _ADDED)  # -1..1, as pseudo-samples are
    samples = scores.shape[-1]
    p = scores.mean((-2, -1), dtype=float)
    smoothed = (p * samples + _ADDED / 2) / (samples + _ADDED)
    variance = found.variance / 4
    q2 = (found.half(alpha) / 2) ** 2 / variance
    effective = np.minimum(smoothed * (1 - smoothed) / variance, found.count)
    middle, room = p + q2 / (2 * effective), p * (1 - p) / effective + q2 / (4 * effective**2)
    whole, half = 1 + q2 / effective, np.sqrt(q2 * room)
    return np.maximum((middle - half) / whole, 0.0), np.minimum((middle + half) / whole, 1.0)


def difference_squares(scores: np.ndarray) -> Squares:
    """Mean squares of differences (..., S, N) in -1..1 of two shares."""
    return squares(scores, ADDED_TO_DIFFERENCES)
