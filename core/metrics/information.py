"""Information in a table of probabilities, in bits.

    H(X)      = - sum_x p(x) log2 p(x)
    H(Y|X)    = H(X, Y) - H(X)
    I(X; Y)   = H(X) + H(Y) - H(X, Y)

A joint is an array (A, B, C) of p(x1, x2, y), the label last; where a function says so, leading axes are a batch of joints.
Cover & Thomas, Elements of Information Theory, 2006, chapter 2.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from core.errors import MetricError

_EMPTY = 1e-30  # below it a probability is an underflow
_SUM = 1e-6  # how far from 1 a sum of float32 probabilities may be


def joint(p: ArrayLike, batched: bool = False) -> np.ndarray:
    """p (A, B, C) as float64 that sums to exactly 1; a MetricError if it is no distribution over three axes."""
    table = np.asarray(p, float)
    total = table.sum((-3, -2, -1)) if table.ndim >= 3 else table.sum()
    axes = table.ndim >= 3 if batched else table.ndim == 3
    if not (axes and table.size and (table >= 0).all() and np.allclose(total, 1, atol=_SUM)):
        raise MetricError("not_a_joint", axes=3, shape=table.shape, total=np.round(np.mean(total), 6))
    result: np.ndarray = np.where(table < _EMPTY, 0, table) / np.asarray(total)[..., None, None, None]
    return result


def entropy(p: np.ndarray, axes: int | None = None) -> np.ndarray:
    """Bits in p, over its last `axes` axes (all by default); cells of 0 hold none. MetricError for p below 0 or no number."""
    _probabilities("entropy", p)
    terms = -p * np.log2(np.where(p > 0, p, 1))
    result: np.ndarray = terms.sum(None if axes is None else tuple(range(-axes, 0)))
    return result


def mutual_information(p: np.ndarray) -> float:
    """p (A, C) -> I(X; Y) in bits."""
    _whole(p, 2)
    return max(0.0, float(entropy(p.sum(1)) + entropy(p.sum(0)) - entropy(p)))


def conditional_entropy(p: np.ndarray) -> float:
    """p (A, B, C) -> H(Y | X1, X2) in bits: what the best reader of both sides still does not know."""
    _whole(p, 3)
    return max(0.0, float(entropy(p) - entropy(p.sum(2))))


def divergence(p: np.ndarray, q: np.ndarray) -> np.ndarray:
    """KL(p || q) in bits over the last three axes; infinite where q says never and p says sometimes."""
    if p.shape != q.shape:
        raise MetricError("metric_shape", metric="divergence", name="q", expected=p.shape, actual=q.shape)
    _probabilities("divergence", p, q)
    ratio = np.divide(p, q, out=np.full(p.shape, math.inf), where=q > 0)
    result: np.ndarray = (p * np.log2(np.where(p > 0, ratio, 1))).sum((-3, -2, -1))
    return result


def _probabilities(metric: str, *tables: np.ndarray) -> None:
    """MetricError unless all entries are numbers from 0."""
    for p in tables:
        if not (p.size and np.isfinite(p).all() and (p >= 0).all()):
            actual = "NaN, infinity, below 0 or nothing"
            raise MetricError("metric_values", metric=metric, name="p", expected="probabilities", actual=actual)


def _whole(p: np.ndarray, axes: int) -> None:
    """MetricError unless p has so many axes and sums to 1."""
    total = float(p.sum()) if np.issubdtype(p.dtype, np.number) else math.nan
    if p.ndim != axes or not abs(total - 1) < _SUM:
        raise MetricError("not_a_joint", axes=axes, shape=p.shape, total=round(total, 6))
