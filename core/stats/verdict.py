"""The verdict on several methods: who is better than whom, and where these seeds cannot tell.

Every pair is compared on the seeds that both have (`paired`), and the p of all pairs are corrected together (`holm`).
Below alpha a pair reads "better" or "worse", seen from its first method; else "cannot tell", with a reason:

    few_seeds   fewer than two seeds in common
    equal       the same values on every seed
    no_spread   the values vary and their difference does not: only its sign was tested
    holm        below alpha alone, but not among this many comparisons
    spread      the difference is within what the seeds' luck can do

The data are plain JSON (what cannot be known is None), so that a language catalogue can make its own sentences.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from itertools import combinations
from typing import Any

from core.stats.holm import holm
from core.stats.interval import interval
from core.stats.paired import Paired, paired

Values = Sequence[float | None] | Mapping[int, float | None]
OPPOSITE = {"better": "worse", "worse": "better", "cannot tell": "cannot tell"}


def verdict(
    values: Mapping[str, Values], higher_is_better: bool = True, alpha: float = 0.05, power: float = 0.8
) -> dict[str, Any]:
    """values: method -> value of seed 0, 1, ... or seed -> value; None, NaN and infinite ones count as missing.

    methods   name -> {n, mean, sd, low, high} over all seeds that it has
    left_out  methods without a single value
    pairs     [{a, b, n, difference (a - b), low, high, p, p_holm, effect, detectable, verdict, reason}]
    best      methods that no other is better than, the best mean first
    leader    the first of them; None without values
    rivals    the leader's pair with each other method, the leader as its a
    outcome   "best" (one is better than all others), "several" (some are beaten), "cannot tell", "one method", "no values"

    Intervals and `detectable` are each pair's own at alpha, not corrected: they describe, p_holm decides.
    """
    table = {name: _by_seed(found) for name, found in values.items()}
    left_out = [name for name, found in table.items() if not found]
    table = {name: found for name, found in table.items() if found}
    duels = {(a, b): _duel(table[a], table[b], alpha, power) for a, b in combinations(table, 2)}
    corrected = holm([duel.p for duel in duels.values()])
    pairs = [
        _pair(a, b, duel, p, higher_is_better, alpha)
        for ((a, b), duel), p in zip(duels.items(), corrected, strict=True)
    ]
    methods = {name: _plain(asdict(interval(list(found.values()), alpha))) for name, found in table.items()}
    ahead = sorted(table, key=lambda name: methods[name]["mean"], reverse=higher_is_better)
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


def _seen_from(pair: dict[str, Any], first: str | None) -> dict[str, Any]:
    """The pair with this method as its a, whichever way round it stands."""
    if pair["a"] == first:
        return pair
    turned = {key: _minus(pair[key]) for key in ("difference", "effect")}
    ends = {"low": _minus(pair["high"]), "high": _minus(pair["low"])}
    return {**pair, **turned, **ends, "a": pair["b"], "b": pair["a"], "verdict": OPPOSITE[pair["verdict"]]}


def _minus(value: float | None) -> float | None:
    return None if value is None else -value


def _by_seed(found: Values) -> dict[int, float]:
    items = found.items() if isinstance(found, Mapping) else enumerate(found)
    return {seed: float(value) for seed, value in items if value is not None and math.isfinite(value)}


def _duel(a: dict[int, float], b: dict[int, float], alpha: float, power: float) -> Paired:
    common = sorted(a.keys() & b.keys())
    return paired([a[seed] for seed in common], [b[seed] for seed in common], alpha, power)


def _pair(a: str, b: str, duel: Paired, p_holm: float, higher_is_better: bool, alpha: float) -> dict[str, Any]:
    word, reason = "cannot tell", _reason(duel, p_holm, alpha)
    if reason is None:
        word = "better" if (duel.difference > 0) == higher_is_better else "worse"
    figures = {key: value for key, value in asdict(duel).items() if key not in ("sd", "t")}
    return {"a": a, "b": b, **_plain(figures), "p_holm": _finite(p_holm), "verdict": word, "reason": reason}


def _reason(duel: Paired, p_holm: float, alpha: float) -> str | None:
    """Why a pair cannot be told apart; None where it can."""
    if duel.n < 2:
        return "few_seeds"
    if p_holm < alpha:
        return None
    if duel.sd == 0:
        return "equal" if duel.difference == 0 else "no_spread"
    return "holm" if duel.p < alpha else "spread"


def _outcome(table: Mapping[str, Any], pairs: list[dict[str, Any]], best: list[str]) -> str:
    if len(table) < 2:
        return "one method" if table else "no values"
    if all(pair["reason"] is not None for pair in pairs):
        return "cannot tell"
    told = [pair for pair in pairs if pair["reason"] is None and best[:1] in ([pair["a"]], [pair["b"]])]
    return "best" if len(told) == len(table) - 1 else "several"


def _plain(figures: Mapping[str, Any]) -> dict[str, Any]:
    return {key: _finite(value) for key, value in figures.items()}


def _finite(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value
