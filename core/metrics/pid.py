"""Information decomposition: what two modalities tell about the label redundantly, uniquely, and only together.

    Delta = {q : q(x1, y) = p(x1, y), q(x2, y) = p(x2, y)}
    I*    = min over Delta of I_q(Y; X1, X2)                       what the sides tell if nothing hides in their joint
    redundancy R = I(Y; X1) + I(Y; X2) - I*      unique U1 = I* - I(Y; X2),  U2 = I* - I(Y; X1)
    synergy    S = I(Y; X1, X2) - I*             so that R + U1 + U2 + S = I(Y; X1, X2)

I* is found by alternating two exact minimisations (mirror descent with step 1 of sum q log q / (r(x1, x2) p(y))):

    q_y <- the table closest to r with rows p(x1 | y) and columns p(x2 | y): r u_y v_y by iterative scaling    (C, A, B)
    r   <- r c,   c(x1, x2) = sum_y p(y) u_y(x1) v_y(x2)           the mean of q, log r with Nesterov's momentum

Any u, v prove a bound: I* >= sum p(x1, y) log u + sum p(x2, y) log v - log max c. So the answer comes with its own error.

Bertschinger et al., Quantifying unique information, 2014. https://arxiv.org/abs/1311.2852
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from core.metrics.information import entropy, joint, mutual_information

_SCALINGS = 200
_NEVER = 1e-300
_EXACT = 1e-4  # error of the marginals, of the bits asked for; boundary cases stop at _SCALINGS


@dataclass(frozen=True)
class Decomposition:
    """Bits. `error` bounds how far I* may still be from its minimum: S may be larger, R larger, U1 and U2 smaller by it."""

    redundancy: float
    unique1: float
    unique2: float
    synergy: float
    error: float


def decompose(p: ArrayLike, error: float = 2e-5, rounds: int = 20_000) -> Decomposition:
    """p (A, B, C): the joint of x1, x2 and the label. Stops at `error` bits or after `rounds`.

    Raises MetricError if p is no joint distribution.
    """
    table = joint(p)
    table = table[:, :, table.sum((0, 1)) > 0]
    minimum, gap = _least_information(table, error, rounds)
    first, second = mutual_information(table.sum(1)), mutual_information(table.sum(0))
    both = float(entropy(table.sum(2)) + entropy(table.sum((0, 1))) - entropy(table))
    parts = first + second - minimum, minimum - second, minimum - first, both - minimum
    redundancy, unique1, unique2, synergy = (max(0.0, part) for part in parts)
    return Decomposition(redundancy, unique1, unique2, synergy, gap)


def _least_information(p: np.ndarray, error: float, rounds: int) -> tuple[float, float]:
    """I* in bits, as reached, and the bound on what is left to gain."""
    label = p.sum((0, 1))  # (C,)
    rows, columns = (p.sum(1) / label).T, (p.sum(0) / label).T  # p(x1 | y) (C, A), p(x2 | y) (C, B)
    step = ahead = np.log(np.maximum(np.einsum("ca,cb,c->ab", rows, columns, label), _NEVER))
    v, momentum, value, gap = np.ones_like(columns), 1.0, np.inf, np.inf
    for _ in range(rounds):
        ahead = ahead - special.logsumexp(ahead)
        u, v = _scale(np.exp(ahead), rows, columns, v, _EXACT * error)
        c = np.einsum("c,ca,cb->ab", label, u, v)
        before, value = value, float(label @ (_mean_log(rows, u) + _mean_log(columns, v)))
        gap = max(0.0, float(np.log2(c.max())))
        if gap <= error:
            break
        last, step = step, ahead + np.log(np.maximum(c, _NEVER))
        gained = momentum if value <= before else 1.0  # overshot: start the momentum anew
        momentum = (1 + np.sqrt(1 + 4 * gained**2)) / 2
        ahead = step + (gained - 1) / momentum * (step - last)
    return value, gap


def _scale(
    r: np.ndarray, rows: np.ndarray, columns: np.ndarray, v: np.ndarray, exact: float
) -> tuple[np.ndarray, np.ndarray]:
    """u (C, A), v (C, B) such that r u_y v_y has rows p(x1 | y) and columns p(x2 | y), starting from v."""
    u = np.ones_like(rows)
    for _ in range(_SCALINGS):
        u = _ratio(rows, v @ r.T)
        v = _ratio(columns, u @ r)
        if np.abs(u * (v @ r.T) - rows).max() < exact:
            break
    return u, v


def _ratio(wanted: np.ndarray, found: np.ndarray) -> np.ndarray:
    result: np.ndarray = np.divide(wanted, found, out=np.zeros_like(wanted), where=found > 0)
    return result


def _mean_log(p: np.ndarray, scaling: np.ndarray) -> np.ndarray:
    """(C,) mean of log2 scaling under p (C, A)."""
    result: np.ndarray = (p * np.log2(np.where(scaling > 0, scaling, 1))).sum(1)
    return result
