"""Shapley value: what each modality adds, averaged over every order in which they could join.

    phi_m = sum over S without m of  |S|! (M - |S| - 1)! / M!  (v(S + m) - v(S))        unit of v
    sum_m phi_m = v(all) - v(none)

v(S) is the accuracy (or any value) when only the modalities in S speak. What the others do instead, absent, zero or dealt
out at random, is the baseline: the caller chooses it and names it, for the answer depends on it.

Shapley, A value for n-person games, 1953; for modalities Hu et al., SHAPE, 2022. https://arxiv.org/abs/2205.00302
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import combinations
from math import factorial

from core.errors import MetricError
from core.metrics.check import settled


def shapley(value: Callable[[frozenset[str]], float], modalities: Sequence[str]) -> dict[str, float]:
    """Asks `value` once for each of the 2^M coalitions, the empty one included."""
    count = len(modalities)
    coalitions = [frozenset(s) for size in range(count + 1) for s in combinations(modalities, size)]
    if len(set(modalities)) != count:
        raise MetricError(
            "metric_values", metric="Shapley value", name="modalities", expected="different", actual=modalities
        )
    worth = {s: settled("Shapley value", float(value(s))) for s in coalitions}
    weight = [factorial(size) * factorial(count - size - 1) / factorial(count) for size in range(count)]
    return {m: sum(weight[len(s)] * (worth[s | {m}] - worth[s]) for s in coalitions if m not in s) for m in modalities}
