"""Gradient share: how much of the loss's gradient each modality's encoder receives. Plain Python, without torch.

    n_m     = sqrt(sum over encoder m's parameters of |g|^2)         a record holds it as "gradient/<m>"
    share_m = n_m / sum_k n_k                                        sums to 1

A share near 0 while the modality is informative is an under-trained encoder. Wang et al., What makes training multi-modal
classification networks hard?, 2020. https://arxiv.org/abs/1905.12681
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from core.errors import MetricError

PREFIX = "gradient/"  # of a record's keys


def gradient_share(norms: Mapping[str, float]) -> dict[str, float]:
    """norms: modality -> n_m. All 0 gives 0 for each. MetricError for a norm that is negative or not finite."""
    for name, norm in norms.items():
        if not (math.isfinite(norm) and norm >= 0):
            raise MetricError("metric_values", metric="gradient share", name=name, expected="finite, >= 0", actual=norm)
    largest = max(norms.values(), default=0.0)  # divided by first: the sum of large norms overflows
    total = sum(norm / largest for norm in norms.values()) if largest else 0.0
    return {name: norm / largest / total if total else 0.0 for name, norm in norms.items()}


def mean_gradient_share(records: Iterable[Mapping[str, float]]) -> dict[str, float]:
    """The mean share over the records that hold norms which are not all 0; {} where none does."""
    sums: dict[str, float] = {}
    count = 0
    for record in records:
        norms = {key.removeprefix(PREFIX): value for key, value in record.items() if key.startswith(PREFIX)}
        if any(norms.values()):
            count += 1
            for name, share in gradient_share(norms).items():
                sums[name] = sums.get(name, 0.0) + share
    return {name: total / count for name, total in sums.items()}
