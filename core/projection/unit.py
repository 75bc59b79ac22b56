"""Rows at length one, whatever size they had: squares of 1e20 or 1e-30 would leave single precision."""

from __future__ import annotations

import numpy as np

Array = np.ndarray


def unit(z: Array) -> Array:
    """Rows of (..., D) at length one in single precision; a row of zeros (an absent modality) stays one.

    Rows are first brought near one by a power of two, which is exact. A row with NaN or infinity stays not finite.
    """
    z = np.asarray(z, np.float32)
    largest = np.abs(z).max(axis=-1, keepdims=True, initial=0)
    _, exponent = np.frexp(np.where(np.isfinite(largest), largest, 1))
    near_one = np.ldexp(z, -exponent)  # the largest of each row in .5 .. 1
    with np.errstate(over="ignore", invalid="ignore"):  # of rows that are not finite, which stay so
        norm = np.linalg.norm(near_one, axis=-1, keepdims=True)
        result: Array = (near_one / np.maximum(norm, 1e-12)).astype(np.float32)
        return result
