"""What a sum of logits must lose on a coin that both sides see, each through noise, some sides missing.

    log q(y | x1, x2) = f1(x1, y) + f2(x2, y) + const       an absent side adds what depends on y alone
    D = min over f1, f2 of  E KL(p(y | x1, x2) || q)        bits

Where the label is the coin itself and nothing is missing D = 0: the sides are independent given the coin, and their
log-odds add up. A flipped coin's do not quite (two sides that agree can be no surer than 1 - e), and a side that must
speak for itself where the other is absent cannot also halve its voice where it is not. By symmetry the best f is odd in x
and the difference of two logits; on the nodes of `noisy_bit` that is a convex problem of some 170 numbers, solved by
Newton's method. On small tables it is `late_price` to the last digits; that one fits its tables too slowly for these.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from core.data.noisy_bit import NoisyBit, gaussian

STEP = 0.2  # of the nodes: errs by 2e-9 at most
_ROUNDS = 60
_RIDGE = 1e-12  # of the Hessian, its diagonal scaled to 1
_ENOUGH = 1e-9  # nats that a Newton step still promises
_STRIDE = 2.0  # the longest step of a logit: farther out a curve without bend would throw it away
_LARGEST = 40.0  # a logit: beyond it a probability rounds to 1


@lru_cache(maxsize=16)
def shared_price(looks: tuple[float, float], both: float, alone: float, flip: float) -> float:
    """D in bits, to 1e-6. looks: t of each side; both, alone: shares of the samples; flip: of the label's coin."""
    if flip >= 0.5 or not both or (flip == 0 and not alone) or min(looks) == 0:
        return 0.0
    return price_of_pair(gaussian(looks[0], STEP), gaussian(looks[1], STEP), both, alone, flip)


def price_of_pair(first: NoisyBit, second: NoisyBit, both: float, alone: float, flip: float) -> float:
    """D in bits for any two looks at a coin."""
    terms = _terms(first, second, both, alone, 1 - 2 * flip)
    f = np.concatenate([_logit((1 + (1 - 2 * flip) * side.sureness) / 2) for side in (first, second)])
    value, ridge = _value(terms, f), _RIDGE * np.eye(len(f))
    for _ in range(_ROUNDS):
        slope, curve = _slopes(terms, f)
        scale = 1 / np.sqrt(np.maximum(curve.diagonal(), 1e-200))
        step = scale * np.linalg.solve(curve * scale * scale[:, None] + ridge, -slope * scale)
        step = np.clip(step, -_STRIDE, _STRIDE)
        promised = -float(slope @ step)
        if promised < _ENOUGH:
            break
        length = 1.0
        while (tried := _value(terms, f + length * step)) > value - 1e-4 * length * promised and length > 1e-6:
            length /= 2
        f, value = f + length * step, min(value, tried)
    return max(0.0, value) / float(np.log(2))


@dataclass(frozen=True)
class _Term:
    """Cases that share a form: the logit is `own` f1 (K1,) plus `other` f2 (K2,), over a table (K1, K2)."""

    own: float
    other: float
    weight: np.ndarray
    p: np.ndarray


def _terms(first: NoisyBit, second: NoisyBit, both: float, alone: float, kept: float) -> list[_Term]:
    """Both sides with equal signs, with unlike ones, each side alone; `kept` = 1 - 2 e of a sureness is left by the flip."""
    a, b = first.sureness[:, None], second.sureness[None, :]
    mass = np.outer(first.weight, second.weight)
    found = []
    for sign in (1.0, -1.0):
        meets = 1 + sign * a * b
        sure = np.divide(a + sign * b, meets, out=np.zeros_like(mass), where=meets > 0)
        found.append(_Term(1.0, sign, both * mass * meets / 2, (1 + kept * sure) / 2))
    ones = np.ones_like(mass)
    found.append(_Term(1.0, 0.0, alone * mass, (1 + kept * a * ones) / 2))
    found.append(_Term(0.0, 1.0, alone * mass, (1 + kept * b * ones) / 2))
    return [term for term in found if term.weight.any()]


def _value(terms: list[_Term], f: np.ndarray) -> float:
    """Nats: the mean of KL(p || q)."""
    total = 0.0
    for term in terms:
        logit = _said(term, f)
        p, q = term.p, 1 - term.p
        loss = p * np.logaddexp(0, -logit) + q * np.logaddexp(0, logit)
        least = -p * np.log(np.maximum(p, 1e-300)) - q * np.log(np.maximum(q, 1e-300))
        total += float((term.weight * (loss - least)).sum())
    return total


def _slopes(terms: list[_Term], f: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Gradient (K,) and Hessian (K, K) of `_value`, K = K1 + K2."""
    split = terms[0].weight.shape[0]
    slope, curve = np.zeros_like(f), np.zeros((len(f), len(f)))
    for term in terms:
        q = (1 + np.tanh(_said(term, f) / 2)) / 2
        off, bend = term.weight * (q - term.p), term.weight * q * (1 - q)
        slope[:split] += term.own * off.sum(1)
        slope[split:] += term.other * off.sum(0)
        curve[:split, :split] += np.diag(term.own**2 * bend.sum(1))
        curve[split:, split:] += np.diag(term.other**2 * bend.sum(0))
        curve[:split, split:] += term.own * term.other * bend
    curve[split:, :split] = curve[:split, split:].T
    return slope, curve


def _said(term: _Term, f: np.ndarray) -> np.ndarray:
    """(K1, K2) the logit of the sum."""
    split = term.weight.shape[0]
    return term.own * f[:split, None] + term.other * f[None, split:]


def _logit(p: np.ndarray) -> np.ndarray:
    odds = np.log(np.maximum(p, 1e-300)) - np.log(np.maximum(1 - p, 1e-300))
    result: np.ndarray = np.clip(odds, -_LARGEST, _LARGEST)
    return result
