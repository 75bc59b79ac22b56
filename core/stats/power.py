"""The smallest difference that could have been shown: where the whole procedure finds it with probability `power`.

The whole procedure is every pair's test and Holm's correction over all of them. One method truly differs by delta from all
others, which are equal; power is the share of its pairs that are then called different. delta is found by simulation of what
the tests are made of, not of scores: with methods alike and independent,

    means      m_k ~ Normal(0 or delta, Var / 2)
    squares    W_seed, W_sample, W_rest ~ Wishart of as many degrees as there are, a pair's are c' W c with c = e_a - e_b

The same draws serve every delta (common random numbers), so that power grows smoothly in delta and a root search finds it. The
answer is a number of standard errors; it is kept for each number of seeds, samples and methods and each mixture of luck.

For two methods over seeds alone t is non-central t, and delta is exact.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from itertools import combinations

import numpy as np
from scipy import optimize, special

from core.stats import mixture
from core.stats.crossed import Squares
from core.stats.interval import critical

_POINTS = 4096  # quantiles of a spread: power to about 1e-4
_DRAWS = 6000  # over the pairs of one method: power to about .005
_GRID = 0.125  # of the mixture's two log2 ratios
_FLOOR = -8.0  # log2: a part of the luck below 1/256 of the whole is none


def smallest_detectable(sd: float, n: int, alpha: float = 0.05, power: float = 0.8, methods: int = 2) -> float:
    """The true difference that n >= 2 seeds, whose paired differences spread by sd, would show; unit of sd.

    methods: how many are compared, pair by pair, with Holm's correction.
    """
    factor = _noncentrality(n - 1, alpha, power) if methods <= 2 else _over_seeds(n, methods, alpha, power)
    return factor * sd / math.sqrt(n)


def detectable(
    squares: Squares, alpha: float = 0.05, power: float = 0.8, methods: int = 2, like: Squares | None = None
) -> float:
    """The same over seeds and samples, from the mean squares of a pair's differences; NaN where nothing varies.

    `like`: mean squares of the same kind that the mixture of luck is taken from. Never less than what this pair would have to
    reach in Holm's first step, so that no difference that was seen and not told is larger.
    """
    if float(squares.variance) == 0:
        return math.nan
    whole = _expected(squares)[2]
    like = like if like is not None and float(like.variance) > 0 else squares
    rest, seed, of_all = _expected(like)
    ratios = (_rounded(rest / of_all), _rounded((seed - rest) / of_all))
    samples = round(2 ** (round(2 * math.log2(like.samples)) / 2))  # its degrees of freedom matter little
    shown = _over_samples(like.seeds, samples, methods, alpha, power, *ratios) * math.sqrt(whole / squares.count)
    return max(shown, float(squares.half(alpha / max(1, math.comb(methods, 2)))))


def _expected(squares: Squares) -> tuple[float, float, float]:
    """(rest, seed, all): mean squares with no part below what it must be, and their sum as Var(mean) S N."""
    rest = float(squares.rest)
    sample, seed = max(float(squares.sample), rest), max(float(squares.seed), rest)
    return rest, seed, seed + sample - rest


def _rounded(share: float) -> float:
    """log2 of a part, on the grid."""
    return max(_FLOOR, _GRID * round(math.log2(share) / _GRID)) if share > 0 else _FLOOR


@lru_cache(maxsize=256)
def _noncentrality(freedom: int, alpha: float, power: float) -> float:
    """The shift c at which |T(freedom, c)| exceeds its limit with probability `power`.

    T = (Z + c) / s with s^2 = chi^2 / freedom, so P(T > t) is the mean of Phi(c - t s) over s, taken at its quantiles.
    scipy's own non-central t gives NaN where few seeds put t at 12.
    """
    limit = critical(freedom, alpha)
    quantile = (np.arange(_POINTS) + 0.5) / _POINTS
    s = np.sqrt(special.chdtri(freedom, quantile) / freedom)

    def short(c: float) -> float:
        return float((special.ndtr(c - limit * s) + special.ndtr(-c - limit * s)).mean()) - power

    high = 1.0
    while short(high) < 0:
        high *= 2
    return float(optimize.brentq(short, 0, high))


@lru_cache(maxsize=256)
def _over_seeds(n: int, methods: int, alpha: float, power: float) -> float:
    """delta in standard errors of a pair's difference, over seeds alone."""
    draw = np.random.default_rng(0)
    draws = _draws(methods)
    errors = np.sqrt(_quadratic(draw, draws, methods, n - 1) / (n - 1))

    def p(difference: np.ndarray) -> np.ndarray:
        result: np.ndarray = 2 * special.stdtr(n - 1, -np.abs(difference) / errors)
        return result

    return _shift(draw, draws, methods, p, alpha, power)


