"""The distribution of a mean whose variance has two sources, one known from few seeds and one from many samples.

    x = (estimate - truth) / sqrt(a + b)       a, b: the variance that seeds and samples give the estimate, as estimated
    x ~ sqrt(w) T(f) + sqrt(1 - w) T(g)        w = a / (a + b), T: Student's t of f and g degrees of freedom
    P(|x| > c) = E[2 Phi(-c / sqrt(w / s^2 + (1 - w) / r^2))],  s^2 = chi^2(f) / f,  r^2 = chi^2(g) / g

w = 1 is Student's t with f degrees of freedom, w = 0 with g. In between it keeps what an effective number of degrees of
freedom (Satterthwaite 1946) loses where three seeds happen to lie close together: that they know little of their spread.

Behrens 1929; Fisher, The fiducial argument in statistical inference, 1935.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from scipy import special

_NODES, _NODES_OF_MANY = 193, 9
_TAIL = 1e-15  # of the chi^2 that the nodes leave out
_STEPS = 44  # halvings
_MANY = 200  # degrees of freedom from which a chi^2 / g counts as 1


@lru_cache(maxsize=64)
def _spreads(freedom: float) -> tuple[np.ndarray, np.ndarray]:
    """Nodes and weights of s^2 = chi^2(freedom) / freedom: the trapezoid rule over log s^2, exact beyond need."""
    if freedom >= _MANY:
        return np.ones(1), np.ones(1)
    count, tail = (_NODES, _TAIL) if freedom < 30 else (_NODES_OF_MANY, 1e-5)
    half = freedom / 2
    low, high = special.gammaincinv(half, tail) / half, special.gammainccinv(half, tail) / half
    node = np.exp(np.linspace(np.log(low), np.log(high), count))
    weight = np.exp(half * (np.log(node) - node + 1))
    return node, weight / weight.sum()


def two_sided(x: np.ndarray | float, share: np.ndarray | float, few: float, many: float) -> np.ndarray:
    """P(|law| > |x|) of the same shape as x; share: w of each x; few, many: the degrees of freedom f and g."""
    (s2, by_s), (r2, by_r) = _spreads(few), _spreads(many)
    size, w = np.abs(np.asarray(x, float))[..., None, None], np.asarray(share, float)[..., None, None]
    sd = np.sqrt(w / s2[:, None] + (1 - w) / r2)
    tail: np.ndarray = 2 * np.einsum("...ij,i,j->...", special.ndtr(-size / sd), by_s, by_r)
    return tail


def critical(share: np.ndarray | float, few: float, many: float, alpha: float) -> np.ndarray:
    """(...) the x that the law of each share exceeds, up or down, with probability alpha."""
    w = np.asarray(share, float)
    high = np.full(w.shape, max(float(special.stdtrit(f, 1 - alpha / 2)) for f in (few, many)))
    low = np.zeros_like(high)  # no mixture reaches further out than its wider part
    for _ in range(_STEPS):
        middle = (low + high) / 2
        beyond = two_sided(middle, w, few, many) > alpha
        low, high = np.where(beyond, middle, low), np.where(beyond, high, middle)
    return high
