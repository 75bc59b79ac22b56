"""A paired test over seeds and samples, figure by figure."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest

from core.errors import MetricError
from core.stats.paired import SAMPLES, differences, paired, paired_on_samples

DRAW = np.random.default_rng(0)
A, B = DRAW.normal(0.3, 1, size=(4, 60)), DRAW.normal(0, 1, size=(4, 60))


def test_its_figures_are_those_of_the_differences() -> None:
    squares = differences(A, B, share=False)
    found = paired_on_samples(squares)
    by_seed = (A - B).mean(1)
    assert (found.n, found.samples, found.over) == (4, 60, SAMPLES)
    assert found.difference == pytest.approx(by_seed.mean()) and found.sd == pytest.approx(by_seed.std(ddof=1))
    assert found.effect == pytest.approx(found.difference / found.sd)
    assert found.t == pytest.approx(found.difference / math.sqrt(squares.variance))
    assert found.p == pytest.approx(float(squares.p(found.difference)))
    half = float(squares.half(0.05))
    assert (found.low, found.high) == pytest.approx((found.difference - half, found.difference + half))
    assert not found.constant and found.low < found.difference < found.high <= found.difference + found.detectable


def test_bounds_of_values_bound_their_difference_twice_as_wide() -> None:
    squares = differences(A, B, share=False)
    half, middle = float(squares.half(0.05)), float(squares.mean)
    found = paired_on_samples(squares, bounds=(0.0, 0.25))
    assert (found.low, found.high) == pytest.approx((max(middle - half, -0.25), min(middle + half, 0.25)))
    over_seeds = paired([0.0, 1.0, 0.9], [0.0, 0.1, 0.0], bounds=(0.0, 1.0))
    assert over_seeds.low > -1 and over_seeds.high == 1


def test_shares_are_less_sure_than_other_scores() -> None:
    a, b = (A > 0).astype(float), (B > 0).astype(float)
    assert differences(a, b, share=True).samples == 60.5 and differences(a, b, share=False).samples == 60


def test_no_difference_anywhere() -> None:
    found = paired_on_samples(differences(A, A, share=False))
    assert (
        (found.difference, found.t, found.p) == (0, 0, 1) and math.isnan(found.effect) and math.isnan(found.detectable)
    )


def test_tables_of_two_sizes_and_no_tables_are_refused() -> None:
    for a, b, shapes in ((A, B[:3], "(4, 60) and (3, 60)"), (A[0], B[0], "(60,) and (60,)")):
        with pytest.raises(MetricError, match=re.escape(f"got {shapes}")):
            differences(a, b, share=False)
