"""Information from counts, with the bias of counting taken off.

A table of N counts looks more surprising than the law behind it: the counted price of late fusion (`late_price`: of the best
sum of logits) is above 0 even where a sum of logits loses nothing. How far, the late world says:

    p~      the counted joint (A, B, C),   q* the best late table of p~
    p_1..   tables of N samples drawn from q*: their true price is 0, their pairwise marginals are p~'s
    price   D(p~) - mean D(p_k)            parts  f(p~) - (mean f(p_k) - f(q*))
    null    the central 95 % of D(p_k) - mean D(p_k);   p value = (1 + #{D(p_k) >= D(p~)}) / (K + 1)

A parametric bootstrap under the null (Efron & Tibshirani, 1993, chapter 16). On the joint of `interactions` with two
samples a cell the price is then right to .00 +- .015 bits; the mean over permuted labels would take .07 too much off.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass

import numpy as np

from core.advisor.stakes import Stakes, stakes
from core.metrics.late_price import best_late, prices
from core.metrics.pid import decompose

WORLDS = 200
_DECOMPOSED = 12  # worlds whose parts are made: each costs a minimisation
_ERROR = 1e-3  # bits, of a part


@dataclass(frozen=True)
class Estimate:
    """Bits, bias taken off (so a little below 0 is possible for nothing). `spread`: sd of each part over the worlds."""

    redundancy: float
    unique1: float
    unique2: float
    synergy: float
    spread: tuple[float, float, float, float]
    price: float
    null: tuple[float, float]
    p_value: float
    stakes: Stakes


def estimate(counts: np.ndarray, rng: np.random.Generator, count: int = WORLDS) -> Estimate:
    """counts (A, B, C) of code 1, code 2 and label; `count` worlds, so that no p value is below 1 / (count + 1)."""
    total = int(counts.sum())
    p = counts / total
    late = best_late(p, quick=True)
    late /= late.sum()
    worlds = rng.multinomial(total, late.ravel(), size=count).reshape(-1, *p.shape) / total
    fitted = best_late(worlds, quick=True)
    measured, chance = float(prices(p, late)), prices(worlds, fitted)
    parts, drawn = _parts(p), np.array([_parts(world) for world in worlds[:_DECOMPOSED]])
    redundancy, unique1, unique2, synergy = parts - (drawn.mean(0) - _parts(late))
    low, high = np.quantile(chance - chance.mean(), (0.025, 0.975))
    return Estimate(
        *(float(redundancy), float(unique1), float(unique2), float(synergy)),
        spread=tuple(drawn.std(0, ddof=1).tolist()),
        price=measured - float(chance.mean()),
        null=(float(low), float(high)),
        p_value=float((1 + (chance >= measured).sum()) / (count + 1)),
        stakes=stakes(counts, late, rng),
    )


def _parts(p: np.ndarray) -> np.ndarray:
    return np.array(astuple(decompose(p, error=_ERROR))[:4])
