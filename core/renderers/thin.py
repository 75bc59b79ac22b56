"""Curves too long to draw, made short enough: the lowest and the highest value of each stretch, so that no peak is lost."""

from __future__ import annotations

import numpy as np

from core.renderers.base import Array

POINTS = 256  # a curve at most: more than a card is wide


def stretch(longest: int) -> int:
    """How many values become one stretch (two points) where the longest curve has this many; 1: none is thinned."""
    return 1 if longest <= POINTS else -(-2 * longest // POINTS)


def thin(values: Array, length: int) -> Array:
    """(..., T) -> (..., 2 ceil(T / length)), lowest and highest by turns; the values themselves for a length of 1."""
    if length == 1:
        return values
    missing = -values.shape[-1] % length
    padded = np.concatenate([values, values[..., -1:].repeat(missing, -1)], -1)
    parts = padded.reshape(*values.shape[:-1], -1, length)
    ends = np.stack([parts.min(-1), parts.max(-1)], -1)
    return ends.reshape(*values.shape[:-1], -1)
