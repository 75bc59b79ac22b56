"""EMAP: what is left of a model when all interaction between its modalities is removed from its predictions.

    f(i, j)   (C,)   the model's scores for modality 1 of sample i with modality 2 of sample j
    emap_i  = mean_j f(i, j) + mean_j f(j, i) - mean_{j, k} f(j, k)                     (N, C)
    drop    = accuracy of f(i, i) - accuracy of emap_i

emap is the best sum g1(i) + g2(j) of f over all N^2 pairs. It depends on the scale of f: a sum of logits is a sum no more
once it has become probabilities, nor a mean of probabilities on the scale of their logarithm. So f is to be given on the scale
on which the model decides (`Fusion.decision_scores`). If f is a sum g1(i) + g2(j) there, the projection gives back g1(i) + mean g2 +
mean g1 + g2(i) - mean g1 - mean g2 = f(i, i), and the drop is 0 exactly: differences within float rounding are none.

For M modalities the projection is sum_m mean f(m of sample i, others as dealt) - (M - 1) mean f(all as dealt); all N^M choices
of others are too many, so the means are over K deals, the same ones for every sample and modality. Then it still
gives back every sum exactly; of anything else it is an estimate.

The projection reads what this model does; what the data ask for is the price of late fusion.

Hessel & Lee, Does my multimodal model learn cross-modal interactions?, 2020. https://arxiv.org/abs/2010.06572
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor

from core.errors import MetricError
from core.metrics.accuracy import hits
from core.metrics.check import enough, rows

Scores = Callable[..., Tensor]  # of one tensor of rows (B,) a modality, (B, C)
AT_ONCE = 1000  # rows that the function is asked for
ROUNDING = 64  # times the smallest step of the scores' type at the largest score: sums taken in another order


def emap(scores: Scores | Tensor, count: int) -> tuple[Tensor, Tensor]:
    """The scores f(i, i) (N, C) and their additive projection (N, C), both in double precision.

    scores: all pairs (N, N, C), or a function of rows i (B,) and j (B,) to (B, C); count: N. The function is asked for one
    i and all j at a time, so memory stays at N C.
    """
    if isinstance(scores, Tensor):
        if scores.dim() != 3 or scores.shape[:2] != (count, count):
            expected, actual = f"({count}, {count}, C)", tuple(scores.shape)
            raise MetricError("metric_shape", metric="EMAP", name="scores", expected=expected, actual=actual)
        scores = partial(_look_up, scores)
    enough("EMAP", "scores", count, 1)
    every = torch.arange(count)
    own, first, second, step = [], [], torch.zeros(()), 0.0
    for i in range(count):
        row = scores(torch.full((count,), i), every)  # (N, C)
        step = max(step, _step(row))
        row = row.double()
        own.append(row[i])
        first.append(row.mean(0))
        second = second + row / count
    left = torch.stack(first)
    return _settled(torch.stack(own), left + second - left.mean(0), step)


def emap_dealt(scores: Scores, deals: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """As `emap`, for any number of modalities M. scores: a function of M tensors of rows (B,) to (B, C); deals (M, K): which
    sample each modality comes from in each of K deals."""
    enough("EMAP", "scores", count, 1)
    every = torch.arange(count)
    own = scores(*[every] * len(deals))
    step = _step(own)
    mixed = scores(*deals).double().mean(0)  # (C,)
    projected = torch.zeros_like(own, dtype=torch.double) - (len(deals) - 1) * mixed
    for m in range(len(deals)):
        for some in deals.split(max(1, AT_ONCE // count), 1):
            dealt = [place.repeat_interleave(count) for place in some]
            dealt[m] = every.repeat(some.shape[1])
            asked = scores(*dealt)
            step = max(step, _step(asked))
            projected += asked.double().unflatten(0, (-1, count)).sum(0) / deals.shape[1]
    return _settled(own.double(), projected, step)


def emap_drop(scores: Scores | Tensor, target: Tensor) -> float:
    """Accuracy lost by the projection, target (N,). A share of 1."""
    rows("EMAP", 1, target=target)
    full, additive = emap(scores, len(target))
    rows("EMAP", 2, expected=len(target), scores=full)
    return float(hits(full, target, "EMAP").mean() - hits(additive, target, "EMAP").mean())


def _look_up(pairs: Tensor, i: Tensor, j: Tensor) -> Tensor:
    return pairs[i, j]


def _step(scores: Tensor) -> float:
    """How far apart two neighbouring numbers of this type are, at the largest of these scores."""
    return torch.finfo(scores.dtype).eps * float(scores.abs().max()) if scores.numel() else 0.0


def _settled(full: Tensor, additive: Tensor, step: float) -> tuple[Tensor, Tensor]:
    """Rows that differ by no more than rounding are equal: else it would decide where two classes tie."""
    rows("EMAP", 2, scores=full)
    rows("EMAP", 2, expected=len(full), projection=additive)  # scores elsewhere, or too large to be added
    same = ((full - additive).abs() <= ROUNDING * step).all(1, keepdim=True)
    return full, torch.where(same, full, additive)