@lru_cache(maxsize=512)
def _over_samples(
    seeds: int, samples: int, methods: int, alpha: float, power: float, rest: float, seed: float
) -> float:
    """Likewise over seeds and samples; rest, seed: log2 of what they are of the variance, that of the mean being 1."""
    of_rest = 2.0**rest if rest > _FLOOR else 0.0
    of_seed = 2.0**seed if seed > _FLOOR else 0.0
    of_sample = max(0.0, 1 - of_rest - of_seed)
    draw = np.random.default_rng(0)
    draws, f, g = _draws(methods), seeds - 1, samples - 1
    left = _quadratic(draw, draws, methods, f * g) / (f * g) * of_rest
    a = _quadratic(draw, draws, methods, f) / f * (of_seed + of_rest)
    sample = _quadratic(draw, draws, methods, g) / g * (of_sample + of_rest)
    b = np.maximum(sample - left, 0)
    whole = np.maximum(a + b, 1e-12)
    table = _Table(f, g)

    def p(difference: np.ndarray) -> np.ndarray:
        mixed = table(np.abs(difference) / np.sqrt(whole), a / whole)
        result: np.ndarray = np.maximum(
            mixed, 2 * special.ndtr(-np.abs(difference) / np.sqrt(np.maximum(sample, 1e-12)))
        )
        return result

    return _shift(draw, draws, methods, p, alpha, power) / math.sqrt(of_rest + of_seed + of_sample)


def _draws(methods: int) -> int:
    """Tables: a method's pairs are averaged, so fewer do where there are more of them."""
    return _DRAWS // max(1, min(3, methods - 1))


def _quadratic(draw: np.random.Generator, draws: int, methods: int, freedom: int) -> np.ndarray:
    """(draws, pairs): c' W c for each pair, W ~ Wishart(freedom, I / 2), so that its expectation is `freedom`."""
    first, second = _pairs(methods)
    if freedom <= methods:
        z = draw.normal(size=(draws, freedom, methods))
        return np.asarray(((z[..., first] - z[..., second]) ** 2).sum(1) / 2)
    lower = np.tril(draw.normal(size=(draws, methods, methods)), -1)  # Bartlett's decomposition
    rows = np.arange(methods)
    lower[:, rows, rows] = np.sqrt(draw.chisquare(freedom - rows, size=(draws, methods)))
    return np.asarray(((lower[:, first] - lower[:, second]) ** 2).sum(2) / 2)


def _pairs(methods: int) -> tuple[np.ndarray, np.ndarray]:
    """The two members of each pair; those of method 0 come first."""
    first, second = zip(*combinations(range(methods), 2), strict=True)
    return np.array(first), np.array(second)


def _shift(
    draw: np.random.Generator,
    draws: int,
    methods: int,
    p: Callable[[np.ndarray], np.ndarray],
    alpha: float,
    power: float,
) -> float:
    """The delta at which the pairs of method 0 are called different with probability `power`, in units of a pair's error."""
    first, second = _pairs(methods)
    means = draw.normal(size=(draws, methods)) * math.sqrt(0.5)
    base = means[:, first] - means[:, second]
    differs = (first == 0).astype(float)

    def found(delta: float) -> float:
        return float(_called(p(base + delta * differs), alpha)[:, : methods - 1].mean())

    low, high = 0.0, 4.0
    while found(high) < power:
        low, high = high, 2 * high
    return float(optimize.brentq(lambda delta: found(delta) - power, low, high, xtol=1e-2, rtol=2e-3))


def _called(p: np.ndarray, alpha: float) -> np.ndarray:
    """(draws, pairs) -> which are below alpha after Holm's correction."""
    ordered = np.sort(p, 1)
    passes = np.minimum.accumulate(ordered < alpha / np.arange(p.shape[1], 0, -1), 1)
    count = passes.sum(1)
    last = np.take_along_axis(ordered, np.maximum(count - 1, 0)[:, None], 1)
    return np.asarray((p <= last) & (count > 0)[:, None])


class _Table:
    """`mixture.two_sided` for one pair of degrees of freedom, read between the nodes of a grid: it is asked 10^6 times."""

    def __init__(self, few: int, many: int) -> None:
        self.x, self.w, self.log = _table(few, many)

    def __call__(self, x: np.ndarray, share: np.ndarray) -> np.ndarray:
        """P(|law| > x) of the same shape, to about a percent."""
        row = np.clip(np.log1p(x) / self.x, 0, len(self.log) - 1.001)
        column = np.clip(share / self.w, 0, self.log.shape[1] - 1.001)
        i, j = row.astype(int), column.astype(int)
        u, v = row - i, column - j
        above = self.log[i, j] * (1 - v) + self.log[i, j + 1] * v
        below = self.log[i + 1, j] * (1 - v) + self.log[i + 1, j + 1] * v
        return np.asarray(np.exp(above * (1 - u) + below * u))


@lru_cache(maxsize=32)
def _table(few: int, many: int) -> tuple[float, float, np.ndarray]:
    """Steps of log(1 + x) and of w, and log p on their grid."""
    x, w = np.linspace(0, 6, 97), np.linspace(0, 1, 33)
    p = mixture.two_sided(np.expm1(x)[:, None], w[None, :], few, min(many, 10**6))
    return float(x[1]), float(w[1]), np.log(np.maximum(p, 1e-290))
