"""The interval of a share is Wilson's of as many samples as would say as much."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from core.stats.crossed import squares
from core.stats.share import difference_squares, share_interval


def wilson(p: float, n: float, q: float) -> tuple[float, float]:
    """Wilson 1927, with any critical value q."""
    half = q * math.sqrt(p * (1 - p) / n + q**2 / (4 * n**2))
    return (p + q**2 / (2 * n) - half) / (1 + q**2 / n), (p + q**2 / (2 * n) + half) / (1 + q**2 / n)


@pytest.mark.parametrize(("right", "alpha"), [(814, 0.05), (814, 0.01), (30, 0.05), (1000, 0.05), (0, 0.05)])
def test_seeds_that_agree_count_once(right: int, alpha: float) -> None:
    """Three answers to each of 1,000 samples, all alike, are 1,000 samples and no more."""
    low, high = share_interval(np.tile(np.arange(1000) < right, (3, 1)).astype(float), alpha)
    expected = wilson(right / 1000, 1000, stats.t.ppf(1 - alpha / 2, 1000))
    assert (low, high) == pytest.approx((max(expected[0], 0), min(expected[1], 1)), abs=1e-9)


def test_seeds_that_disagree_are_never_more_than_all_answers() -> None:
    """Two seeds that are right in turn have a mean that does not vary at all; 2 x 4 answers and a pseudo-sample remain."""
    low, high = share_interval(np.array([[1.0, 0, 1, 0], [0, 1, 0, 1]]))
    assert (low, high) == pytest.approx(wilson(0.5, 10, stats.t.ppf(0.975, 4)), abs=1e-9)


def test_differences_get_half_a_sample() -> None:
    differences = np.random.default_rng(0).integers(-1, 2, size=(3, 50)).astype(float)
    found = difference_squares(differences)
    assert found.samples == 50.5 and found == squares(differences, 0.5)
