"""Vectors stand in the index with the digits that count; long ones keep their extremes."""

from __future__ import annotations

import json

import numpy as np
import pytest

from core.renderers import Files, Vector
from core.renderers.thin import POINTS, stretch, thin


def test_vectors_are_short_numbers(files: Files) -> None:
    values = np.float32([0.6660000085830688, -1.23456789, 1e-7, 12345.678])
    entry = Vector.write([Vector(values)], files)
    assert json.dumps(entry) == '{"values": [[0.666, -1.235, 1e-07, 12350.0]]}'


def test_long_vectors_are_thinned_to_what_is_drawn(files: Files) -> None:
    values = np.random.default_rng(0).normal(size=4096)
    (drawn,) = Vector.write([Vector(values)], files)["values"]
    assert len(drawn) <= POINTS and min(drawn) == pytest.approx(values.min(), rel=1e-3)


@pytest.mark.parametrize("length", [1, POINTS, POINTS + 1, 1000, 1001])
def test_no_more_points_than_are_drawn_and_none_below_that_lost(length: int) -> None:
    values = np.arange(float(length))
    drawn = thin(values, stretch(length))
    assert len(drawn) <= POINTS and drawn.min() == 0 and drawn.max() == length - 1
    assert length > POINTS or (drawn == values).all()
