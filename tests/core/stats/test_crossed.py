"""Tests and intervals over seeds and samples, by hand where one of the two says nothing."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from core.stats.crossed import Squares, pooled, squares
from core.stats.interval import sampled_interval

SAMPLES = np.random.default_rng(0).normal(size=400)
ALIKE = np.tile(SAMPLES, (3, 1))  # every seed gives the same answers
SHIFTS = np.array([0.1, 0.4, -0.2])
APART = np.tile(SHIFTS[:, None], (1, 400))  # every sample gets the same answers


def test_seeds_that_agree_leave_students_t_over_samples() -> None:
    found = squares(ALIKE)
    error = SAMPLES.std(ddof=1) / math.sqrt(400)
    assert found.variance == pytest.approx(error**2)
    assert found.p(0.1) == pytest.approx(2 * stats.t.sf(0.1 / error, 399))
    assert found.half(0.05) == pytest.approx(stats.t.ppf(0.975, 399) * error)
    mean = SAMPLES.mean()
    assert sampled_interval(ALIKE, False) == pytest.approx(tuple(mean + np.array([-1, 1]) * float(found.half(0.05))))


def test_samples_that_agree_leave_students_t_over_seeds() -> None:
    found = squares(APART)
    error = SHIFTS.std(ddof=1) / math.sqrt(3)
    assert found.variance == pytest.approx(error**2)
    assert found.p(0.4) == pytest.approx(2 * stats.t.sf(0.4 / error, 2), rel=1e-4)
    assert found.half(0.05) == pytest.approx(stats.t.ppf(0.975, 2) * error, rel=1e-4)


def test_two_sources_of_luck_add_up() -> None:
    """Both at once, without a rest: the variances are those of each alone, and the parts say which is whose."""
    found = squares(ALIKE + APART)
    one, other = SHIFTS.var(ddof=1) / 3, SAMPLES.var(ddof=1) / 400
    assert found.parts() == pytest.approx((one, other))
    assert found.variance == pytest.approx(one + other) and found.count == 1200
    assert found.mean == pytest.approx(SAMPLES.mean() + SHIFTS.mean())


def test_no_distance_and_no_luck() -> None:
    still = squares(np.ones((3, 8)))
    assert still.p(0.0) == 1 and math.isnan(still.p(0.5)) and still.half(0.05) == 0
    assert squares(ALIKE).p(np.zeros(2)).tolist() == [1, 1]


def test_the_mean_of_mean_squares_is_over_tables_of_one_size() -> None:
    one, two, other = squares(ALIKE), squares(ALIKE + APART), squares(ALIKE[:, :9])
    found = pooled([one, two, other])
    assert isinstance(found, Squares) and (found.seeds, found.samples) == (3, 400)
    assert found.seed == pytest.approx((one.seed + two.seed) / 2) and found.mean == pytest.approx(
        (one.mean + two.mean) / 2
    )
    assert found.sample == pytest.approx((one.sample + two.sample) / 2)
    assert pooled([]) is None
