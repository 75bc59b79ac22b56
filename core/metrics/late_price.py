"""The price of late fusion: the bits that every sum of two experts' logits must lose, however well it is trained.

    late      log q(y | x1, x2) = f1(x1, y) + f2(x2, y) + g(x1, x2)       logits add up; g only normalises
    D         = KL(p || q*),   q* the table of largest entropy that has p's marginals (x1, x2), (x1, y), (x2, y)
    best late cross-entropy = H(Y | X1, X2) + D

The family is the log-linear model with pairwise terms: softmax(f1 + f2), f1 and f2 of any shape and trained together. What D
does not speak of: a weighted average of the experts' probabilities is no such sum, and may lose less (where the label follows
one side or the other by a coin it loses nothing, and D was up to .08 bits); a vote or a maximum neither. And it is what the
best sum reaches: experts that learn apart, whose logits or probabilities are added afterwards, may lose far more.

q* is the best such q, and is found by iterative proportional fitting: scale a table to one marginal after another until
all agree. D is not synergy: AND has half a bit of synergy and costs a sum of logits nothing; XOR costs a whole bit.

Where p is 0, q* may have to be 0 as well although each marginal allows it, and the scaling would crawl towards it. Such
cells are found by linear programming (no table with these marginals fills them) and emptied first.

Csiszar, I-divergence geometry, 1975; Amari, Information geometry on hierarchy of probability distributions, 2001.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize, sparse

from core.metrics.information import conditional_entropy, divergence, joint

_PAIRS = (-3, -2, -1)  # summing over one axis leaves a pairwise marginal
_EXACT = 1e-9  # total error of the marginals
_QUICK = 1e-4
_ROUNDS = 300  # before cells are suspected; ordinary tables need 5 to 50
_LAST = 20_000
_FILLED = 1e-9


def late_price(p: ArrayLike) -> float:
    """p (A, B, C) -> D in bits, 0 or more. Raises MetricError if p is no joint distribution."""
    table = joint(p)
    return float(prices(table, best_late(table)))


def prices(p: np.ndarray, q: np.ndarray) -> np.ndarray:
    """p, q = best_late(p) (..., A, B, C) -> (...) bits."""
    result: np.ndarray = np.maximum(0, divergence(p, q))
    return result


def late_cross_entropy(p: ArrayLike) -> float:
    """p (A, B, C) -> the least cross-entropy, in bits, that a sum of two experts' logits reaches on it."""
    table = joint(p)
    return conditional_entropy(table) + late_price(table)


def best_late(p: ArrayLike, quick: bool = False) -> np.ndarray:
    """p (..., A, B, C) -> q* of the same shape; leading axes are a batch of joints.

    quick: stop at the first four digits and let slow tables be. Their price is then up to 5e-4 bits too high (AND).
    """
    table = joint(p, batched=True)
    flat = table.reshape(-1, *table.shape[-3:])
    q, settled = _fit(flat, np.ones(flat.shape), _ROUNDS, _QUICK if quick else _EXACT)
    for row in () if quick else np.flatnonzero(~settled):
        start = 1.0 - _always_empty(flat[row])
        q[row] = _fit(flat[row : row + 1], start[None], _LAST, _EXACT)[0][0]
    return q.reshape(table.shape)


def _fit(p: np.ndarray, start: np.ndarray, rounds: int, exact: float) -> tuple[np.ndarray, np.ndarray]:
    """q (N, A, B, C) and which of them agree with p's pairwise marginals."""
    wanted = [p.sum(axis, keepdims=True) for axis in _PAIRS]
    q, settled = start / start.sum((1, 2, 3), keepdims=True), np.zeros(len(p), bool)
    for _ in range(rounds):
        for axis, marginal in zip(_PAIRS, wanted, strict=True):
            q = q * _ratio(marginal, q.sum(axis, keepdims=True))
        settled = (
            sum(np.abs(q.sum(axis, keepdims=True) - m).sum((1, 2, 3)) for axis, m in zip(_PAIRS, wanted, strict=True))
            < exact
        )
        if settled.all():
            break
    return q, settled


def _ratio(wanted: np.ndarray, found: np.ndarray) -> np.ndarray:
    result: np.ndarray = np.divide(wanted, found, out=np.zeros_like(wanted), where=found > 0)
    return result


def _always_empty(p: np.ndarray) -> np.ndarray:
    """(A, B, C) bool: cells that are 0 in every table with p's pairwise marginals."""
    sums = sparse.vstack([_summing(p.shape, axis) for axis in range(3)]).tocsr()
    wanted = sums @ p.ravel()
    empty = p.ravel() == 0
    while empty.any():
        most = optimize.linprog(-empty.astype(float), A_eq=sums, b_eq=wanted)
        if most.x is None:  # rounding made the marginals contradict each other: nothing is proven
            return np.zeros(p.shape, bool)
        filled = empty & (most.x > _FILLED)
        if not filled.any():
            break
        empty &= ~filled
    result: np.ndarray = empty.reshape(p.shape)
    return result


def _summing(shape: tuple[int, ...], axis: int) -> sparse.coo_array:
    """The matrix that sums a flattened table over one axis."""
    cell = np.arange(np.prod(shape)).reshape(shape)
    kept = np.delete(shape, axis)
    row = np.broadcast_to(np.expand_dims(np.arange(np.prod(kept)).reshape(kept), axis), shape)
    return sparse.coo_array((np.ones(cell.size), (row.ravel(), cell.ravel())), shape=(int(np.prod(kept)), cell.size))
