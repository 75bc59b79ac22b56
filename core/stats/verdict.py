"""The verdict on several methods: which are better than which, and where these seeds do not decide.

Every pair is compared on the seeds that both have (`paired`), over their test samples too where the score of every sample
is known, and the p of all pairs are corrected together (`holm`). Below alpha a pair reads "better" or "worse", seen from its
first method; else "cannot tell", with a reason:

    few_seeds   fewer than two seeds in common
    constant    neither method varies over the seeds and the scores of the samples are not known: luck cannot be judged
    equal       the same on every seed, and on every sample where these are known
    no_spread   the values vary and their difference does not: only its sign was tested
    holm        below alpha alone, but not among this many comparisons
    spread      the difference is within what luck can do

The data are plain JSON (what cannot be known is None), so that a language catalogue can make its own sentences.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import combinations
from typing import Any, cast

import numpy as np

from core.compare.types import Outcome, Pair, Reason, Spread, Verdict, Word
from core.stats.crossed import Squares, pooled
from core.stats.holm import holm
from core.stats.interval import UNBOUNDED, Bounds, Interval, interval, sampled_interval
from core.stats.paired import SAMPLES, SEEDS, Paired, differences, paired, paired_on_samples

Values = Sequence[float | None] | Mapping[int, float | None]
BySeed = Mapping[int, np.ndarray]  # seed -> (N,) the score of each test sample; its mean is the seed's value
OPPOSITE: dict[Word, Word] = {"better": "worse", "worse": "better", "cannot tell": "cannot tell"}


@dataclass(frozen=True)
class Scores:
    """The score of every test sample, of the methods' runs that kept theirs; share: they lie in 0..1, as right or wrong."""

    of: Mapping[str, BySeed] = field(default_factory=dict)
    share: bool = True

    def table(self, name: str, seeds: Sequence[int]) -> np.ndarray | None:
        """(S, N) of these seeds; None where one is missing, or there are fewer than two of either."""
        rows = [self.of.get(name, {}).get(seed) for seed in seeds]
        known = [row for row in rows if row is not None]
        if len(known) < len(rows) or len(rows) < 2 or len({row.shape for row in known}) > 1 or len(known[0]) < 2:
            return None
        return np.stack(known).astype(float)


@dataclass(frozen=True)
class _Rules:
    """What holds for all methods and pairs of a verdict."""

    scores: Scores
    bounds: Bounds
    higher_is_better: bool
    alpha: float
    power: float


def verdict(
    values: Mapping[str, Values],
    higher_is_better: bool = True,
    alpha: float = 0.05,
    power: float = 0.8,
    scores: Scores | None = None,
    bounds: Bounds = UNBOUNDED,
) -> Verdict:
    """values: method -> value of seed 0, 1, ... or seed -> value; None, NaN and infinite ones count as missing.

    methods   name -> {n, mean, sd, low, high, over} over all seeds that it has
    left_out  methods without a single value
    pairs     [{a, b, n, difference (a - b), low, high, p, p_holm, effect, detectable, over, verdict, reason}]
    best      methods that no other is better than, the best mean first
    leader    the first of them; None without values
    rivals    the leader's pair with each other method, the leader as its a
    outcome   "best" (one is better than all others), "several" (some are beaten), "cannot tell", "one method", "no values"

    `over` is "seeds and samples" where the scores of all the seeds concerned are known, else "seeds". `bounds`: what the values
    can be at all. Intervals are each pair's own at alpha, not corrected: they describe, p_holm decides. `detectable` is of the
    whole procedure: the true difference that a method which differs from all others would show with probability `power`.
    """
    rules = _Rules(scores or Scores(), bounds, higher_is_better, alpha, power)
    table = {name: _by_seed(found) for name, found in values.items()}
    left_out = [name for name, found in table.items() if not found]
    table = {name: found for name, found in table.items() if found}
    duels = _duels(table, rules)
    corrected = holm([duel.p for duel in duels.values()])
    pairs = [_pair(a, b, duel, p, rules) for ((a, b), duel), p in zip(duels.items(), corrected, strict=True)]
    methods = {name: spread(found, name, rules.scores, alpha, bounds) for name, found in table.items()}
    ahead = sorted(table, key=lambda name: cast(float, methods[name]["mean"]), reverse=higher_is_better)
    beaten = {p["b"] if p["verdict"] == "better" else p["a"] for p in pairs if p["reason"] is None}
    best = [name for name in ahead if name not in beaten]
    leader = next(iter((*best, *ahead)), None)
    return {
        "higher_is_better": higher_is_better,
        "alpha": alpha,
        "power": power,
        "methods": methods,
        "left_out": left_out,
        "pairs": pairs,
        "best": best,
        "leader": leader,
        "rivals": [_seen_from(pair, leader) for pair in pairs if leader in (pair["a"], pair["b"])],
        "outcome": _outcome(table, pairs, best),
    }


