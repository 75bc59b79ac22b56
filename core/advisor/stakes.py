"""Expected loss: how many points of accuracy deciding by the best sum of logits would cost, and how certain that is.

    p(y | x1, x2) ~ Dirichlet(k q*(y | x1, x2) + counts)       q*: the best late table, as far as the counts allow it
    k               by evidence: the largest prod over cells of Dirichlet-multinomial(counts | k q*), over a grid
    loss            accuracy of max_y p  -  accuracy of deciding by the best late table of p
    points = mean loss over draws,   chance = share of draws with a loss above one point

A large k says that the counts look late, and the draws then stay late; so an interaction is not read out of noise. The
counted loss is 0 or more even where nothing is lost: whoever picks the best of noisy cells wins.

Good, The Estimation of Probabilities, 1965 (k by evidence).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from core.metrics.late_price import best_late

POINT = 0.01
_DRAWS = 200
_GRID = np.geomspace(1, 1e5, 41)
_NEVER = 1e-6  # probability that q* may rule out for good


@dataclass(frozen=True)
class Stakes:
    """points: a share of 1; chance: 0..1."""

    points: float
    chance: float


def stakes(counts: np.ndarray, late: np.ndarray, rng: np.random.Generator) -> Stakes:
    """counts (A, B, C), late (A, B, C) their best late table."""
    prior = np.maximum(late, _NEVER / late.size)
    prior = prior / prior.sum(2, keepdims=True)
    weight = _GRID[int(np.argmax([_evidence(counts, k * prior) for k in _GRID]))]
    drawn = rng.standard_gamma(weight * prior + counts, size=(_DRAWS, *counts.shape))
    world = drawn / drawn.sum(3, keepdims=True) * (counts.sum(2) / counts.sum())[None, ..., None]
    lost = accuracy_lost(world, best_late(world, quick=True))
    return Stakes(float(lost.mean()), float((lost > POINT).mean()))


def accuracy_lost(p: np.ndarray, late: np.ndarray) -> np.ndarray:
    """p, late (..., A, B, C): how much more often the best reader is right than one who decides by `late`."""
    decided = np.take_along_axis(p, late.argmax(-1)[..., None], -1)[..., 0]
    result: np.ndarray = (p.max(-1) - decided).sum((-2, -1))
    return result


def _evidence(counts: np.ndarray, strength: np.ndarray) -> float:
    """Log of the Dirichlet-multinomial probability of all cells' counts, but for a constant."""
    total = strength.sum(2)
    cells = special.gammaln(total) - special.gammaln(total + counts.sum(2))
    return float(cells.sum() + (special.gammaln(strength + counts) - special.gammaln(strength)).sum())
