"""Holm's correction: many comparisons, and still at most alpha chance of a single false claim.

    sorted p_(1) <= ... <= p_(m)
    p_holm_(i) = max_{j <= i} min(1, (m - j + 1) p_(j))

Holm, A simple sequentially rejective multiple test procedure, 1979. Valid whatever the tests have to do with each other.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def holm(p: Sequence[float]) -> list[float]:
    """p (m,) in any order -> (m,) corrected, in the same order. NaN is no test: it stays NaN and does not count in m."""
    values = np.asarray(p, float)
    tested = np.flatnonzero(~np.isnan(values))
    order = tested[values[tested].argsort(kind="stable")]
    corrected = values.copy()
    factors = np.arange(len(order), 0, -1)
    corrected[order] = np.minimum(1, np.maximum.accumulate(factors * values[order]))
    return [float(value) for value in corrected]
