"""A fair coin seen through noise, as a small table: what integrals over the noise are made of.

    x     = c t + N(0, 1),   c = -1 / +1                          t: how many deviations lie between a coin's mean and zero
    m     = E[c | x] = tanh(t x),   P(c = 1 | x) = (1 + m) / 2    how sure one may be, and of what
    p(x)  = (phi(x - t) + phi(x + t)) / 2

By symmetry |x| is enough: c and -c are equally sure. Nodes lie STEP apart (trapezoid rule), which errs by about
max over t of exp(-pi^2 / (t STEP) - t^2 / 2), 1e-14 for a step of .1: the integrands are analytic, with their next pole
pi / 2t away. Beyond t = SURE a coin is taken for known; that errs by 1 - Phi(SURE) = 6e-16.

    Trefethen & Weideman, The exponentially convergent trapezoidal rule, 2014. https://doi.org/10.1137/130932132
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

STEP = 0.1
SURE = 8.0
_TAIL = 8.5  # deviations beyond the mean: 2e-17 of the mass lies outside
_NEVER = 1e-18  # weight below which a node is left out


@dataclass(frozen=True)
class NoisyBit:
    """`sureness` (K,) |m| in 0..1, `weight` (K,) its probability, sum 1."""

    sureness: np.ndarray
    weight: np.ndarray


def gaussian(t: float, step: float = STEP) -> NoisyBit:
    """The coin through Gaussian noise; t = 0 tells nothing, infinity tells all."""
    if t > SURE:
        return NoisyBit(np.ones(1), np.ones(1))
    x = np.arange(0, t + _TAIL, step)
    weight = np.exp(-((x - t) ** 2) / 2) + np.exp(-((x + t) ** 2) / 2)
    weight[0] /= 2  # the fold's own node is met once
    weight /= weight.sum()
    kept = weight > _NEVER
    return NoisyBit(np.tanh(t * x[kept]), weight[kept] / weight[kept].sum())


def unknown(m: np.ndarray, flip: float) -> np.ndarray:
    """Bits that are left of a coin flipped with probability `flip`, for one who is sure of the unflipped one by m."""
    return _entropy((1 + (1 - 2 * flip) * m) / 2)


def told(bit: NoisyBit, flip: float) -> float:
    """I(y; x) in bits, y the coin flipped with probability `flip`."""
    return max(0.0, 1 - float(bit.weight @ unknown(bit.sureness, flip)))


def told_of_xor(first: NoisyBit, second: NoisyBit, flip: float) -> float:
    """I(y; x1, x2) in bits, y = a xor b flipped, a seen in x1 and b in x2: E[ab | x1, x2] = m1 m2."""
    left = unknown(np.outer(first.sureness, second.sureness), flip)
    return max(0.0, 1 - float(first.weight @ left @ second.weight))


def right(t: float) -> float:
    """How often the sign of x is the coin: the standard normal distribution function."""
    return 0.5 * math.erfc(-t / math.sqrt(2))


def _entropy(p: np.ndarray) -> np.ndarray:
    """Bits in a coin that falls on one side with probability p."""
    q = 1 - p
    result: np.ndarray = -(p * np.log2(np.maximum(p, 1e-300)) + q * np.log2(np.maximum(q, 1e-300)))
    return result
