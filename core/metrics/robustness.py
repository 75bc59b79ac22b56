"""Robustness: accuracy over all severities of a corruption, as one number.

    area      = integral of accuracy(s) ds / (s_max - s_min)        trapezoid; the unit of accuracy
    effective = area of  f(s) - [late(s) + f(0) - late(0)]          what f keeps beyond what its better start explains

The area of a broken line does not change when points are added on it. Effective robustness takes the plain late ensemble as
the line to beat (Taori et al., 2020, https://arxiv.org/abs/2007.00644, fit it over many models); f = late gives 0.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.errors import MetricError
from core.metrics.check import settled


def robustness(severity: Sequence[float], accuracy: Sequence[float]) -> float:
    """severity (S,) in any order, accuracy (S,) at each. Needs two severities or more, all different."""
    s, a = np.asarray(severity, float), np.asarray(accuracy, float)
    if s.shape != a.shape or s.ndim != 1:
        raise MetricError("metric_shape", metric="robustness", name="accuracy", expected=s.shape, actual=a.shape)
    if len(s) < 2 or len(np.unique(s)) < len(s):
        raise MetricError(
            "metric_values", metric="robustness", name="severity", expected="two or more, all different", actual=list(s)
        )
    if not (np.isfinite(s).all() and np.isfinite(a).all()):
        raise MetricError(
            "metric_values",
            metric="robustness",
            name="severity and accuracy",
            expected="finite",
            actual="NaN or infinity",
        )
    order = s.argsort()
    with np.errstate(over="ignore", invalid="ignore"):
        return settled("robustness", float(np.trapezoid(a[order], s[order]) / np.ptp(s)))


def effective_robustness(severity: Sequence[float], accuracy: Sequence[float], late: Sequence[float]) -> float:
    """accuracy, late (S,) on the same severities; the least severity stands for the clean data."""
    beyond = robustness(severity, accuracy) - robustness(severity, late)
    clean = int(np.argmin(severity))
    start = np.asarray(accuracy, float)[clean] - np.asarray(late, float)[clean]
    return beyond - float(start)
