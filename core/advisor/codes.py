"""Codes: a modality as one of a few symbols, so that its joint with another and with the label can be counted.

    few distinct rows    each is a code: nothing is lost
    else                 standardise -> principal axes with 99 % of the variance, 16 at most -> k-means (k-means++, Lloyd)
    k                    the smallest that explains 98 % of their variance, at most `most`

The label is not looked at: a code chosen to tell of the label would merge exactly what tells only together with the
other modality (in XOR each side alone tells nothing). What k codes leave unexplained is reported, for an interaction can
hide there.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

_AXES_HOLD = 0.99  # share of variance that the principal axes hold
_ENOUGH = 0.98  # share of theirs that is worth no further code
_STARTS = 10
_ROUNDS = 50
_LEARN = 4000  # rows that the centres are learnt from
_AXES = 16


@dataclass(frozen=True)
class Codes:
    """Each sample's cluster, as a discrete stand-in for a continuous modality."""

    code: np.ndarray  # (N,) 0 .. count - 1
    count: int
    explained: float  # share of the modality's variance between codes, 0..1


def codes(x: np.ndarray, most: int, rng: np.random.Generator) -> Codes:
    """x (N, F) finite features, at most `most` codes."""
    rows, code = np.unique(x, axis=0, return_inverse=True)
    if len(rows) <= most:
        return Codes(code.ravel(), len(rows), 1.0)
    z, kept = _principal(x)
    learn = z[rng.permutation(len(z))[:_LEARN]]
    centres, explained = z.mean(0, keepdims=True), 0.0
    for k in range(2, most + 1):
        centres = min((_kmeans(learn, k, rng) for _ in range(_STARTS)), key=lambda c: _error(learn, c))
        explained = 1 - _error(learn, centres) / learn.var(0).sum()
        if explained >= _ENOUGH:
            break
    return Codes(_nearest(z, centres), len(centres), float(explained * kept))


def _principal(x: np.ndarray) -> tuple[np.ndarray, float]:
    """(N, K) coordinates on the leading principal axes, and the share of variance that they hold."""
    spread = x.std(0)
    z = (x - x.mean(0))[:, spread > 0] / spread[spread > 0]
    value, vector = np.linalg.eigh(z.T @ z / len(z))
    share = value[::-1].cumsum() / value.sum()
    axes = min(int((share < _AXES_HOLD).sum()) + 1, _AXES)
    return z @ vector[:, ::-1][:, :axes], float(share[axes - 1])


def _kmeans(z: np.ndarray, k: int, rng: np.random.Generator) -> np.ndarray:
    """(k, K) centres; each start is drawn with probability proportional to its squared distance from those before."""
    centres = z[rng.integers(len(z), size=1)]
    for _ in range(k - 1):
        far = _distances(z, centres).min(1)
        centres = np.vstack([centres, z[rng.choice(len(z), p=far / far.sum())]])
    for _ in range(_ROUNDS):
        code = _nearest(z, centres)
        size = np.bincount(code, minlength=k)
        sums = np.stack([np.bincount(code, column, k) for column in z.T], 1)
        moved = np.where(size[:, None] > 0, sums / np.maximum(size, 1)[:, None], centres)
        if np.allclose(moved, centres, rtol=0, atol=1e-9):
            break
        centres = moved
    return centres


def _distances(z: np.ndarray, centres: np.ndarray) -> np.ndarray:
    squared = (z**2).sum(1)[:, None] + (centres**2).sum(1) - 2 * z @ centres.T
    result: np.ndarray = np.maximum(squared, 0)
    return result


def _nearest(z: np.ndarray, centres: np.ndarray) -> np.ndarray:
    result: np.ndarray = _distances(z, centres).argmin(1)
    return result


def _error(z: np.ndarray, centres: np.ndarray) -> float:
    return float(_distances(z, centres).min(1).mean())
