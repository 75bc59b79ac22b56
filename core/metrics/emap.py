"""EMAP: what is left of a two-modality model when all interaction is taken out of its answers.

    f(i, j)   (C,)   the model's logits for modality 1 of sample i with modality 2 of sample j
    emap_i  = mean_j f(i, j) + mean_j f(j, i) - mean_{j, k} f(j, k)                     (N, C)
    drop    = accuracy of f(i, i) - accuracy of emap_i

emap is the best sum g1(i) + g2(j) of f over all N^2 pairs, so a model that adds up its experts' logits drops by 0
exactly. The projection reads what this model does; what the data ask for is the price of late fusion.

Hessel & Lee, Does my multimodal model learn cross-modal interactions?, 2020. https://arxiv.org/abs/2010.06572
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor

from core.errors import MetricError
from core.metrics.check import rows

Scores = Callable[[Tensor, Tensor], Tensor]


def emap(scores: Scores | Tensor, count: int) -> tuple[Tensor, Tensor]:
    """The logits f(i, i) (N, C) and their additive projection (N, C).

    scores: all pairs (N, N, C), or a function of rows i (B,) and j (B,) to (B, C); count: N. The function is asked for one
    i and all j at a time, so memory stays at N C.
    """
    if isinstance(scores, Tensor):
        if scores.dim() != 3 or scores.shape[:2] != (count, count):
            expected, actual = f"({count}, {count}, C)", tuple(scores.shape)
            raise MetricError("metric_shape", metric="EMAP", name="scores", expected=expected, actual=actual)
        scores = partial(_look_up, scores)
    every = torch.arange(count)
    own, first, second = [], [], torch.zeros(())
    for i in range(count):
        row = scores(torch.full((count,), i), every).double()  # (N, C)
        own.append(row[i])
        first.append(row.mean(0))
        second = second + row / count
    left = torch.stack(first)
    return torch.stack(own), left + second - left.mean(0)


def emap_drop(scores: Scores | Tensor, target: Tensor) -> float:
    """Accuracy lost by the projection, target (N,). A share of 1."""
    rows("EMAP", 1, target=target)
    full, additive = emap(scores, len(target))
    rows("EMAP", 2, expected=len(target), scores=full)
    right = (full.argmax(1) == target).double().mean() - (additive.argmax(1) == target).double().mean()
    return float(right)


def _look_up(pairs: Tensor, i: Tensor, j: Tensor) -> Tensor:
    return pairs[i, j]
