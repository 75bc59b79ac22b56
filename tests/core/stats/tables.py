"""Tables of right and wrong answers whose true shares are known, for tests and for `benchmarks/statistics.py`."""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np
from scipy import special, stats

from core.stats.share import difference_squares, share_interval

Case = tuple[int, int, tuple[float, float], float, float]  # seeds, samples, true shares, luck, hard


def answers(
    draw: np.random.Generator,
    tables: int,
    seeds: int,
    samples: int,
    p: tuple[float, ...],
    luck: float = 0.0,
    hard: float = 0.0,
) -> np.ndarray:
    """(T, M, S, N) right or wrong of M methods with these true shares: right where a normal score stays below its cut.

    luck: deviation of the seeds' scores; hard: of the samples', half of it shared by all methods. A score has 1 of its own.
    """
    whole = math.sqrt(1 + luck**2 + hard**2)
    shape = (tables, len(p), seeds, samples)
    score = draw.standard_normal(shape, dtype=np.float32)
    score += luck * draw.standard_normal((*shape[:3], 1), dtype=np.float32)
    share = hard * math.sqrt(0.5)
    score += share * draw.standard_normal((tables, len(p), 1, samples), dtype=np.float32)
    score += share * draw.standard_normal((tables, 1, 1, samples), dtype=np.float32)
    return np.asarray(score < (whole * special.ndtri(p)).astype(np.float32)[:, None, None])


def coverage(case: Case, tables: int, block: int | None = None) -> tuple[float, float]:
    """How often the interval of an accuracy, and of a paired difference, holds the truth; another block draws other tables."""
    seeds, samples, p, luck, hard = case
    more = [] if block is None else [block]
    draw = np.random.default_rng([seeds, samples, int(1000 * p[0]), int(10 * luck), int(10 * hard), *more])
    y = answers(draw, tables, seeds, samples, p, luck, hard)
    low, high = share_interval(y[:, 1].astype(np.float32))
    assert (low >= 0).all() and (high <= 1).all() and (low < high).all()
    found = difference_squares(y[:, 0].astype(np.int8) - y[:, 1].astype(np.int8))
    missed = found.p(found.mean - (p[0] - p[1])) < 0.05
    return float(((low <= p[1]) & (p[1] <= high)).mean()), float(1 - missed.mean())


def false_claims(y: np.ndarray) -> float:
    """(T, M, S, N) of equal methods -> the share of tables with any claim: Holm's first step decides whether there is one."""
    pairs = list(combinations(range(y.shape[1]), 2))
    p = []
    for a, b in pairs:
        found = difference_squares(y[:, a].astype(np.int8) - y[:, b].astype(np.int8))
        p.append(found.p(found.mean))
    return float((np.min(p, 0) < 0.05 / len(pairs)).mean())


def called(x: np.ndarray) -> float:
    """x (T, M, S): the share of method 0's pairs that paired t-tests with Holm's correction call different, by scipy."""
    pairs = list(combinations(range(x.shape[1]), 2))
    p = np.stack([stats.ttest_rel(x[:, a], x[:, b], axis=1).pvalue for a, b in pairs], 1)
    order = p.argsort(1)
    passes = np.take_along_axis(p, order, 1) < 0.05 / np.arange(len(pairs), 0, -1)
    count = np.logical_and.accumulate(passes, 1).sum(1)
    rank = order.argsort(1)
    return float((rank < count[:, None])[:, : x.shape[1] - 1].mean())


def crossed(
    draw: np.random.Generator, shape: tuple[int, int, int, int], parts: tuple[float, float, float]
) -> tuple[np.ndarray, list[float]]:
    """(T, M, S, N) scores of the crossed model, and the mean squares that differences of two methods have on average.

    parts: variance of seeds, samples and the rest in such a difference.
    """
    seed, sample, rest = (math.sqrt(part / 2) for part in parts)
    scores = seed * draw.normal(size=(*shape[:3], 1)) + sample * draw.normal(size=(*shape[:2], 1, shape[3]))
    scores += rest * draw.normal(size=shape)
    return scores, [shape[3] * parts[0] + parts[2], shape[2] * parts[1] + parts[2], parts[2]]