def spread(
    found: Mapping[int, float], name: str, scores: Scores, alpha: float = 0.05, bounds: Bounds = UNBOUNDED
) -> Spread:
    """One method over its seeds; seeds without any spread of their own give no interval over seeds."""
    own_interval = interval(list(found.values()), alpha, bounds)
    kept = scores.table(name, sorted(found))
    if kept is not None:
        low, high = sampled_interval(kept, scores.share, alpha, bounds)
        own_interval = Interval(own_interval.n, own_interval.mean, own_interval.sd, low, high)
    elif own_interval.sd == 0:
        own_interval = Interval(own_interval.n, own_interval.mean, own_interval.sd, math.nan, math.nan)
    return cast(Spread, {**_plain(asdict(own_interval)), "over": SEEDS if kept is None else SAMPLES})


def _seen_from(pair: Pair, first: str | None) -> Pair:
    """The pair with this method as its a, whichever way round it stands."""
    if pair["a"] == first:
        return pair
    return {
        **pair,
        "a": pair["b"],
        "b": pair["a"],
        "difference": _minus(pair["difference"]),
        "effect": _minus(pair["effect"]),
        "low": _minus(pair["high"]),
        "high": _minus(pair["low"]),
        "verdict": OPPOSITE[pair["verdict"]],
    }


def _minus(value: float | None) -> float | None:
    return None if value is None else -value


def _by_seed(found: Values) -> dict[int, float]:
    items = found.items() if isinstance(found, Mapping) else enumerate(found)
    return {seed: float(value) for seed, value in items if value is not None and math.isfinite(value)}


def _duels(table: Mapping[str, dict[int, float]], rules: _Rules) -> dict[tuple[str, str], Paired]:
    """Every pair. What power they had is judged by the luck of all of them: one pair's own is known from few seeds."""
    seeds = {(a, b): sorted(table[a].keys() & table[b].keys()) for a, b in combinations(table, 2)}
    found = {pair: _differences(*pair, common, rules.scores) for pair, common in seeds.items()}
    like = pooled([one for one in found.values() if one is not None])
    duels = {}
    for (a, b), squares in found.items():
        if squares is not None:
            duel = paired_on_samples(squares, rules.alpha, rules.power, len(table), rules.bounds, like)
        else:
            values = [[table[name][seed] for seed in seeds[a, b]] for name in (a, b)]
            duel = paired(values[0], values[1], rules.alpha, rules.power, len(table), rules.bounds)
        duels[a, b] = duel
    return duels


def _differences(a: str, b: str, seeds: Sequence[int], scores: Scores) -> Squares | None:
    """None where the scores of some run are not known, or are of other samples."""
    first, second = scores.table(a, seeds), scores.table(b, seeds)
    if first is None or second is None or first.shape != second.shape:
        return None
    return differences(first, second, scores.share)


def _pair(a: str, b: str, duel: Paired, p_holm: float, rules: _Rules) -> Pair:
    word, reason = "cannot tell", _reason(duel, p_holm, rules.alpha)
    if reason is None:
        word = "better" if (duel.difference > 0) == rules.higher_is_better else "worse"
    figures = {key: value for key, value in asdict(duel).items() if key not in ("sd", "t", "constant")}
    named = {"a": a, "b": b, **_plain(figures), "p_holm": _finite(p_holm), "verdict": word, "reason": reason}
    return cast(Pair, named)


def _reason(duel: Paired, p_holm: float, alpha: float) -> Reason | None:
    """Why a pair cannot be told apart; None where it can."""
    if duel.n < 2:
        return "few_seeds"
    if p_holm < alpha:
        return None
    if duel.over == SEEDS and duel.sd == 0:
        return "equal" if duel.difference == 0 and not duel.constant else "constant" if duel.constant else "no_spread"
    if duel.p == 1 and duel.sd == 0:
        return "equal"
    return "holm" if duel.p < alpha else "spread"


def _outcome(table: Mapping[str, Any], pairs: list[Pair], best: list[str]) -> Outcome:
    if len(table) < 2:
        return "one method" if table else "no values"
    if all(pair["reason"] is not None for pair in pairs):
        return "cannot tell"
    decided = [pair for pair in pairs if pair["reason"] is None and best[:1] in ([pair["a"]], [pair["b"]])]
    return "best" if len(decided) == len(table) - 1 else "several"


def _plain(figures: Mapping[str, Any]) -> dict[str, Any]:
    return {key: _finite(value) for key, value in figures.items()}


def _finite(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value
